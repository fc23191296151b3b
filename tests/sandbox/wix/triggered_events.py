"""What reporting and cancelling do to Wix, item by item (sections 1.1, 3 and 4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tests.sandbox.wix.answers import Refused, refused, violated
from tests.sandbox.wix.calls import Item, Request
from tests.sandbox.wix.engine.activation_store import Event
from tests.sandbox.wix.engine.engine import Engine
from tests.sandbox.wix.events import Events, IdempotencyKeys, KeyScope, LiveEvent
from tests.sandbox.wix.faults import BadItem
from tests.sandbox.wix.field_rules import item_violations
from tests.sandbox.wix.outcomes import Effect, Result
from tests.sandbox.wix.payloads import runs
from tests.sandbox.wix.registry import Schema
from tests.sandbox.wix.switches import Switches
from tests.sandbox.wix.tokens import Caller

WEEK_SECONDS = 7 * 24 * 60 * 60.0


@dataclass(frozen=True, slots=True)
class Work:
    """One admitted call: who wants what done by which rules, and when."""

    caller: Caller
    request: Request
    trigger_key: str
    schema: Schema
    switches: Switches
    now: float

    @property
    def applies_at(self) -> float:
        """When a report of this call becomes visible to cancels."""
        bulk = self.request.route.bulk
        switches = self.switches
        return self.now + (
            switches.bulk_report_applies_after_seconds if bulk else switches.report_applies_after_seconds
        )

    @property
    def key_scope(self) -> KeyScope:
        """Where an idempotency key of this call must be unique."""
        scope = (self.caller.app_id, self.trigger_key)
        return (*scope, self.caller.site) if self.switches.idempotency_per_site else scope


class TriggeredEvents:
    """All events and keys of this Wix, and what they set going on each site."""

    def __init__(self, engines: Mapping[str, Engine]) -> None:
        self._engines = engines
        self._keys = IdempotencyKeys()
        self._reports = 0
        self.events = Events()

    def perform(self, work: Work, item: Item, index: int, bad_items: tuple[BadItem, ...] = ()) -> Result:
        """Report or cancel one item of a call; a refusal is its result and leaves no trace."""
        try:
            for bad in bad_items:
                if bad.hits(index, item.external_entity_id):
                    raise refused(400, bad.description, code=bad.code)
            violations = list(item_violations(item, work.request.route, work.switches))
            if violations:
                raise violated(violations)
            return self._report(work, item) if work.request.route.reports else self._cancel(work, item)
        except Refused as refusal:
            return Result(item, Effect.REFUSED, refusal=refusal)

    def _report(self, work: Work, item: Item) -> Result:
        payload_runs = runs(item.payload or {}, work.schema, work.switches)
        key = item.idempotency_key
        first = None if key is None else self._keys.first_activation_ids(work.key_scope, key, work.now)
        if first is not None:
            skipped = self._activated(work, item, duplicate=True)
            return _duplicate(work, item, first if work.switches.duplicate_repeats_activation_ids else skipped)
        activation_ids = self._activated(work, item) if payload_runs else ()
        if key is not None:
            expires_at = work.now + (item.ttl_seconds or WEEK_SECONDS)
            self._keys.use(work.key_scope, key, activation_ids, expires_at)
        effect = self._keep(work, item, activation_ids) if payload_runs else Effect.RUNS_NOTHING
        return Result(item, effect, activation_ids)

    def _keep(self, work: Work, item: Item, activation_ids: tuple[str, ...]) -> Effect:
        name = (work.caller, work.trigger_key, item.external_entity_id)
        event = LiveEvent(
            number=self._reports,
            caller=work.caller,
            trigger_key=work.trigger_key,
            external_entity_id=item.external_entity_id,
            payload=item.payload or {},
            activation_ids=activation_ids,
            applies_at=work.applies_at,
            idempotency_key=item.idempotency_key,
        )
        if self.events.cancelled_since(name, work.now - work.switches.cancel_lingers_seconds):
            self.end([event], work.now)
            return Effect.SWALLOWED
        self.end(self.events.add(event, replaces=work.switches.same_entity_replaces), work.now)
        return Effect.REPORTED

    def _cancel(self, work: Work, item: Item) -> Result:
        cancelled = self.events.cancel((work.caller, work.trigger_key, item.external_entity_id), work.now)
        self.end(cancelled, work.now)
        for event in cancelled:
            if work.switches.cancel_frees_key and event.idempotency_key is not None:
                self._keys.free(work.key_scope, event.idempotency_key)
        if cancelled:
            return Result(item, Effect.CANCELLED)
        unknown = refused(404, "No event of that entity") if work.switches.unknown_entity_not_found else None
        return Result(item, Effect.NOTHING_TO_CANCEL, refusal=unknown)

    def end(self, events: Iterable[LiveEvent], now: float) -> None:
        """Stop what is still to come of events that are live no longer."""
        for event in events:
            engine = self._engines[event.caller.site]
            engine.cancel(_engine_event(event), event.activation_ids, engine.moment(now))

    def _activated(self, work: Work, item: Item, *, duplicate: bool = False) -> tuple[str, ...]:
        self._reports += 1
        event = Event(
            number=self._reports,
            app_id=work.caller.app_id,
            trigger_key=work.trigger_key,
            external_entity_id=item.external_entity_id,
            payload=item.payload or {},
            schema=work.schema,
            duplicate=duplicate,
        )
        engine = self._engines[work.caller.site]
        activations = engine.report(event, engine.moment(work.now), work.switches)
        return tuple(each.activation_id for each in activations if each.open or work.switches.skipped_have_ids)


def _engine_event(event: LiveEvent) -> Event:
    caller = event.caller
    return Event(event.number, caller.app_id, event.trigger_key, event.external_entity_id, event.payload, {})


def _duplicate(work: Work, item: Item, activation_ids: tuple[str, ...]) -> Result:
    fails = work.request.route.bulk and not work.switches.bulk_duplicate_succeeds
    return Result(
        item,
        Effect.DUPLICATE,
        activation_ids,
        refused(409, "The event was already processed", code="EVENT_ALREADY_PROCESSED") if fails else None,
    )
