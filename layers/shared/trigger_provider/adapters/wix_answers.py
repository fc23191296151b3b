"""What Wix's answer to a call means to each item of it: pure, and decided by the tables below.

Nobody documents an answer's every shape, so nothing here trusts one: scalars that are missing are zero,
false or empty, what is out of place counts as missing, and an item of which we learn nothing is tried again
under its own key. Of what Wix says, reasons repeat only codes, field paths and rule names, cut down to
harmless characters: descriptions and data may echo a payload.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum
from http import HTTPStatus
from math import isfinite, nan
from typing import TYPE_CHECKING

from trigger_provider.ports import UNKNOWN_TO_WIX, Answer, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Like `UNKNOWN_TO_WIX`, whole reasons: somebody may have to act upon them.
FORBIDDEN = "forbidden"
UNAUTHORIZED = "unauthorized"

_LONGEST_REASON = 200
_LONGEST_WAIT_SECONDS = 3600.0
_MOST_DETAILS = 100


class Operation(StrEnum):
    """What a call asks of Wix."""

    REPORT = "report"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer: `body` is its parsed JSON, or None where it holds none; `retry_after` is in seconds."""

    status: int
    body: object = None
    request_id: str | None = None
    retry_after: float | None = None


_Rule = tuple[Verdict, str]
_REFUSED: _Rule = (Verdict.REFUSED, "")
_RETRY: _Rule = (Verdict.RETRY, "")
_UNSURE: _Rule = (Verdict.UNSURE, "")
_NOT_KNOWN: _Rule = (Verdict.DONE, UNKNOWN_TO_WIX)
_ALREADY_PROCESSED = "EVENT_ALREADY_PROCESSED"

# Of a status in no table, 5xx is Wix's trouble and passes; anything else is a riddle, hence UNSURE.
# 501 to a cancel is refused like 501 to a report: asking again does not make Wix implement it.
_STATUSES: Mapping[int, _Rule] = {
    **dict.fromkeys((400, 404, 409, 428, 501), _REFUSED),
    **dict.fromkeys((408, 425, 429), _RETRY),
    401: (Verdict.RETRY, UNAUTHORIZED),
    403: (Verdict.RETRY, FORBIDDEN),
}
_OUR_FAULT = ("SCHEMA_VALIDATION_FAILED", "REQUIRED_PROPERTY", "INVALID_ARGUMENT", "OUT_OF_RANGE")
_NOT_IN_THIS_STATE = ("FAILED_PRECONDITION", "NOT_FOUND", "ALREADY_EXISTS", "UNIMPLEMENTED")
_PASSING = ("RESOURCE_EXHAUSTED", "UNAVAILABLE", "INTERNAL", "DEADLINE_EXCEEDED", "ABORTED", "CANCELLED", "UNKNOWN")
# PERMISSION_DENIED is a 403 by another name: the site's trouble, not the event's, and it may be mended.
_CODES: Mapping[str, _Rule] = {
    **dict.fromkeys(_OUR_FAULT + _NOT_IN_THIS_STATE, _REFUSED),
    **dict.fromkeys(_PASSING, _RETRY),
    "UNAUTHENTICATED": (Verdict.RETRY, UNAUTHORIZED),
    "PERMISSION_DENIED": (Verdict.RETRY, FORBIDDEN),
}
_OWN_STATUSES: Mapping[tuple[Operation, int], _Rule] = {(Operation.CANCEL, 404): _NOT_KNOWN}
_OWN_CODES: Mapping[tuple[Operation, str], _Rule] = {
    (Operation.CANCEL, "NOT_FOUND"): _NOT_KNOWN,
    (Operation.REPORT, _ALREADY_PROCESSED): (Verdict.DONE, ""),
}


def read_reply(status: int, headers: Mapping[str, str], content: bytes, now: int) -> Reply:
    """Read an answer as it came; `now`, in milliseconds, is what a date in `Retry-After` counts from."""
    request_id = _word(headers.get("x-wix-request-id")) or None
    return Reply(status, _json(content), request_id, _seconds(headers.get("retry-after"), now))


def answers(operation: Operation, reply: Reply, items: int) -> list[Answer]:
    """Give one answer per item. A call of one item is answered by the single route, any other in bulk."""
    if reply.status != HTTPStatus.OK:
        return _failed_call(operation, reply, items)
    if not isinstance(reply.body, dict):
        return [_answer(reply, _RETRY, "wix 200 without a JSON object")] * items
    return _bulk(operation, reply, items) if items > 1 else [_done(reply, reply.body)]


def error_code(body: object) -> str:
    """Give the code of a failed call, Wix's own or OAuth's (RFC 6749, 5.2); empty if there is none."""
    return _word(_at(body, "details", "applicationError", "code")) or _word(_at(body, "error"))


def _failed_call(operation: Operation, reply: Reply, items: int) -> list[Answer]:
    code, broken = error_code(reply.body), list(_violations(reply.body))
    rule = _OWN_STATUSES.get((operation, reply.status)) or _STATUSES.get(reply.status)
    rule = rule or (_RETRY if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR else _UNSURE)
    if rule == _REFUSED and operation is Operation.REPORT and items == 1 and code == _ALREADY_PROCESSED:
        rule = _OWN_CODES[operation, code]
    blamed = {item for item, _ in broken if item is not None and item < items and rule == _REFUSED}

    def one(index: int) -> Answer:
        if blamed and index not in blamed:
            return _answer(reply, _RETRY, f"wix {reply.status} because of a neighbour")
        rules = (told for item, told in broken if item in (None, index))
        return _answer(reply, rule, " ".join(filter(None, (f"wix {reply.status}", code, *rules))))

    return [one(index) for index in range(items)]


def _bulk(operation: Operation, reply: Reply, items: int) -> list[Answer]:
    unknown = _answer(reply, _RETRY, "wix gave no result")
    found: dict[int | None, Answer] = {}
    for result in _list(_at(reply.body, "results")):
        if isinstance(meta := _at(result, "itemMetadata"), dict):
            index, answer = _number(_at(meta, "originalIndex")), _item(operation, reply, result) or unknown
            # Results that contradict each other say nothing.
            found[index] = answer if found.get(index, answer) == answer else unknown
    return [found.get(index, unknown) for index in range(items)]


def _item(operation: Operation, reply: Reply, result: object) -> Answer | None:
    """Read one result; a failure without a code is one of the `undetailedFailures`, and tells us nothing."""
    if _at(result, "itemMetadata", "success") is True:
        return _done(reply, result)
    code = _word(_at(result, "itemMetadata", "error", "code"))
    rule = _OWN_CODES.get((operation, code)) or _CODES.get(code, _UNSURE)
    return _answer(reply, rule, f"wix item {code}") if code else None


def _done(reply: Reply, result: object) -> Answer:
    ids = _list(_at(result, "activationIds"))[:_MOST_DETAILS]
    return Answer(Verdict.DONE, "wix 200", reply.request_id, tuple(filter(None, map(_word, ids))))


def _answer(reply: Reply, rule: _Rule, told: str) -> Answer:
    verdict, meaning = rule
    wait = reply.retry_after if verdict in (Verdict.RETRY, Verdict.UNSURE) else None
    return Answer(verdict, meaning or told[:_LONGEST_REASON], reply.request_id, retry_after=wait)


def _violations(body: object) -> Iterator[tuple[int | None, str]]:
    """Give each broken rule as pointer and name, and the item of a bulk call that its pointer leads into."""
    for violation in _list(_at(body, "details", "validationError", "fieldViolations"))[:_MOST_DETAILS]:
        field, rule = _at(violation, "field"), _word(_at(violation, "violatedRule"))
        path = re.findall(r"[A-Za-z0-9_-]+", field[:256]) if isinstance(field, str) else []
        match path:
            case ["eventsInfo" | "externalEntityIds", index, *rest] if re.fullmatch("[0-9]{1,3}", index):
                yield int(index), f"/{'/'.join(rest or path[:1])[:64]} {rule}".strip()
            case _:
                yield None, f"/{'/'.join(path)[:64]} {rule}".strip()


def _at(body: object, *path: str) -> object:
    for name in path:
        body = body.get(name) if isinstance(body, dict) else None
    return body


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _number(value: object) -> int | None:
    if value is None:
        return 0
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _word(value: object) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]", "", value[:256])[:64] if isinstance(value, str) else ""


def _json(content: bytes) -> object:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _seconds(retry_after: str | None, now: int) -> float | None:
    """Read `Retry-After`, seconds or a date (RFC 9110, 10.2.3). Asking again after an hour harms nobody."""
    try:
        seconds = float(retry_after or "nan")
    except ValueError:
        seconds = _until(retry_after or "", now)
    return min(max(seconds, 0.0), _LONGEST_WAIT_SECONDS) if isfinite(seconds) else None


def _until(date: str, now: int) -> float:
    try:
        return parsedate_to_datetime(date).timestamp() - now / 1000
    except (ValueError, TypeError, OverflowError):
        return nan
