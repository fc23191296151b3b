"""What happened, line by line. It is written only for a run that prints its trace."""

from __future__ import annotations

from collections.abc import Callable

from greenlet import getcurrent

from tests.proof.simulation.scheduler import START, Scheduler, Task
from trigger_provider.domain.ledger.rows import RealtimeEvent, Row, ScheduledEntity


class Journal:
    """The lines of one run, if it `tells`."""

    def __init__(self, scheduler: Scheduler, *, tells: bool = False) -> None:
        self.lines: list[str] = []
        self.tells = tells
        self._scheduler = scheduler

    def say(self, what: Callable[[], str]) -> None:
        """Write a line, with the time and the process that acts."""
        if self.tells:
            task = getcurrent()
            who = f"{task.name}: " if isinstance(task, Task) else ""
            self.lines.append(f"{(self._scheduler.now() - START) / 1_000:10.3f} s  {who}{what()}")


def name_of(row: Row) -> str:
    """Return what a row stands for, in words."""
    if isinstance(row, RealtimeEvent):
        return f"{row.occurrence} of {row.site}"
    generation = f", generation {row.generation}" if isinstance(row, ScheduledEntity) else ""
    return f"{row.entity} of {row.site}{generation}"
