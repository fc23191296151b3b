"""A dead letter, parsed: what it asks for, why it lies on its queue, and how old it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from trigger_provider.domain.intake.message_body import unpack
from trigger_provider.domain.operations.request_targets import RequestTarget, targets_of
from trigger_provider.domain.payload.json_text import NotJsonError, member_text, read_json
from trigger_provider.domain.payload.rfc3339 import is_date_time, parse_milliseconds
from trigger_provider.errors import UnforeseenError

if TYPE_CHECKING:
    from trigger_provider.domain.catalogue.trigger import Catalogue
    from trigger_provider.domain.operations.values import DeadLetter

FIRST_SENT: Final = "first_sent"
"""The attribute of a redriven message that says, in milliseconds, when it was first sent."""


Json = Mapping[str, Any]


class QueueName(StrEnum):
    """The queues whose messages may be redriven."""

    REFUSED = "refused"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    INBOX = "inbox"


class ParsedDeadLetter(NamedTuple):
    """A parsed dead letter. `body` is the text as it first came in, or None if intake can never accept it.

    `at` is the earliest known time, in milliseconds. It is when the message, or the one that it stems from, was first
    sent, or when its event says that it happened.
    """

    message: DeadLetter
    body: str | None
    asks: tuple[RequestTarget, ...]
    reason: str
    at: int

    @property
    def group(self) -> str | None:
        """The site, if it can be read. SQS's fair queues group messages by it."""
        return self.message.group or next((ask.site for ask in self.asks if ask.site), None)


def read(name: QueueName, message: DeadLetter, catalogue: Catalogue) -> ParsedDeadLetter:
    """Parse a dead letter. On the queue of failed events, Lambda's record of the failed invocation wraps it.

    The parsed body is the text that came in, without that wrapping, and decompressed.
    """
    text = _unpacked(message)
    record = _json(text)
    reason = _reason(name, message, record)
    text, document = _request_of(text, record) if name is QueueName.FAILED else (text, record)
    body = text if isinstance(document, dict) else None
    asks = tuple(targets_of(document, catalogue)) if isinstance(document, dict) else ()
    return ParsedDeadLetter(message, body, asks, reason, _first_time(message, document))


def _unpacked(message: DeadLetter) -> str:
    try:
        return unpack(message.body, message.attributes)
    except ValueError:
        return ""


def _request_of(text: str, record: Json | None) -> tuple[str, object]:
    if record is None or "requestPayload" not in record:
        return "", None
    return member_text(text, "requestPayload") or "", record["requestPayload"]


def _reason(name: QueueName, message: DeadLetter, document: Json | None) -> str:
    attributes = message.attributes
    match name:
        case QueueName.REFUSED:
            return f"{attributes.get('outcome', '?')}: {attributes.get('pointer', '/')} {attributes.get('rule', '?')}"
        case QueueName.UNDELIVERED:
            return attributes.get("ERROR_CODE", "?")
        case QueueName.FAILED:
            return ": ".join(_failure(document or {}))
    return "the intake function failed on it"


def _failure(record: Json) -> Iterator[str]:
    """Yield why Lambda gave up an event, and the type of the last error, whose message may hold anything.

    Only the message of an `UnforeseenError` is shown, since it holds nothing but a kind and a place.
    """
    match record:
        case {"requestContext": {"condition": str(condition)}}:
            yield condition
    match record:
        case {"responsePayload": {"errorType": UnforeseenError.__name__, "errorMessage": str(kind_and_place)}}:
            yield kind_and_place
        case {"responsePayload": {"errorType": str(error)}}:
            yield error


def _first_time(message: DeadLetter, document: object) -> int:
    times = [message.sent_at]
    if (first := message.attributes.get(FIRST_SENT, "")).isdecimal():
        times.append(int(first))
    match document:
        case {"time": str(time)} if is_date_time(time):
            times.append(parse_milliseconds(time))
    return min(time for time in times if time >= 0)


def _json(body: str) -> dict[str, Any] | None:
    try:
        document = read_json(body)
    except NotJsonError:
        return None
    return document if isinstance(document, dict) else None
