"""The steps of delivery up to its plan, in the order of `use_cases/delivery/deliver.py`: receive, load, query.

An occurrence is read first, and its entity row after it: a batch of reads is no snapshot.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.proof.model.cached_decisions import planned
from tests.proof.model.cases import Case, Fault
from tests.proof.model.clock import INTAKE_WINDOW, NOW
from tests.proof.model.intake_steps import Step
from tests.proof.model.kept import NOTHING, Kept, keep
from tests.proof.model.processes import Phase, Worker, WorkerJob
from tests.proof.model.rules import Rules
from tests.proof.model.worker_steps import calls, closes, dies, goes_on_to_plan, settles, with_worker
from tests.proof.model.world import World
from trigger_provider.domain.ledger.rows import OccurrencePage, RealtimeEvent, ScheduledEntity, Tombstone

_UNREAD = keep("not yet read")


def delivery_steps(rules: Rules, case: Case, world: World) -> Iterator[Step]:
    """Return every step that delivery can take."""
    for at in range(len(world.rows)):
        yield from _drops(rules, case, world, at)
        if len(world.workers) < case.workers:
            yield from _receives(rules, case, world, at)
    for fromkey in dict.fromkeys(world.workers):
        workers = list(world.workers)
        workers.remove(fromkey)
        yield from _goes_on(rules, case, world._replace(workers=tuple(workers)), fromkey)


def _drops(rules: Rules, case: Case, world: World, at: int) -> Iterator[Step]:
    """Drop a message whose row is never saved, once its sender can't be alive any more."""
    is_alive = any(
        case.targets[intake.at] == at and intake.phase is Phase.SAVE and intake.is_current for intake in world.intakes
    )
    age = 0 if is_alive else INTAKE_WINDOW
    if world.early[at] and rules.wait_for_save(NOW - age, 1, NOW, INTAKE_WINDOW) is None:
        yield "a message whose row was never saved is dropped", world.with_message(at, -1, early=True), False


def _receives(rules: Rules, case: Case, world: World, at: int) -> Iterator[Step]:
    for early in (False, True):
        if not (world.early if early else world.ready)[at]:
            continue
        taken = world.with_message(at, -1, early=early)
        yield from _starts(rules, case, taken, at, early=early, copy="")
        if Fault.COPY in case.kinds:
            yield from _starts(rules, case, world, at, early=early, copy=" a copy of")


def _starts(rules: Rules, case: Case, world: World, at: int, *, early: bool, copy: str) -> Iterator[Step]:
    """Start a worker by its first read. It gives an early message back, unless it reads something else first."""
    name, is_fault = f"a worker gets{copy} a message for {_row(case, at)}", bool(copy)
    fresh = Worker(at, Phase.READ, early, 0, WorkerJob(_UNREAD), _UNREAD)
    row = world.rows[at]
    if at and not rules.reads_entity_last:
        reading = fresh._replace(beside=world.rows[0])
        yield f"{name}, and reads the entity row first", with_worker(world, reading), is_fault
    if not at and not rules.queries_last and len(world.rows) > 1:
        reading = fresh._replace(beside=_page(case, world, ""))
        yield f"{name}, and queries first", with_worker(world, reading), is_fault
    elif not early:
        is_read = len(world.rows) == 1 or not planned(rules, row, NOTHING).value
        loaded = fresh._replace(job=WorkerJob(row), beside=NOTHING if is_read else _UNREAD)
        after = goes_on_to_plan(rules, case, world, loaded) if is_read else with_worker(world, loaded)
        yield f"{name}, and reads its row" + _if_done(world, after), after, is_fault


def _goes_on(rules: Rules, case: Case, world: World, worker: Worker) -> Iterator[Step]:
    name = _name(case, worker)
    match worker.phase:
        case Phase.READ:
            after = _read(rules, case, world, worker)
            yield name + _second_read(worker) + _if_done(world, after), after, False
        case Phase.CANCEL | Phase.REPORT:
            yield from calls(rules, case, world, worker, name)
        case Phase.CLOSE:
            yield f"{name} closes an occurrence", closes(rules, case, world, worker), False
        case _:
            yield settles(rules, case, world, worker, name)
    if Fault.CRASH in case.kinds and worker.phase is not Phase.READ:
        yield f"{name} dies", dies(rules, world, worker), True


def _second_read(worker: Worker) -> str:
    if worker.job.loaded == _UNREAD:
        return " reads its row"
    return " reads the entity row" if worker.at else " queries the occurrences"


def _if_done(before: World, after: World) -> str:
    return ": nothing to do" if after.workers == before.workers else ""


def _read(rules: Rules, case: Case, world: World, worker: Worker) -> World:
    if worker.job.loaded == _UNREAD:
        loaded = world.rows[worker.at]
        if worker.early:
            return world.with_message(worker.at, 1, early=True)
        return goes_on_to_plan(rules, case, world, worker._replace(job=WorkerJob(loaded)))
    entity = worker.job.loaded.value
    position = entity.sweep_position if isinstance(entity, Tombstone) else ""
    beside = world.rows[0] if worker.at else _page(case, world, position)
    return goes_on_to_plan(rules, case, world, worker._replace(beside=beside))


def _page(case: Case, world: World, position: str) -> Kept[OccurrencePage]:
    stored = (row.value for row in world.rows[1:] if isinstance(row.value, RealtimeEvent))
    rows = sorted((row for row in stored if row.key.row > position), key=lambda row: row.key)
    page = tuple(rows[: case.page])
    return keep(OccurrencePage(page, page[-1].key.row if len(rows) > case.page else None))


def _row(case: Case, at: int) -> str:
    return case.words.split()[case.targets.index(at)] if at else "the entity"


def _name(case: Case, worker: Worker) -> str:
    row = worker.job.loaded.value
    if isinstance(row, Tombstone):
        return f"the sweep up to {row.version}"
    if isinstance(row, ScheduledEntity):
        return f"the worker of generation {row.generation}"
    return f"the worker of {_row(case, worker.at)}"
