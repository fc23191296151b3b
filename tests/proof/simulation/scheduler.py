"""Virtual time, and all events in it. They happen one after the other, even if they seem to be concurrent.

An invocation of a function is a greenlet. It runs until it calls a port, and continues when the call is over. Other
invocations run meanwhile. Events of the same millisecond happen in random order.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Final

from greenlet import GreenletExit, getcurrent, greenlet

from trigger_provider.errors import TriggerProviderError

START: Final = 1_760_000_000_000

Action = Callable[[], object]


class Task(greenlet):
    """An invocation: `began` is when it last began to look at the world, and it dies at `dies_at`.

    `acknowledged` are the events whose reports Wix has acknowledged to it.
    """

    def __init__(self, name: str, run: Action, now: int, dies_at: int) -> None:
        super().__init__(run)
        self.name = name
        self.began = now
        self.dies_at = dies_at
        self.acknowledged: set[str] = set()


class Scheduler:
    """Keeps the port `Clock`. Time stands still but in `run`."""

    def __init__(self, chance: Random) -> None:
        self.steps = 0
        self.alive = 0
        self._now = START
        self._chance = chance
        self._hub = getcurrent()
        self._numbers = count()
        self._agenda: list[tuple[int, float, int, Action]] = []

    def now(self) -> int:
        return self._now

    def at(self, time: int, action: Action) -> None:
        """Let something happen at a time."""
        heappush(self._agenda, (time, self._chance.random(), next(self._numbers), action))

    def start(self, name: str, timeout: int, run: Action) -> None:
        """Begin an invocation that is killed after so many milliseconds; it may end by one of our errors."""
        self.alive += 1
        self.at(self._now, Task(name, lambda: self._living(run), self._now, self._now + timeout).switch)

    def task(self) -> Task:
        """Return the invocation that runs now."""
        task = getcurrent()
        if not isinstance(task, Task):
            raise TypeError("no invocation is running")
        return task

    def pause(self, milliseconds: int) -> None:
        """Let the others go on; the invocation that runs now comes back after a while, unless it dies before."""
        task = self.task()
        wakes_at = self._now + milliseconds
        dies = wakes_at >= task.dies_at
        self.at(task.dies_at if dies else wakes_at, task.switch)
        self._hub.switch()
        if dies:
            raise GreenletExit

    def run(self, until: int, is_over: Callable[[], bool]) -> None:
        """Let everything happen, until a time or until it is over."""
        while self._agenda and self._agenda[0][0] <= until and not is_over():
            self._now, _, _, action = heappop(self._agenda)
            self.steps += 1
            action()

    def _living(self, run: Action) -> None:
        try:
            with suppress(TriggerProviderError):
                run()
        finally:
            self.alive -= 1
