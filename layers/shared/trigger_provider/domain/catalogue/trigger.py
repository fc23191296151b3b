"""The catalogue: triggers, and the bindings that turn business events into requests.

`builder` builds them from trigger files.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from trigger_provider.domain.catalogue.expressions import apply
from trigger_provider.domain.catalogue.reserved_names import OWN_SOURCE, REQUEST_DETAIL_TYPE
from trigger_provider.domain.payload.json_pointer import pointer_to
from trigger_provider.domain.payload.schema import Check, without_nulls
from trigger_provider.errors import InvalidRequest, Violation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jmespath.parser import ParsedResult


class Kind(StrEnum):
    """When an event happens: at its report, or at a date inside its payload."""

    REALTIME = "realtime"
    SCHEDULED = "scheduled"


class VersionKind(StrEnum):
    """The kind of value that orders the requests of one entity."""

    INTEGER = "integer"
    TIME = "time"


class Action(StrEnum):
    """What a request asks for. A binding reports or cancels."""

    REPORT = "report"
    CANCEL = "cancel"
    STATUS = "status"


@dataclass(frozen=True, slots=True, eq=False)
class Binding:
    """Turns events of one source and detail-type into requests for one trigger.

    `members` and `payload` are JMESPath expressions on the whole EventBridge envelope.
    """

    trigger_key: str
    source: str
    detail_type: str
    action: Action
    members: Mapping[str, ParsedResult]
    payload: Mapping[str, ParsedResult]

    def request(self, envelope: Mapping[str, object]) -> dict[str, object]:
        """Return the request as a producer would have sent it. Results that are null are left out.

        Raise InvalidRequest, rule `mapping`, if an expression can't be applied to this event.
        """
        violations: list[Violation] = []
        members = _apply(self.members, envelope, "", violations)
        payload = _apply(self.payload, envelope, "/payload", violations)
        if violations:
            raise InvalidRequest(violations)
        request = {"action": self.action.value, "triggerKey": self.trigger_key, **members}
        return request | ({"payload": payload} if self.action is Action.REPORT else {})


@dataclass(frozen=True, slots=True, eq=False)
class Trigger:
    """One trigger of the app, with its bindings; `schema` is in Wix's language, as in the app's dashboard."""

    key: str
    name: str
    kind: Kind
    version_kind: VersionKind
    schema: Mapping[str, Any]
    bindings: tuple[Binding, ...]
    due_property: str | None
    check: Check = field(repr=False)
    """Every fault of a payload without nulls; pointers start at the payload's root."""
    gate: bool = False
    """Whether Wix asks for the newest payload before it acts: then a change that keeps the date needs no new event."""


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """All triggers of the app, by key."""

    triggers: Mapping[str, Trigger]

    def get(self, key: str) -> Trigger | None:
        """Return the trigger of that key, or None."""
        return self.triggers.get(key)

    def match(self, source: str, detail_type: str) -> tuple[tuple[Trigger, Binding], ...]:
        """Return every binding that matches an event, in the order of trigger keys: one event may match several."""
        wanted = (source, detail_type)
        return tuple(
            (trigger, binding)
            for trigger in self.triggers.values()
            for binding in trigger.bindings
            if (binding.source, binding.detail_type) == wanted
        )

    def event_pattern(
        self, own_source: str = OWN_SOURCE, request_detail_type: str = REQUEST_DETAIL_TYPE
    ) -> dict[str, Any]:
        """Return the EventBridge pattern for our rule: all events that a binding matches, and requests.

        It has one alternative for each source, in alphabetical order. It can't match what we publish ourselves.
        """
        bindings = [binding for trigger in self.triggers.values() for binding in trigger.bindings]
        detail_types: dict[str, set[str]] = {}
        for binding in (binding for binding in bindings if binding.source != own_source):
            detail_types.setdefault(binding.source, set()).add(binding.detail_type)
        bound = [{"source": [source], "detail-type": sorted(detail_types[source])} for source in sorted(detail_types)]
        requests = {"source": [{"anything-but": [own_source]}], "detail-type": [request_detail_type]}
        return {"$or": [*bound, requests]}


def catalogue_of(triggers: Mapping[str, Trigger]) -> Catalogue:
    """Return a catalogue that can't be changed, in the order of its keys."""
    return Catalogue(MappingProxyType(dict(sorted(triggers.items()))))


def _apply(
    expressions: Mapping[str, ParsedResult], envelope: Mapping[str, object], below: str, violations: list[Violation]
) -> dict[str, object]:
    values: dict[str, object] = {}
    for name, expression in expressions.items():
        try:
            values[name] = apply(expression, envelope)
        except Exception:  # noqa: BLE001  JMESPath lets Python's own errors through, with values in their texts
            place = pointer_to([name], below=below)
            violations.append(Violation(place, "mapping", "the binding's expression can't be applied to this event"))
    return without_nulls(values)
