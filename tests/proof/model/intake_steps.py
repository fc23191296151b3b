"""The steps of intake, in the order of `use_cases/intake/accept.py`.

They are: load, decide, enqueue, save, and again if the row has changed meanwhile.

The load and the enqueuing after it are one step: until the row is saved, a worker can only give the message back. The
load of an occurrence and of its entity row is one step too. Only a copy of the same request could save the occurrence
in between, and then this request finds a conflict, or is stale.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.proof.model.cached_decisions import taken
from tests.proof.model.cases import Case, Fault
from tests.proof.model.kept import NOTHING, Kept
from tests.proof.model.processes import Intake, Phase
from tests.proof.model.rules import Rules
from tests.proof.model.world import Input, World, changed
from trigger_provider.domain.ledger.rows import Row, State

Step = tuple[str, World, bool]
"""What happens, the world after it, and whether it is a fault."""


def intake_steps(rules: Rules, case: Case, world: World) -> Iterator[Step]:
    """Return every step that intake can take."""
    if len(world.intakes) < case.intakes and not world.is_lost:
        yield from _starts(rules, case, world)
    for fromkey in dict.fromkeys(world.intakes):
        intakes = list(world.intakes)
        intakes.remove(fromkey)
        yield from _goes_on(rules, case, world._replace(intakes=tuple(intakes)), fromkey)


def saved(case: Case, world: World, at: int, row: Kept[Row | None]) -> World:
    """Return the world with a row saved: its messages are no longer early. Intake's copies of it are outdated."""
    intakes = (
        intake._replace(is_current=False) if case.targets[intake.at] == at else intake for intake in world.intakes
    )
    workers = (worker._replace(early=False) if worker.at == at else worker for worker in world.workers)
    return world._replace(
        rows=(*world.rows[:at], row, *world.rows[at + 1 :]),
        ready=changed(world.ready, at, world.early[at]),
        early=changed(world.early, at, -world.early[at]),
        intakes=tuple(sorted(intakes)),
        workers=tuple(sorted(workers)),
    )


def _starts(rules: Rules, case: Case, world: World) -> Iterator[Step]:
    for at, state in enumerate(world.inputs):
        if state is Input.WAITING:
            begun = world._replace(inputs=_with(world.inputs, at, Input.TAKEN))
            yield _loads(rules, case, begun, at, "")
            if Fault.COPY in case.kinds:
                yield _loads(rules, case, world, at, "the copy of ")


def _loads(rules: Rules, case: Case, world: World, at: int, copy: str) -> Step:
    """Load, decide, and send the message if there is anything to save."""
    label, is_fault = f"{copy}{_name(case, at)} loads", bool(copy)
    row, is_to_deliver = taken(
        rules, case, at, world.is_dated, world.losses, tuple(world.rows[row] for row in case.reads[at])
    )
    if row is NOTHING:
        return f"{label}: nothing to do", world, is_fault
    saving = world._replace(intakes=tuple(sorted((*world.intakes, Intake(at, Phase.SAVE, row, is_current=True)))))
    if not is_to_deliver or not rules.enqueues_first:
        return label, saving, is_fault
    early = changed(world.early, case.targets[at], 1)
    return f"{label} and sends its message", saving._replace(early=early), is_fault


def _goes_on(rules: Rules, case: Case, world: World, intake: Intake) -> Iterator[Step]:
    name, at = _name(case, intake.at), case.targets[intake.at]
    if intake.phase is Phase.ENQUEUE:
        yield f"{name} sends its message", world._replace(ready=changed(world.ready, at, 1)), False
    elif intake.is_current:
        yield f"{name} saves", _saves(rules, case, world, intake), False
    else:
        label, after, _ = _loads(rules, case, world, intake.at, "")
        yield f"{label}, since the row has changed", after, False
    if Fault.CRASH in case.kinds:
        is_to_come = case.retries or world.inputs[intake.at] is Input.WAITING
        left = Input.WAITING if is_to_come else Input.LOST
        yield f"{name} dies", world._replace(inputs=_with(world.inputs, intake.at, left)), True


def _saves(rules: Rules, case: Case, world: World, intake: Intake) -> World:
    world = saved(case, world, case.targets[intake.at], intake.draft)
    row = intake.draft.value
    if rules.enqueues_first or row is None or row.state is not State.PENDING:
        return world
    return world._replace(intakes=tuple(sorted((*world.intakes, intake._replace(phase=Phase.ENQUEUE)))))


def _with(inputs: tuple[Input, ...], at: int, state: Input) -> tuple[Input, ...]:
    return (*inputs[:at], state, *inputs[at + 1 :])


def _name(case: Case, at: int) -> str:
    return f"intake of {case.words.split()[at]}"
