"""A state of the whole world: ledger, queue, sources, processes, and Wix, for one entity.

Everything in it is a number or a tuple of numbers. Each tuple of equal kinds is sorted, so that two states that differ
only in the order of their processes are one state.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from tests.proof.model.cases import Case
from tests.proof.model.clock import Ageing
from tests.proof.model.kept import NOTHING, Kept
from tests.proof.model.processes import Intake, Worker
from trigger_provider.domain.delivery.results import EventReport
from trigger_provider.domain.ledger.rows import Row


class Input(IntEnum):
    """Where a request stands at its source."""

    WAITING = 0
    TAKEN = 1
    LOST = 2
    FORGOTTEN = 3
    """Taken, and then lost with the row."""


Call = Kept[EventReport | tuple[str, ...]]


class Flight(NamedTuple):
    """A call on its way to Wix for which no worker waits: a report, or a cancel of event ids.

    It may get lost, unless it `is_sure`: answered before it is applied.
    """

    call: Call
    is_sure: bool
    age: int


class Event(NamedTuple):
    """An event that Wix has accepted. It may have been cancelled since."""

    report: Kept[EventReport]
    is_live: bool


class World(NamedTuple):
    """The state.

    `ready` and `early` count the messages of each row: those whose row has been saved, and those whose row has not.
    `losses` counts how often the ledger has lost rows. `copy` is an older copy of its rows, or empty. While the table
    `is_lost`, nothing but that copy is left of it.

    `published` are the reports whose acknowledgement a worker received and saved. `refused` are those that Wix refused.
    """

    rows: tuple[Kept[Row | None], ...]
    ready: tuple[int, ...]
    early: tuple[int, ...]
    inputs: tuple[Input, ...]
    intakes: tuple[Intake, ...]
    workers: tuple[Worker, ...]
    flying: tuple[Flight, ...]
    events: tuple[Event, ...]
    published: tuple[Kept[EventReport], ...]
    refused: tuple[Kept[EventReport], ...] = ()
    is_dated: bool = False
    losses: int = 0
    copy: tuple[Kept[Row | None], ...] = ()
    is_lost: bool = False

    def is_at_rest(self) -> bool:
        """Return whether nothing more will happen by itself."""
        return (
            not (self.is_lost or self.intakes or self.workers or any(self.ready) or any(self.early))
            and Input.WAITING not in self.inputs
            and not any(flight.is_sure for flight in self.flying)
            and not any(row.value is not None and row.value.next_attempt_at is not None for row in self.rows)
        )

    def with_message(self, at: int, by: int, *, early: bool) -> World:
        """Return the world with `by` messages more for a row; `by` may be negative."""
        if early:
            return self._replace(early=changed(self.early, at, by))
        return self._replace(ready=changed(self.ready, at, by))

    def would_age(self, age: Ageing) -> bool:
        """Return whether this passing of time changes a row of the ledger."""
        return any(age(row) != row for row in self.rows)

    def aged(self, age: Ageing) -> World:
        """Return the world with every time in rows and processes made older."""
        return self._replace(
            rows=tuple(map(age, self.rows)),
            copy=tuple(map(age, self.copy)),
            intakes=tuple(sorted(intake._replace(draft=age(intake.draft)) for intake in self.intakes)),
            workers=tuple(sorted(worker.aged(age) for worker in self.workers)),
        )


def first_world(case: Case) -> World:
    """Return the world before anything has happened."""
    rows, none = len(case.keys), (0,) * len(case.keys)
    inputs = (Input.WAITING,) * len(case.requests)
    return World((NOTHING,) * rows, none, none, inputs, (), (), (), (), ())


def changed(counts: tuple[int, ...], at: int, by: int) -> tuple[int, ...]:
    """Return the numbers with one of them changed."""
    return (*counts[:at], counts[at] + by, *counts[at + 1 :])
