"""Reads the payload of a report: as it is kept, when it is due, and what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from trigger_provider.domain.intake.versions import OUT_OF_RANGE
from trigger_provider.domain.payload.canonical import canonical_text
from trigger_provider.domain.payload.json_pointer import pointer_to, public_pointer
from trigger_provider.domain.payload.limits import (
    MOST_PAYLOAD_BYTES,
    MOST_PAYLOAD_VALUES,
    has_too_many_bytes,
    has_too_many_values,
)
from trigger_provider.domain.payload.rfc3339 import parse_moment
from trigger_provider.domain.payload.schema import without_nulls
from trigger_provider.domain.payload.tidying import tidy
from trigger_provider.errors import Violation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trigger_provider.domain.catalogue.trigger import Trigger


class ReadPayload(NamedTuple):
    """A payload as canonical JSON text, its due date in milliseconds if it has one, and its faults."""

    text: str = "{}"
    due_at: int | None = None
    violations: tuple[Violation, ...] = ()


NO_PAYLOAD: Final = ReadPayload()


def read_payload(raw: Mapping[str, object], trigger: Trigger) -> ReadPayload:
    """Return the payload as it is kept, and its faults; of one beyond all bounds nothing else is looked at."""
    if has_too_many_values(raw):
        return _refuse("maxValues", f"a payload has at most {MOST_PAYLOAD_VALUES} values")
    payload = without_nulls(raw)
    if has_too_many_bytes(payload):
        return _refuse("maxBytes", f"a payload has at most {MOST_PAYLOAD_BYTES} bytes as JSON")
    violations = trigger.check(payload)
    if violations and (tidied := tidy(payload, trigger.schema)) != payload:
        payload, violations = tidied, trigger.check(tidied)
    if violations:
        return ReadPayload(violations=tuple(_of_request(violation, trigger) for violation in violations))
    return _read_good(payload, trigger.due_property)


def _read_good(payload: Mapping[str, object], due_property: str | None) -> ReadPayload:
    """Return a payload that is good by its schema; a date may still be one at which nothing can happen."""
    due_at = None if due_property is None else parse_moment(str(payload[due_property]))
    if due_property is not None and due_at is None:
        place = pointer_to([due_property], below="/payload")
        return ReadPayload(violations=(Violation(place, "range", f"a due date {OUT_OF_RANGE}"),))
    return ReadPayload(canonical_text(payload), due_at)


def _refuse(rule: str, message: str) -> ReadPayload:
    return ReadPayload(violations=(Violation("/payload", rule, message),))


def _of_request(violation: Violation, trigger: Trigger) -> Violation:
    return violation._replace(public=public_pointer(violation.pointer, trigger.schema)).below("/payload")
