"""What must be true at rest: Wix holds what the last requests asked for, the ledger says so, nothing is left over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tests.proof.simulation.gate import at_the_gate
from tests.proof.simulation.journal import name_of
from tests.proof.simulation.oracle import realtime, scheduled
from tests.proof.simulation.requests import Way
from tests.proof.simulation.wix import EventAt
from tests.proof.simulation.world import World
from trigger_provider.domain.ledger.ids import event_id
from trigger_provider.domain.ledger.rows import RequestOutcome, Tombstone

_NAMED: Final = frozenset(
    {RequestOutcome.ACCEPTED, RequestOutcome.DUPLICATE, RequestOutcome.UNCHANGED, RequestOutcome.STALE}
)


def broken(world: World) -> Iterator[str]:
    """Return what is wrong with a world that has run."""
    if not world.is_quiet:
        yield "it never comes to rest"
        return
    yield from world.observer.wrong
    yield from world.call_rules.wrong
    yield from _answers(world)
    yield from _effects(world)
    yield from _calls(world)
    yield from scheduled(world)
    yield from realtime(world)
    yield from _unpublished(world)
    yield from at_the_gate(world)


def _answers(world: World) -> Iterator[str]:
    for ask in world.asks:
        if ask.way is not Way.CALLER and not ask.is_taken:
            yield f"{ask} has no outcome"
        if strange := set(ask.outcomes) - _NAMED - {RequestOutcome.RETRY}:
            yield f"{ask} is answered {strange}"


def _effects(world: World) -> Iterator[str]:
    for event, times in world.wix.effects.items():
        if times > 1:
            yield f"{_name(event)} took effect {times} times"
    for (_, key), payloads in world.wix.payloads.items():
        if len(payloads) > 1:
            yield f"the idempotency key {key} carried {len(payloads)} payloads"
    known = {(row.site, row.trigger): set[str]() for row in world.ledger.rows.values()}
    for row in world.ledger.rows.values():
        known[row.site, row.trigger].add(event_id(row))
    for event in world.wix.live:
        if event[2] not in known.get(event[:2], ()):
            yield f"{_name(event)} is live, and no row stands for it"


def _calls(world: World) -> Iterator[str]:
    """Whatever is done more than once has a cause: an answer that wasn't `done`, a lost worker, or two at one row."""
    seen = world.observer
    if seen.reports > seen.begun + seen.causes:
        yield f"{seen.reports} reports for {seen.begun} events and {seen.causes} causes to report again"
    if seen.cancels > 2 * seen.begun + seen.causes:
        yield f"{seen.cancels} cancels for {seen.begun} changes and {seen.causes} causes to cancel again"


def _unpublished(world: World) -> Iterator[str]:
    """Every end is announced but that of a cancel which found nothing to cancel.

    A worker that dies between its save and its announcement leaves that to its message, which may be lost here.
    """
    if world.are_messages_lost:
        return
    for row in world.ledger.rows.values():
        is_published = (event_id(row), row.state) in world.outcomes.published
        if not is_published and not isinstance(row, Tombstone) and row.reason != "nothing was reported":
            yield f"nobody was told that {name_of(row)} is {row.state}"


def _name(event: EventAt) -> str:
    return f"…{event[2][-12:]} of {event[0]}"
