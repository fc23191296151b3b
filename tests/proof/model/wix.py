"""Wix, as far as it is documented: it takes one report for each idempotency key, and a cancel ends all of its ids."""

from __future__ import annotations

from functools import cache

from tests.proof.model.kept import Kept, keep
from tests.proof.model.world import Call, Event, Flight, World
from trigger_provider.domain.delivery.results import EventReport


def applied(world: World, call: Call) -> World:
    """Return the world after Wix has applied a call."""
    asked = call.value
    if isinstance(asked, EventReport):
        return _reported(world, asked)
    events = (
        event._replace(is_live=event.is_live and event.report.value.event_id not in asked) for event in world.events
    )
    return world._replace(events=tuple(sorted(events)))


def flown(world: World, call: Call, age: int, *, is_sure: bool) -> World:
    """Return the world with one more call on its way, if the call can still have an effect."""
    if isinstance(call.value, EventReport) and _is_known(world, call.value):
        return _with_copy(world, call.value)
    return world._replace(flying=tuple(sorted({*world.flying, Flight(call, is_sure, age)})))


def _reported(world: World, report: EventReport) -> World:
    if _is_known(world, report):
        return _with_copy(world, report)
    events = tuple(sorted((*world.events, Event(keep(report), is_live=True))))
    flying = tuple(flight for flight in world.flying if not _is_same(flight.call.value, report))
    return world._replace(events=events, flying=flying)


@cache
def find_reused_key(events: tuple[Event, ...], refused: tuple[Kept[EventReport], ...]) -> str | None:
    """Return which idempotency key Wix was given with two payloads, if any: it would take one, and drop the other."""
    payloads: dict[str, str] = {}
    for report in (*(event.report.value for event in events), *(report.value for report in refused)):
        if payloads.setdefault(report.idempotency_key, report.payload) != report.payload:
            return f"the key of …{report.event_id[-4:]} carries two payloads"
    return None


def _with_copy(world: World, report: EventReport) -> World:
    """Keep a report under a known key if its content differs. Wix drops such a report, and the search must see it."""
    if any(
        event.report.value.payload == report.payload for event in world.events if _is_same(event.report.value, report)
    ):
        return world
    return world._replace(events=tuple(sorted((*world.events, Event(keep(report), is_live=False)))))


def _is_known(world: World, report: EventReport) -> bool:
    return any(_is_same(event.report.value, report) for event in world.events)


def _is_same(call: EventReport | tuple[str, ...], report: EventReport) -> bool:
    return isinstance(call, EventReport) and call.idempotency_key == report.idempotency_key
