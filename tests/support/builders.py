"""Rows, requests and answers of one site, valid as they are: say only what the test is about."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.support.rows import ACCEPTED_AT, APP, SITE, TRIGGER, entity_key_of
from trigger_provider.domain.delivery.policy import DeliveryPolicy
from trigger_provider.domain.delivery.results import ItemResult, ResultKind
from trigger_provider.domain.delivery.retry import SettleContext
from trigger_provider.domain.durations import DAY, HOUR, MINUTE
from trigger_provider.domain.intake.commands import OccurrenceReport, OccurrencesCancel, ScheduledChange
from trigger_provider.domain.ledger.ids import entity_key, fingerprint, occurrence_key
from trigger_provider.domain.ledger.rows import Intent, RealtimeEvent, ScheduledEntity, State, Tombstone

NOW = ACCEPTED_AT
DUE = NOW + 7 * DAY
RETENTION = 45 * DAY
SETTLE_DELAY = 2 * MINUTE
OTHER_SITE = "9b1f5f0e-54a6-4a0b-8d0e-1f3f6a2c7d90"
ENTITY = "invoice 1"
PAYLOAD = '{"amount":1}'
OTHER_PAYLOAD = '{"amount":2}'
POLICY = DeliveryPolicy(settle_delay=SETTLE_DELAY, give_up_after=24 * HOUR, retention=RETENTION)
DONE = ItemResult(ResultKind.DONE, "wix 200", "request 1", ("activation 1",))
REFUSED = ItemResult(ResultKind.REFUSED, "wix 428", "request 1")
RETRY = ItemResult(ResultKind.RETRY, "wix 503", "request 1")
UNSURE = ItemResult(ResultKind.UNKNOWN, "wix item NEWS", "request 1")
NOT_TRIED = ItemResult(ResultKind.SKIPPED, "no time left")


def an_entity_row(entity: str = ENTITY, /, **changes: Any) -> ScheduledEntity:  # noqa: ANN401 - any field of the row
    """Return the row of a scheduled report that was just accepted; what is below its generation is closed."""
    row = ScheduledEntity(
        key=entity_key_of(entity),
        site=SITE,
        trigger=TRIGGER,
        entity=entity,
        version=1,
        state=State.PENDING,
        reason="accepted",
        accepted_at=NOW,
        expires_at=(changes.get("due_at", DUE) or NOW) + RETENTION,
        revision=1,
        token="first",
        payload=PAYLOAD,
        intent=Intent.REPORT,
        generation=1,
        oldest_open_generation=changes.get("generation", 1),
        due_at=DUE,
        seen_requests=("a request",),
    )
    return replace(row, **changes)


def a_reported_row(entity: str = ENTITY, /, **changes: Any) -> ScheduledEntity:  # noqa: ANN401 - any field of the row
    """Return the row of a scheduled report that Wix acknowledged a moment ago."""
    acked_generation = {"state": State.REPORTED, "acked_generation": changes.get("generation", 1), "acked_at": NOW}
    return an_entity_row(entity, **{**acked_generation, **changes})


def a_cancelled_row(entity: str = ENTITY, /, **changes: Any) -> ScheduledEntity:  # noqa: ANN401 - any field of the row
    """Return the row of a scheduled trigger's entity whose cancel is still to be delivered: generation 1 is open."""
    cancel = {
        "intent": Intent.CANCEL,
        "payload": None,
        "due_at": None,
        "version": 2,
        "generation": 2,
        "oldest_open_generation": 1,
    }
    return an_entity_row(entity, **{**cancel, **changes})


def a_tombstone(entity: str = ENTITY, /, **changes: Any) -> Tombstone:  # noqa: ANN401 - any field of the row
    """Return the row that a cancel just left on an entity of a real-time trigger."""
    row = Tombstone(
        key=entity_key_of(entity),
        site=SITE,
        trigger=TRIGGER,
        entity=entity,
        version=1,
        state=State.PENDING,
        reason="accepted",
        accepted_at=NOW,
        expires_at=NOW + RETENTION,
        revision=1,
        token="first",
    )
    return replace(row, **changes)


def an_occurrence(occurrence: str = "visit 1", entity: str | None = ENTITY, **changes: Any) -> RealtimeEvent:  # noqa: ANN401 - any field of the row
    """Return the row of a real-time event that was just accepted."""
    row = RealtimeEvent(
        key=occurrence_key(APP, SITE, TRIGGER, entity, occurrence),
        site=SITE,
        trigger=TRIGGER,
        entity=entity,
        occurrence=occurrence,
        version=None if entity is None else 1,
        state=State.PENDING,
        reason="accepted",
        accepted_at=NOW,
        expires_at=NOW + RETENTION,
        revision=1,
        token="first",
        payload=PAYLOAD,
    )
    return replace(row, **changes)


def a_change(version: int = 1, request_id: str | None = None, **changes: Any) -> ScheduledChange:  # noqa: ANN401 - any field of the request
    """Return a report under a scheduled trigger; `request_id` is the producer's own and tells equal ones apart."""
    entity = changes.get("entity", ENTITY)
    site = changes.get("site", SITE)
    change = ScheduledChange(
        key=entity_key(APP, site, TRIGGER, entity),
        site=site,
        trigger=TRIGGER,
        entity=entity,
        version=version,
        intent=Intent.REPORT,
        fingerprint="",
        payload=PAYLOAD,
        due_at=DUE,
    )
    change = change._replace(**changes)
    return change._replace(fingerprint=change.fingerprint or fingerprint(request_id, change.intent, change.payload))


def a_scheduled_cancel(version: int = 1, **changes: Any) -> ScheduledChange:  # noqa: ANN401 - any field of the request
    """Return a cancel under a scheduled trigger."""
    return a_change(version, **{"intent": Intent.CANCEL, "payload": None, "due_at": None, **changes})


def a_report(occurrence: str = "visit 1", entity: str | None = ENTITY, **changes: Any) -> OccurrenceReport:  # noqa: ANN401 - any field of the request
    """Return a report under a real-time trigger."""
    site = changes.get("site", SITE)
    report = OccurrenceReport(
        key=occurrence_key(APP, site, TRIGGER, entity, occurrence),
        site=site,
        trigger=TRIGGER,
        occurrence=occurrence,
        payload=PAYLOAD,
        entity=entity,
        version=None if entity is None else 1,
    )
    return report._replace(**changes)


def a_cancel(version: int = 1, entity: str = ENTITY) -> OccurrencesCancel:
    """Return a cancel under a real-time trigger."""
    key = entity_key(APP, SITE, TRIGGER, entity)
    return OccurrencesCancel(key=key, site=SITE, trigger=TRIGGER, entity=entity, version=version)


def a_moment(now: int = NOW, jitter: float = 0.5, receives: int = 1) -> SettleContext:
    """Return the time of a settlement."""
    return SettleContext(now, jitter, POLICY, receives)
