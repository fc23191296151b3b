"""What AWS brings to a function or a queue of ours beside what it takes, and what to say of it: a plain reason each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from trigger_provider.domain.catalogue.reserved_names import ENVELOPE_MEMBERS
from trigger_provider.domain.payload.formats import is_uuid
from trigger_provider.errors import Violation

RULE: Final = "envelope"

NO_SQS_RECORD: Final = Violation("", RULE, "intake_sqs takes records of SQS, each with a messageId and a body")
UNMATCHED: Final = Violation("", "unmatched", "no binding of the catalogue matches this source and detail-type")

_NO_OBJECT: Final = Violation("", RULE, "an EventBridge event is an object, not a list or an atom as a pipe may send")
_INCOMPLETE: Final = Violation("", RULE, "an EventBridge event has source, detail-type and detail")
_REQUEST: Final = Violation("", RULE, "a request goes to the InboxQueue, or into the detail of an EventBridge event")
_WRAPPED: Final[Mapping[frozenset[str], Violation]] = {
    frozenset({"Type", "TopicArn"}): Violation(
        "", RULE, "this is a notification of SNS around a message: switch raw message delivery on"
    ),
    frozenset({"requestContext", "requestPayload"}): Violation(
        "", RULE, "this is Lambda's record of an invocation: only its requestPayload may be an event"
    ),
    frozenset({"Records"}): Violation("", RULE, "these are records of another event source"),
    frozenset({"detail-type"}): _INCOMPLETE,
}


def find_envelope_violation(event: object) -> Violation | None:
    """Return why an event is none of EventBridge's, if it isn't."""
    if not isinstance(event, dict):
        return _NO_OBJECT
    if not event.keys() >= ENVELOPE_MEMBERS:
        return find_wrapping(event) or (_REQUEST if {"triggerKey", "requests"} & event.keys() else _INCOMPLETE)
    wrong = [name for name in ("source", "detail-type") if not isinstance(event[name], str)]
    return Violation(f"/{wrong[0]}", "type", f"`{wrong[0]}` of an EventBridge event is a text") if wrong else None


def find_wrapping(document: Mapping[str, object]) -> Violation | None:
    """Return what a document is by the names of its members, if a service of AWS has put it around something else."""
    return next((violation for marks, violation in _WRAPPED.items() if marks <= document.keys()), None)


def id_of(event: object) -> str:
    """Return the id that EventBridge gave its event; whatever else stands there is for no log line."""
    match event:
        case {"id": str(given)} if is_uuid(given):
            return given
    return ""
