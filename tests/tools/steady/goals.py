"""What is to be run how often beside which load, and what of it a log leaves to do."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tests.tools.steady.runs import DEMO, TESTS, Load, Run, Tree

RUNS: Final[Mapping[str, int]] = {DEMO: 10, TESTS: 5}
LOADS: Final[Mapping[str, Sequence[int]]] = {DEMO: (0, 2), TESTS: (2,)}
"""Busy processes per core beside which each is run, unless STEADY_BUSY says otherwise."""


class WrongSettingError(Exception):
    """A setting has a value that means nothing; the message is for a person."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the variables STEADY_... ask for; None stands for the defaults above."""

    what: str = "all"
    minutes: int = 60
    grace: int = 20
    runs: int | None = None
    busy: int | None = None
    disk: int = 0
    cpu: int = 100

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        """Return the settings of an environment. Raise WrongSettingError for a value that means nothing."""
        what = environment.get("STEADY_WHAT") or "all"
        if what not in {DEMO, TESTS, "all"}:
            raise WrongSettingError(f"STEADY_WHAT={what} is none of demo, tests, all")
        names = ("minutes", "grace", "runs", "busy", "disk", "cpu")
        numbers = {name: _number(environment, f"STEADY_{name.upper()}") for name in names}
        return cls(what, **{name: number for name, number in numbers.items() if number is not None})

    def goals(self) -> list[Goal]:
        """Return what is to be reached, in the order of its beginning."""
        return [
            Goal(what, Load(busy, self.disk, self.cpu), RUNS[what] if self.runs is None else self.runs)
            for what in (DEMO, TESTS)
            if self.what in {what, "all"}
            for busy in (LOADS[what] if self.busy is None else [self.busy])
        ]


@dataclass(frozen=True, slots=True)
class Goal:
    """So many runs of one thing beside one load."""

    what: str
    load: Load
    runs: int

    def __str__(self) -> str:
        return f"{self.what} {self.load}"


def runs_of(goal: Goal, tree: Tree, runs: Collection[Run]) -> list[Run]:
    """Return the runs of a log that belong to a goal, for this state of the tree."""
    return [run for run in runs if (run.tree, run.what, run.load) == (tree, goal.what, goal.load)]


def count_done(goal: Goal, tree: Tree, runs: Collection[Run]) -> int:
    """Return how many runs of a goal came to an end; one that was cut says nothing."""
    return sum(not run.cut for run in runs_of(goal, tree, runs))


def choose_next(goals: Sequence[Goal], tree: Tree, runs: Collection[Run]) -> Goal | None:
    """Return the goal of whose runs the smallest share is done, or None if all are reached."""
    shares = {goal: count_done(goal, tree, runs) / goal.runs for goal in goals if goal.runs}
    unreached = [goal for goal, share in shares.items() if share < 1]
    return min(unreached, key=shares.__getitem__, default=None)


def _number(environment: Mapping[str, str], name: str) -> int | None:
    text = environment.get(name) or None
    if text is not None and not text.isdecimal():
        raise WrongSettingError(f"{name}={text} is no whole number")
    return None if text is None else int(text)
