"""The search goes breadth first, so that the first counterexample is a shortest one."""

from __future__ import annotations

import gc
import time
from array import array
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from tests.proof.model.cases import Case
from tests.proof.model.gate import passes_wrongly
from tests.proof.model.oracle import find_contradiction
from tests.proof.model.rules import SHIPPED, Rules
from tests.proof.model.steps import steps, walk_steps
from tests.proof.model.wix import find_reused_key
from tests.proof.model.world import World, first_world


@dataclass(frozen=True)
class Found:
    """What a search has seen. `trace` is a shortest way to what is wrong, a line a step; empty if all is well."""

    states: int
    rests: int
    seconds: float
    wrong: str | None = None
    trace: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n".join([*self.trace, f"=> {self.wrong}"]) if self.wrong else "all is well"


def search(case: Case, rules: Rules = SHIPPED) -> Found:
    """Look at every state that can be reached. If they are more than the case allows, the case is wrong."""
    began = time.perf_counter()
    with _no_collection():
        walk = _Walk(rules, case)
        wrong, at = walk.run()
        trace = walk.trace(at) if wrong else ()
    return Found(len(walk.worlds), len(walk.at_rest), time.perf_counter() - began, wrong, trace)


class _Walk:
    """The worlds in the order they were found, with the faults that are left, and from which of them each was found.

    A world that is known with as many faults left is not looked at again with fewer.
    """

    def __init__(self, rules: Rules, case: Case) -> None:
        self.rules, self.case, self.calm = rules, case, replace(case, kinds=frozenset())
        first = first_world(case)
        self.worlds = [first]
        self.numbers = {first: 0}
        self.faults = array("b", [case.faults])
        self.parents = array("i", [-1])
        self.ways = array("i")
        self.at_rest: list[int] = []

    def run(self) -> tuple[str | None, int]:
        at = 0
        while at < len(self.worlds):
            wrong = self._look(at)
            if wrong:
                return wrong, at
            if len(self.worlds) > self.case.limit:
                return f"more than {self.case.limit} states", at
            at += 1
        lost = self._never_at_rest()
        return ("from here it never comes to rest", lost) if lost is not None else (None, 0)

    def trace(self, at: int) -> tuple[str, ...]:
        """Return the steps from the start to a world."""
        lines: deque[str] = deque()
        while (parent := self.parents[at]) >= 0:
            world, cost = self.worlds[at], self.faults[parent] - self.faults[at]
            worlds = steps(self.rules, self.case, self.worlds[parent])
            lines.appendleft(next(label for label, after, is_fault in worlds if (after, is_fault) == (world, cost)))
            at = parent
        return tuple(f"{number:3} {line}" for number, line in enumerate(lines, 1))

    def _look(self, at: int) -> str | None:
        world, faults = self.worlds[at], self.faults[at]
        wrong = passes_wrongly(self.rules, self.case, world.rows, world.events)
        wrong = wrong or find_reused_key(world.events, world.refused)
        if wrong:
            return wrong
        if world.is_at_rest() and not any(walk_steps(self.rules, self.case, world)):
            self.at_rest.append(at)
            wrong = find_contradiction(self.rules, self.case, world)
            if wrong:
                return wrong
        for _, after, is_fault in steps(self.rules, self.case if faults else self.calm, world):
            number = self._number(after, faults - is_fault, at)
            if not is_fault:
                self.ways.extend((at, number))
        return None

    def _number(self, world: World, faults: int, parent: int) -> int:
        known = self.numbers.get(world)
        if known is not None and self.faults[known] >= faults:
            return known
        number = self.numbers[world] = len(self.worlds)
        self.worlds.append(world)
        self.faults.append(faults)
        self.parents.append(parent)
        return number

    def _never_at_rest(self) -> int | None:
        """Return the first world from which no way without a fault leads to rest."""
        before: list[list[int]] = [[] for _ in self.worlds]
        for way in range(0, len(self.ways), 2):
            before[self.ways[way + 1]].append(self.ways[way])
        good = bytearray(len(self.worlds))
        open_ = list(self.at_rest)
        while open_:
            at = open_.pop()
            if not good[at]:
                good[at] = 1
                open_.extend(before[at])
        lost = good.find(0)
        return lost if lost >= 0 else None


@contextmanager
def _no_collection() -> Iterator[None]:
    """Switch off garbage collection: the search makes no garbage, and looking for it takes most of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
