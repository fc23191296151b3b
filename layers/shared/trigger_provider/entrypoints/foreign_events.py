"""Recognises input that is no EventBridge event, message or request, and names what it is: one rule for each kind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from trigger_provider.domain.catalogue.reserved_names import ENVELOPE_MEMBERS
from trigger_provider.domain.payload.formats import is_uuid
from trigger_provider.domain.payload.schema_errors import describe_type
from trigger_provider.errors import Violation

NO_SQS_RECORD: Final = Violation("", "foreign-record", "intake_sqs takes records of SQS, each with messageId and body")
UNMATCHED: Final = Violation("", "unmatched", "no binding of the catalogue matches this source and detail-type")

_NO_OBJECT: Final = Violation("", "envelope", "an EventBridge event is an object, not a list or an atom as of a pipe")
_INCOMPLETE: Final = Violation("", "envelope", "an EventBridge event has source, detail-type and detail")
_REQUEST: Final = Violation("", "bare-request", "a request goes to the InboxQueue, or into the detail of an event")
_POINTER: Final = Violation("", "payload-pointer", "SQS's extended client has put the message elsewhere: send it whole")
_POINTER_CLASS: Final = re.compile(r"(?:com|software)\.amazon\..*Pointer")
_WRAPPED: Final[Mapping[frozenset[str], Violation]] = {
    frozenset({"Type", "TopicArn"}): Violation(
        "", "sns-notification", "SNS has put a notification around the message: switch raw message delivery on"
    ),
    frozenset({"requestContext", "requestPayload"}): Violation(
        "", "lambda-record", "this is Lambda's record of an invocation: only its requestPayload may be an event"
    ),
    frozenset({"Records"}): Violation("", "foreign-records", "these are records of another event source"),
    frozenset({"detail-type"}): _INCOMPLETE,
}


def find_envelope_violation(event: object) -> Violation | None:
    """Return the violation if an event is no EventBridge event."""
    if not isinstance(event, dict):
        return _NO_OBJECT
    if not event.keys() >= ENVELOPE_MEMBERS:
        return find_wrapping(event) or (_REQUEST if {"triggerKey", "requests"} & event.keys() else _INCOMPLETE)
    wrong = [name for name in ("source", "detail-type") if not isinstance(event[name], str)]
    return Violation(f"/{wrong[0]}", "type", f"`{wrong[0]}` of an EventBridge event is a text") if wrong else None


def find_detail_violation(detail: object) -> Violation | None:
    """Return the violation if a detail is no object, because then no expression of a binding would find a value."""
    return None if isinstance(detail, dict) else Violation("/detail", "type", describe_type(["object"], detail))


def find_wrapping(document: object) -> Violation | None:
    """Return the violation if a service or library of AWS has wrapped the document, or replaced it."""
    match document:
        case dict():
            return next((violation for marks, violation in _WRAPPED.items() if marks <= document.keys()), None)
        case [str(name), dict()] if _POINTER_CLASS.fullmatch(name):
            return _POINTER
    return None


def id_of(event: object) -> str:
    """Return the id that EventBridge gave its event. Any other text could be anything, and is not logged."""
    match event:
        case {"id": str(given)} if is_uuid(given):
            return given
    return ""
