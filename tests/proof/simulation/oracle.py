"""What must have become of each entity and of each occurrence.

It is said here in its own words, from the requests and their answers, not in those of the decisions that it judges.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from tests.proof.simulation.requests import POISON, REFUSED, RIDDLE, Ask
from tests.proof.simulation.scheduler import START
from tests.proof.simulation.world import World
from trigger_provider.domain.intake.commands import OccurrenceReport, OccurrencesCancel, ScheduledChange
from trigger_provider.domain.ledger.ids import entity_of, event_id
from trigger_provider.domain.ledger.rows import (
    EventRow,
    Intent,
    RealtimeEvent,
    RequestOutcome,
    Row,
    RowKey,
    ScheduledEntity,
    State,
    Tombstone,
)

Ends = Mapping[State, frozenset[bool]]
"""The states that may be, and whether the event may then be live."""

_NOT_LIVE: Final = frozenset({False})
_LIVE: Final = frozenset({True})
_PERHAPS: Final = frozenset({True, False})
_STOPPED: Final[Ends] = {State.CANCELLED: _NOT_LIVE, State.SUPERSEDED: _NOT_LIVE}


def scheduled(world: World) -> Iterator[str]:
    live = _live_by_partition(world)
    for key, asks in _by_key(world.asks, ScheduledChange).items():
        row = world.ledger.rows.get(key)
        values = live.pop(key.partition, {})
        if not isinstance(row, ScheduledEntity):
            if values or any(ask.is_taken for ask in asks):
                yield f"{asks[0]} has no row"
        elif wrong := _not_the_newest(row, asks) or _entity(world, row, values, is_gated=_is_gated(asks)):
            yield f"{row.entity} of {row.site}: {wrong}"


def _not_the_newest(row: ScheduledEntity, asks: Sequence[Ask]) -> str | None:
    """Say how a row differs from what was asked for last; of what a caller was not answered, nobody knows."""
    same = [ask for ask in asks if _change(ask).version == row.version]
    if any(_change(ask).version > row.version for ask in asks if ask.is_taken):
        return f"version {row.version} is not the newest that was taken"
    if row.intent is Intent.REPORT and any(ask.is_taken and _change(ask).intent is Intent.CANCEL for ask in same):
        return f"a cancel of version {row.version} has not won"
    if not any((_change(ask).intent, _change(ask).payload) == (row.intent, row.payload) for ask in same):
        return f"nobody asked for {row.payload} as version {row.version}"
    return None


def _entity(world: World, row: ScheduledEntity, live: Mapping[str, list[str]], *, is_gated: bool) -> str | None:
    own = event_id(row)
    others = [text for text in live if text != own]
    wrong = f"{row.state} ({row.reason}), live is {live or 'nothing'}"
    if others or len(live.get(own, ())) > 1:
        return f"{wrong}, generation {row.generation}"
    expected = _expected(world, row, is_gated=is_gated)
    if row.state not in expected or (own in live) not in expected[row.state]:
        return wrong
    is_open = row.oldest_open_generation < row.generation and row.state is not State.FAILED
    return (
        f"{row.state}, but generation {row.oldest_open_generation} is not closed"
        if is_open or row.next_attempt_at
        else None
    )


def _expected(world: World, row: ScheduledEntity, *, is_gated: bool) -> Ends:
    if row.intent is Intent.CANCEL:
        return {State.CANCELLED: _NOT_LIVE}
    ends = _gated(row) if is_gated else _ends(row)
    if row.due_at is not None and row.due_at <= world.scheduler.now():
        ends = _perhaps_dropped(world, row, ends)
    if row.due_at is None or row.due_at > world.scheduler.now():
        return ends
    if row.due_at <= START:
        return {State.EXPIRED: _NOT_LIVE}
    # A report whose answer was lost may have taken effect before the date passed.
    return {**ends, State.EXPIRED: _PERHAPS}


def _perhaps_dropped(world: World, row: Row, ends: Ends) -> Ends:
    """Wix may have dropped an event when its site removed the app. One that is not due later is not reported anew."""
    is_dropped = (row.site, row.trigger, event_id(row)) in world.wix.dropped
    return {**ends, State.REPORTED: _PERHAPS} if is_dropped and State.REPORTED in ends else ends


def _gated(row: Row) -> Ends:
    """Of a payload that came after the report Wix hears at the gate only, whatever Wix would say to it."""
    return {**_ends(row), State.REPORTED: _LIVE}


def _is_gated(asks: Sequence[Ask]) -> bool:
    return any(_change(ask).is_gated for ask in asks)


def _ends(row: Row) -> Ends:
    payload = (row.payload or "") if isinstance(row, EventRow) else ""
    if POISON in payload:
        return {State.FAILED: _NOT_LIVE}
    return {State.REJECTED: _NOT_LIVE} if REFUSED in payload or RIDDLE in payload else {State.REPORTED: _LIVE}


def realtime(world: World) -> Iterator[str]:
    for key, asks in _by_key(world.asks, OccurrencesCancel).items():
        tombstone = world.ledger.rows.get(key)
        newest = max((ask.request.version or 0 for ask in asks if ask.is_taken), default=0)
        if newest and (not isinstance(tombstone, Tombstone) or tombstone.version < newest):
            yield f"{asks[0]}: the ledger doesn't hold the newest cancel"
        elif isinstance(tombstone, Tombstone) and (tombstone.state, tombstone.swept_version) != (
            State.CANCELLED,
            tombstone.version,
        ):
            yield f"{asks[0]}: {tombstone.state}, swept up to {tombstone.swept_version} of {tombstone.version}"
    for key, asks in _by_key(world.asks, OccurrenceReport).items():
        if wrong := _occurrence(world, key, asks):
            yield f"{asks[0]}: {wrong}"


def _occurrence(world: World, key: RowKey, asks: Sequence[Ask]) -> str | None:
    row, beside = world.ledger.rows.get(key), entity_of(key)
    tombstone = world.ledger.rows.get(beside) if beside else None
    is_stopped = tombstone is not None and (asks[0].request.version or 0) <= (tombstone.version or 0)
    if not isinstance(row, RealtimeEvent):
        is_missed = any(RequestOutcome.ACCEPTED in ask.outcomes for ask in asks)
        return "it has no row" if is_missed or (not is_stopped and any(ask.is_taken for ask in asks)) else None
    live = world.wix.live.get((row.site, row.trigger, event_id(row)), [])
    ends = _STOPPED if is_stopped else _perhaps_dropped(world, row, _ends(row))
    if row.state in ends and bool(live) in ends[row.state] and len(live) <= 1 and row.next_attempt_at is None:
        return None
    return f"{row.state} ({row.reason}), live is {live or 'nothing'}"


def _by_key(asks: Sequence[Ask], kind: type) -> dict[RowKey, list[Ask]]:
    values: dict[RowKey, list[Ask]] = defaultdict(list)
    for ask in asks:
        if isinstance(ask.request, kind):
            values[ask.request.key].append(ask)
    return values


def _change(ask: Ask) -> ScheduledChange:
    if not isinstance(ask.request, ScheduledChange):
        raise TypeError(ask)
    return ask.request


def _live_by_partition(world: World) -> dict[str, dict[str, list[str]]]:
    values: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for (_, _, event), payloads in world.wix.live.items():
        values[event.rpartition("-")[0]][event] = payloads
    return values
