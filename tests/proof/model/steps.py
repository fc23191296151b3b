"""Everything that can happen next: what the processes do, what lands at Wix, and the passing of time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tests.proof.model.cached_decisions import patience
from tests.proof.model.cases import Case
from tests.proof.model.clock import NOW, SETTLE_DELAY, ageing, dated, plain, waited
from tests.proof.model.delivery_steps import delivery_steps
from tests.proof.model.intake_steps import Step, intake_steps, saved
from tests.proof.model.kept import keep
from tests.proof.model.losses import losses
from tests.proof.model.rules import Rules
from tests.proof.model.wix import applied
from tests.proof.model.world import Flight, World, changed
from tests.support.memory_ledger import entry_of
from trigger_provider.domain.delivery.results import EventReport
from trigger_provider.domain.durations import DAY
from trigger_provider.domain.ledger.rows import Row


def steps(rules: Rules, case: Case, world: World) -> Iterator[Step]:
    """Return every step that can be taken: what happens, the world after it, and whether it is a fault."""
    yield from intake_steps(rules, case, world)
    yield from delivery_steps(rules, case, world)
    yield from _recovers(rules, case, world)
    yield from walk_steps(rules, case, world)
    yield from losses(rules, case, world)
    yield from _lands(world)
    yield from _time_passes(case, world)


def _recovers(rules: Rules, case: Case, world: World) -> Iterator[Step]:
    """Let recovery send a message, and then take the row out of the index, unless it comes too late for that."""
    for at, kept in enumerate(world.rows):
        row = kept.value
        after = None if row is None else _without_wait(rules, row) or rules.release_if_due(row, NOW, patience(case))
        if row is None or after is None:
            continue
        sent = (
            world
            if world.ready[at] or after.next_attempt_at is not None
            else world._replace(ready=changed(world.ready, at, 1))
        )
        name = row.key.row[:6]
        yield f"recovery sends {name} and saves that it waits no more", saved(case, sent, at, keep(plain(after))), False
        if sent is not world:
            yield f"recovery sends {name}, and others have saved it meanwhile", sent, False


def walk_steps(rules: Rules, case: Case, world: World) -> Iterator[Step]:
    """Let the slow walk send a message for a row to which nothing can happen by itself any more.

    A day lies between the row's last change and the walk. So no message of the row is left, and no worker is at it.
    """
    for at, kept in enumerate(world.rows if case.walks else ()):
        row = kept.value
        is_busy = world.ready[at] or world.early[at] or world.intakes or world.workers
        if row is None or row.parked_at is not None or is_busy:
            continue
        after = rules.find_overlooked(row, None, NOW + DAY, patience(case))
        if after is not None:
            sent = world._replace(ready=changed(world.ready, at, 1))
            yield f"the walk finds {row.key.row[:6]}", saved(case, sent, at, keep(plain(after))), False


def _without_wait(rules: Rules, row: Row) -> Row | None:
    """Return a row whose wait is over as recovery saves it, from what the index shows of it."""
    if row.next_attempt_at is None or row.parked_at is not None or not rules.is_due(entry_of(row), NOW):
        return None
    return replace(row, next_attempt_at=None)


def _lands(world: World) -> Iterator[Step]:
    for flight in world.flying:
        left = tuple(other for other in world.flying if other != flight)
        yield f"{_words(flight)} takes effect late", applied(world._replace(flying=left), flight.call), False


def _time_passes(case: Case, world: World) -> Iterator[Step]:
    if world.would_age(waited):
        yield "the wait of a retry is over", world.aged(waited), False
    if not world.is_dated and case.requests != case.dated_requests:
        yield "a date passes", world.aged(dated)._replace(is_dated=True), False
    if not world.intakes and all(_outlives(case, worker.age) for worker in world.workers):
        yield from _part_passes(case, world)


def _part_passes(case: Case, world: World) -> Iterator[Step]:
    """Let a part of the settle delay pass. A worker that began before the whole of it is dead, and so are its calls."""
    if any(flight.is_sure and not _outlives(case, flight.age) for flight in world.flying):
        return
    age = ageing(SETTLE_DELAY // case.parts)
    if world.would_age(age):
        older = world.aged(age)
        workers = tuple(sorted(worker._replace(age=worker.age + 1) for worker in older.workers))
        flying = tuple(flight._replace(age=flight.age + 1) for flight in world.flying if _outlives(case, flight.age))
        label = "the settle delay passes" if case.parts == 1 else "a part of the settle delay passes"
        yield label, older._replace(workers=workers, flying=flying), False


def _outlives(case: Case, age: int) -> bool:
    return age + 1 < case.parts


def _words(flight: Flight) -> str:
    call = flight.call.value
    if isinstance(call, EventReport):
        return f"a report of …{call.event_id[-4:]}"
    return f"a cancel of {', '.join(f'…{text[-4:]}' for text in call)}"
