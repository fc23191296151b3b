"""Checks a request as producers send it, and gives it as the use cases take it.

All faults are listed, up to `MOST_VIOLATIONS` of a kind. A request that can't be taken changes nothing, whatever was
reported before.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from trigger_provider.domain.catalogue.trigger import Action, Catalogue, Kind, Trigger
from trigger_provider.domain.intake.commands import (
    OccurrenceReport,
    OccurrencesCancel,
    ScheduledChange,
    StatusQuery,
    TriggerRequest,
)
from trigger_provider.domain.intake.payloads import NO_PAYLOAD, ReadPayload, read_payload
from trigger_provider.domain.intake.schema import find_shape_violations
from trigger_provider.domain.intake.versions import find_version_violations
from trigger_provider.domain.ledger.ids import entity_key, fingerprint, occurrence_key
from trigger_provider.domain.ledger.rows import Intent
from trigger_provider.domain.payload.rfc3339 import parse_nanoseconds
from trigger_provider.errors import MOST_VIOLATIONS, InvalidRequest, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class RequestChecker:
    """Checks requests against the catalogue of one app."""

    catalogue: Catalogue
    app_id: str

    def check(self, raw: object, now: int) -> TriggerRequest | StatusQuery:
        """Return the request, or raise InvalidRequest with every fault; pointers start at the request's root.

        `now` is in milliseconds: a version must not lie far ahead of it.
        """
        raw = _without_null_members(raw)
        violations = tuple(islice(find_shape_violations(raw), MOST_VIOLATIONS))
        if violations or not isinstance(raw, dict):
            raise InvalidRequest(violations)
        trigger = self.catalogue.get(raw["triggerKey"])
        if trigger is None:
            raise InvalidRequest([Violation("/triggerKey", "unknown-trigger", "no trigger has this key")])
        return _Request(raw, trigger, self.app_id, now).checked()


def _without_null_members(raw: object) -> object:
    """Many serialisers write null for what isn't there."""
    return {name: member for name, member in raw.items() if member is not None} if isinstance(raw, dict) else raw


class _Request(NamedTuple):
    raw: Mapping[str, Any]
    trigger: Trigger
    app_id: str
    now: int

    def checked(self) -> TriggerRequest | StatusQuery:
        action = Action(self.raw["action"])
        is_read = action is Action.REPORT and "payload" in self.raw
        payload = read_payload(self.raw["payload"], self.trigger) if is_read else NO_PAYLOAD
        if violations := [*self._missing(action), *self._find_version_violations(), *payload.violations]:
            raise InvalidRequest(violations)
        if action is Action.STATUS:
            return self._status()
        return self._report(payload) if action is Action.REPORT else self._cancel()

    @property
    def site(self) -> str:
        return str(self.raw["instanceId"]).lower()

    @property
    def entity(self) -> str | None:
        return self.raw.get("entityId")

    @property
    def version(self) -> int | None:
        version = self.raw.get("version")
        if version is None:
            return None
        return parse_nanoseconds(version) if isinstance(version, str) else int(version)

    def _missing(self, action: Action) -> Iterator[Violation]:
        for member in sorted(self._require(action) - self.raw.keys()):
            yield Violation(f"/{member}", "required", f"a {action} for this trigger needs `{member}`")

    def _require(self, action: Action) -> set[str]:
        match action, self.trigger.kind:
            case Action.STATUS, Kind.REALTIME:
                return set() if "entityId" in self.raw else {"id"}
            case Action.STATUS, _:
                return {"entityId"}
            case Action.CANCEL, _:
                return {"entityId", "version"}
            case _, Kind.SCHEDULED:
                return {"entityId", "version", "payload"}
        return {"id", "payload"} | ({"version"} if "entityId" in self.raw else set())

    def _find_version_violations(self) -> Iterator[Violation]:
        if (version := self.raw.get("version")) is not None:
            yield from find_version_violations(version, self.trigger.version_kind, self.now)

    def _report(self, payload: ReadPayload) -> TriggerRequest:
        if self.trigger.kind is Kind.SCHEDULED:
            return self._change(Intent.REPORT, payload.text, payload.due_at)
        occurrence, entity = self.raw["id"], self.entity
        return OccurrenceReport(
            key=occurrence_key(self.app_id, self.site, self.trigger.key, entity, occurrence),
            site=self.site, trigger=self.trigger.key, occurrence=occurrence, payload=payload.text, entity=entity,
            version=None if entity is None else self.version,
        )  # fmt: skip

    def _cancel(self) -> TriggerRequest:
        if self.trigger.kind is Kind.SCHEDULED:
            return self._change(Intent.CANCEL, None, None)
        entity, version = self.raw["entityId"], self.version or 0
        key = entity_key(self.app_id, self.site, self.trigger.key, entity)
        return OccurrencesCancel(key=key, site=self.site, trigger=self.trigger.key, entity=entity, version=version)

    def _change(self, intent: Intent, payload: str | None, due_at: int | None) -> ScheduledChange:
        site, entity, version = self.site, self.raw["entityId"], self.version or 0
        return ScheduledChange(
            key=entity_key(self.app_id, site, self.trigger.key, entity), site=site, trigger=self.trigger.key,
            entity=entity, version=version, intent=intent, payload=payload, due_at=due_at,
            fingerprint=fingerprint(self.raw.get("id"), intent, payload), is_gated=self.trigger.gate,
        )  # fmt: skip

    def _status(self) -> StatusQuery:
        if self.trigger.kind is Kind.REALTIME and "id" in self.raw:
            where = (self.app_id, self.site, self.trigger.key, self.entity)
            return StatusQuery(key=occurrence_key(*where, self.raw["id"]))
        return StatusQuery(key=entity_key(self.app_id, self.site, self.trigger.key, self.raw["entityId"]))
