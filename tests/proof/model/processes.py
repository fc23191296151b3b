"""The processes of a state: intake takes one request, a worker of delivery one message."""

from __future__ import annotations

from enum import IntEnum
from typing import Any, NamedTuple

from tests.proof.model.clock import Ageing
from tests.proof.model.kept import NOTHING, Kept
from trigger_provider.domain.delivery.results import ResultKind
from trigger_provider.domain.ledger.rows import Row


class Phase(IntEnum):
    """What a process does next."""

    READ = 0
    ENQUEUE = 1
    SAVE = 2
    CANCEL = 3
    REPORT = 4
    CLOSE = 5
    SETTLE = 6


class Intake(NamedTuple):
    """A process that handles one request, and what it is going to save.

    `is_current` says whether the stored row is still the one that the process has loaded.
    """

    at: int
    phase: Phase
    draft: Kept[Row | None]
    is_current: bool


class WorkerJob(NamedTuple):
    """A row as it was loaded, the plan for it, and the answers so far."""

    loaded: Kept[Any]
    plan: Kept[Any] = NOTHING
    cancels: Kept[tuple[ResultKind, ...] | None] = NOTHING
    report: Kept[ResultKind | None] = NOTHING


class Worker(NamedTuple):
    """A process that delivers one message, for the row in that place.

    `beside` holds the other rows that it reads for the plan: an occurrence's entity row, or an entity's occurrences.
    `closing` holds the positions of the occurrences that it ends before it settles, and how Wix answered their cancels.
    The message is `early` while its row is not yet saved.
    """

    at: int
    phase: Phase
    early: bool
    age: int
    job: WorkerJob
    beside: Kept[Any] = NOTHING
    closing: tuple[tuple[int, ResultKind], ...] = ()

    def aged(self, age: Ageing) -> Worker:
        """Return the process with every time that it remembers made older."""
        job = self.job._replace(loaded=age(self.job.loaded), plan=age(self.job.plan))
        return self._replace(job=job, beside=age(self.beside))
