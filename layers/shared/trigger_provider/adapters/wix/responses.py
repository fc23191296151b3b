"""Decides, purely and by the tables below, what Wix's answer to a call means for each item of the call.

If an answer says nothing about an item, the item is tried again under its own key. Reasons repeat only Wix's codes,
field paths and rule names, because descriptions and data may echo a payload.
"""

from __future__ import annotations

from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING

from trigger_provider.adapters.wix.bodies import MOST_DETAILS, at, error_code, members, number, violations, word
from trigger_provider.domain.delivery.results import FORBIDDEN_WITHOUT_CODE, UNKNOWN_TO_WIX, ItemResult, ResultKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trigger_provider.adapters.wix.http import Reply

# Like `UNKNOWN_TO_WIX`, these are whole reasons: an operator may have to act on them.
FORBIDDEN = "forbidden"
UNAUTHORIZED = "unauthorized"
NOT_INSTALLED = "app not installed"

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

# Unlisted 5xx: temporary. Unlisted 4xx: undocumented, so retry a few times, then reject. Anything else but a 200 is no
# refusal: whatever Wix or a proxy meant by it, it is tried again.
# 501 to a cancel is refused like 501 to a report: asking again does not make Wix implement it.
_STATUSES: Mapping[int, _Rule] = {
    **dict.fromkeys((400, 404, 409, 428, 501), _REFUSED),
    **dict.fromkeys((408, 425), _RETRY),
    429: (ResultKind.RATE_LIMITED, ""),
    401: (ResultKind.FORBIDDEN, UNAUTHORIZED),
    403: (ResultKind.FORBIDDEN, FORBIDDEN),
}
# Wix refuses in JSON. A page of a firewall or proxy between us knows nothing of the event, nor of the site. These mean
# the same whoever says them.
_SAID_BY_ANYONE = {408, 413, 425, 429}
# Of a bulk call one item may be the reason.
_PERHAPS_ONE_ITEM: Mapping[Operation, frozenset[int]] = {
    Operation.REPORT: frozenset({400, 409, 428}),
    Operation.CANCEL: frozenset({400, 404, 409, 428}),
}
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
# A violation of these is of the call, and of no event in it.
_OF_CALL = ("/triggerKey", "/trigger_key")
# What an install or a moment cures. The second is Wix's answer while a new site's data is not there yet.
_CURABLE_CODES: Mapping[str, _Rule] = {
    "APP_NOT_INSTALLED": (ResultKind.FORBIDDEN, NOT_INSTALLED),
    "WDE0117": _RETRY,
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


def blames_no_item(operation: Operation, reply: Reply, items: int) -> bool:
    """Return whether a call was refused for its size, or perhaps for an item that the answer doesn't name.

    Wix documents that each item of a bulk call fails on its own. It also documents answers that are only a message.
    """
    if reply.status not in _PERHAPS_ONE_ITEM[operation]:
        return reply.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    if _curable_rule(error_code(reply.body)) is not None:
        return False
    broken = list(violations(reply.body))
    names_item = any(item is not None and item < items for item, _ in broken)
    is_of_call = bool(broken) and all(rule.startswith(_OF_CALL) for _, rule in broken)
    return isinstance(reply.body, dict) and not names_item and not is_of_call


def _read_failed_call(operation: Operation, reply: Reply, items: int) -> list[ItemResult]:
    if _is_from_a_stranger(reply):
        return [_answer(reply, _RETRY, f"wix {reply.status} without a JSON object")] * items
    code, broken = error_code(reply.body), list(violations(reply.body))
    rule = _rule_of_failed_call(operation, reply.status, code)
    if rule == _REFUSED and operation is Operation.REPORT and items == 1 and code == _ALREADY_PROCESSED:
        rule = _OWN_CODES[operation, code]
    blamed = {item for item, _ in broken if item is not None and item < items and rule == _REFUSED}

    def result_of(index: int) -> ItemResult:
        if blamed and index not in blamed:
            return _answer(reply, _RETRY, f"wix {reply.status} because of a neighbour")
        rules = (text for item, text in broken if item in (None, index))
        return _answer(reply, rule, " ".join(filter(None, (f"wix {reply.status}", code, *rules))))

    return [result_of(index) for index in range(items)]


def _is_from_a_stranger(reply: Reply) -> bool:
    """Return whether a refusal is no JSON of Wix's. An empty 401 or 403 is Wix's: a missing permission looks so."""
    is_refusal = HTTPStatus.BAD_REQUEST <= reply.status < HTTPStatus.INTERNAL_SERVER_ERROR
    is_refusal = is_refusal or reply.status == HTTPStatus.NOT_IMPLEMENTED
    if not is_refusal or reply.status in _SAID_BY_ANYONE or isinstance(reply.body, dict):
        return False
    return not (reply.is_empty and reply.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN))


def _rule_of_failed_call(operation: Operation, status: int, code: str) -> _Rule:
    if status == HTTPStatus.FORBIDDEN and not code:
        return (ResultKind.FORBIDDEN, FORBIDDEN_WITHOUT_CODE)
    rule = _curable_rule(code) or _OWN_STATUSES.get((operation, status)) or _STATUSES.get(status)
    if rule is not None:
        return rule
    is_undocumented = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    return _UNKNOWN if is_undocumented else _RETRY


def _curable_rule(code: str) -> _Rule | None:
    """Return the rule for a code that concerns the whole site, and none of its events."""
    return next((rule for end, rule in _CURABLE_CODES.items() if code.endswith(end)), None)


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
    # Wix accepted the call around the item, so the site is not suspended.
    rule = _RETRY if _curable_rule(code) else _OWN_CODES.get((operation, code)) or _CODES.get(code, _UNKNOWN)
    return _answer(reply, rule, f"wix item {code}") if code else None


def _done(reply: Reply, result: object) -> ItemResult:
    ids = members(at(result, "activationIds"))[:MOST_DETAILS]
    return ItemResult(ResultKind.DONE, "wix 200", reply.request_id, tuple(filter(None, map(word, ids))))


def _answer(reply: Reply, rule: _Rule, text: str) -> ItemResult:
    kind, meaning = rule
    wait = reply.retry_after if kind in (ResultKind.RETRY, ResultKind.UNKNOWN, ResultKind.RATE_LIMITED) else None
    return ItemResult(kind, meaning or text[:_LONGEST_REASON], reply.request_id, retry_after=wait)
