"""What the ledger may lose: a row that the operator erases, or the whole table, put back from an older copy.

While the table is lost no intake starts, as the runbook says. A worker goes on with what it has loaded, and can save
nothing. What was accepted after the copy was made is lost; its sources have to send it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from tests.proof.model.cases import Case, Fault
from tests.proof.model.clock import NOW, plain
from tests.proof.model.intake_steps import Step, saved
from tests.proof.model.kept import NOTHING, Kept, keep
from tests.proof.model.rules import Rules
from tests.proof.model.world import Input, World, changed
from trigger_provider.domain.ledger.rows import ON_THE_WAY, Row, ScheduledEntity
from trigger_provider.domain.operations.erasure import candidate


def losses(rules: Rules, case: Case, world: World) -> Iterator[Step]:
    """Return every step by which the ledger loses something, or gets it back."""
    if world.is_lost:
        yield "the copy is restored", _restored(rules, case, world), False
        return
    if Fault.FORGOTTEN in case.kinds and len(world.rows) == 1 and _may_be_erased(world.rows[0]):
        yield "the operator erases the row", _forgotten(world), True
    if Fault.MESSAGE_LOST in case.kinds:
        for at, count in enumerate(world.ready):
            if count:
                yield "a message is lost", world._replace(ready=changed(world.ready, at, -1)), True
    if Fault.RESTORED in case.kinds:
        if not world.copy and any(row is not NOTHING for row in world.rows):
            yield "a copy of the table is made", world._replace(copy=world.rows), False
        if world.copy:
            yield "the table is lost", _forgotten(_without_intakes(case, world))._replace(is_lost=True), True


@cache
def _may_be_erased(row: Kept[Row | None]) -> bool:
    """Return whether nothing but the youth of the row holds it back."""
    entity = row.value
    return isinstance(entity, ScheduledEntity) and not candidate(entity, NOW + 10**9).held


def _forgotten(world: World) -> World:
    """Return the world without rows. The sources' requests that the ledger knew are forgotten with them."""
    inputs = tuple(Input.FORGOTTEN if state is Input.TAKEN else state for state in world.inputs)
    return world._replace(rows=(NOTHING,) * len(world.rows), inputs=inputs, losses=world.losses + 1)


def _without_intakes(case: Case, world: World) -> World:
    left = Input.WAITING if case.retries else Input.LOST
    taken = {intake.at for intake in world.intakes}
    inputs = tuple(left if at in taken else state for at, state in enumerate(world.inputs))
    return world._replace(intakes=(), inputs=inputs)


def _restored(rules: Rules, case: Case, world: World) -> World:
    copy, world = world.copy, world._replace(copy=(), is_lost=False)
    for at, row in enumerate(copy):
        if row.value is not None:
            after = plain(rules.restore_row(row.value, NOW, 0))
            world = saved(case, world, at, keep(after))
            if after.state in ON_THE_WAY:
                world = world._replace(ready=changed(world.ready, at, 1))
    return world
