"""Decides, purely and by the tables below, what Wix's answer to a call means for each item of the call.

If an answer says nothing about an item, the item is tried again under its own key. Reasons repeat only Wix's codes,
field paths and rule names, because descriptions and data may echo a payload.
"""

from __future__ import annotations

from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING

from trigger_provider.adapters.wix.bodies import MOST_DETAILS, at, error_code, members, number, violations, word
from trigger_provider.domain.delivery.results import UNKNOWN_TO_WIX, ItemResult, ResultKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trigger_provider.adapters.wix.http import Reply

# Like `UNKNOWN_TO_WIX`, these are whole reasons: an operator may have to act on them.
FORBIDDEN = "forbidden"
UNAUTHORIZED = "unauthorized"

_LONGEST_REASON = 200


class Operation(StrEnum):
    """What a call asks of Wix."""

    REPORT = "report"
    CANCEL = "cancel"


_Rule = tuple[ResultKind, str]
_REFUSED: _Rule = (ResultKind.REFUSED, "")
_RETRY: _Rule = (ResultKind.RETRY, "")
_UNKNOWN: _Rule = (ResultKind.UNKNOWN, "")
_NOT_KNOWN: _Rule = (ResultKind.DONE, UNKNOWN_TO_WIX)
_ALREADY_PROCESSED = "EVENT_ALREADY_PROCESSED"

# Unlisted 5xx: temporary. Any other unlisted status: undocumented, so retry a few times, then reject.
# 501 to a cancel is refused like 501 to a report: asking again does not make Wix implement it.
_STATUSES: Mapping[int, _Rule] = {
    **dict.fromkeys((400, 404, 409, 428, 501), _REFUSED),
    **dict.fromkeys((408, 425), _RETRY),
    429: (ResultKind.RATE_LIMITED, ""),
    401: (ResultKind.FORBIDDEN, UNAUTHORIZED),
    403: (ResultKind.FORBIDDEN, FORBIDDEN),
}
# Wix says these in JSON. An answer that is no JSON comes from a proxy, and says nothing about event or site.
_SAID_BY_WIX = {400, 403, 404, 409, 428, 501}
# One item of a bulk call may be the reason.
_PERHAPS_ONE_ITEM = {HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_REQUIRED}
_OUR_FAULT = ("SCHEMA_VALIDATION_FAILED", "REQUIRED_PROPERTY", "INVALID_ARGUMENT", "OUT_OF_RANGE")
_NOT_IN_THIS_STATE = ("FAILED_PRECONDITION", "NOT_FOUND", "ALREADY_EXISTS", "UNIMPLEMENTED")
_PASSING = ("RESOURCE_EXHAUSTED", "UNAVAILABLE", "INTERNAL", "DEADLINE_EXCEEDED", "ABORTED", "CANCELLED", "UNKNOWN")
# PERMISSION_DENIED and UNAUTHENTICATED suspend no site: Wix accepted the call around the item.
_CODES: Mapping[str, _Rule] = {
    **dict.fromkeys(_OUR_FAULT + _NOT_IN_THIS_STATE, _REFUSED),
    **dict.fromkeys(_PASSING, _RETRY),
    "UNAUTHENTICATED": (ResultKind.RETRY, UNAUTHORIZED),
    "PERMISSION_DENIED": (ResultKind.RETRY, FORBIDDEN),
}
_OWN_STATUSES: Mapping[tuple[Operation, int], _Rule] = {(Operation.CANCEL, 404): _NOT_KNOWN}
_OWN_CODES: Mapping[tuple[Operation, str], _Rule] = {
    (Operation.CANCEL, "NOT_FOUND"): _NOT_KNOWN,
    (Operation.REPORT, _ALREADY_PROCESSED): (ResultKind.DONE, ""),
}


def read_results(operation: Operation, reply: Reply, items: int) -> list[ItemResult]:
    """Return one result for each item. The single route answers a call of one item, the bulk route all others."""
    if reply.status != HTTPStatus.OK:
        return _read_failed_call(operation, reply, items)
    if not isinstance(reply.body, dict):
        return [_answer(reply, _RETRY, "wix 200 without a JSON object")] * items
    return _bulk(operation, reply, items) if items > 1 else [_done(reply, reply.body)]


def blames_no_item(reply: Reply) -> bool:
    """Return whether Wix refused a call for its size, or for a reason that names no item.

    Wix documents that each item of a bulk call fails on its own. It also documents answers that are only a message.
    """
    if reply.status not in _PERHAPS_ONE_ITEM:
        return reply.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return isinstance(reply.body, dict) and not any(violations(reply.body))


def _read_failed_call(operation: Operation, reply: Reply, items: int) -> list[ItemResult]:
    code, broken = error_code(reply.body), list(violations(reply.body))
    rule = _OWN_STATUSES.get((operation, reply.status)) or _STATUSES.get(reply.status)
    rule = rule or (_RETRY if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR else _UNKNOWN)
    if reply.status in _SAID_BY_WIX and not isinstance(reply.body, dict):
        return [_answer(reply, _RETRY, f"wix {reply.status} without a JSON object")] * items
    if rule == _REFUSED and operation is Operation.REPORT and items == 1 and code == _ALREADY_PROCESSED:
        rule = _OWN_CODES[operation, code]
    blamed = {item for item, _ in broken if item is not None and item < items and rule == _REFUSED}

    def result_of(index: int) -> ItemResult:
        if blamed and index not in blamed:
            return _answer(reply, _RETRY, f"wix {reply.status} because of a neighbour")
        rules = (text for item, text in broken if item in (None, index))
        return _answer(reply, rule, " ".join(filter(None, (f"wix {reply.status}", code, *rules))))

    return [result_of(index) for index in range(items)]


def _bulk(operation: Operation, reply: Reply, items: int) -> list[ItemResult]:
    unknown = _answer(reply, _RETRY, "wix gave no result")
    by_index: dict[int | None, ItemResult] = {}
    for result in members(at(reply.body, "results")):
        if isinstance(meta := at(result, "itemMetadata"), dict):
            index, answer = number(at(meta, "originalIndex")), _item(operation, reply, result) or unknown
            # Contradictory results say nothing about the item.
            by_index[index] = answer if by_index.get(index, answer) == answer else unknown
    return [by_index.get(index, unknown) for index in range(items)]


def _item(operation: Operation, reply: Reply, result: object) -> ItemResult | None:
    """Read one result. A failure without a code is one of the `undetailedFailures`, and says nothing about the item."""
    if at(result, "itemMetadata", "success") is True:
        return _done(reply, result)
    code = word(at(result, "itemMetadata", "error", "code"))
    rule = _OWN_CODES.get((operation, code)) or _CODES.get(code, _UNKNOWN)
    return _answer(reply, rule, f"wix item {code}") if code else None


def _done(reply: Reply, result: object) -> ItemResult:
    ids = members(at(result, "activationIds"))[:MOST_DETAILS]
    return ItemResult(ResultKind.DONE, "wix 200", reply.request_id, tuple(filter(None, map(word, ids))))


def _answer(reply: Reply, rule: _Rule, text: str) -> ItemResult:
    kind, meaning = rule
    wait = reply.retry_after if kind in (ResultKind.RETRY, ResultKind.UNKNOWN, ResultKind.RATE_LIMITED) else None
    return ItemResult(kind, meaning or text[:_LONGEST_REASON], reply.request_id, retry_after=wait)
