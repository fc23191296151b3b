"""Makes a failing run small: leaves out requests, whole entities first, and then faults, as long as it still fails.

With other requests everything else comes out otherwise. So a smaller set is tried with several rolls of the dice, in
the same fault_injection: the smaller it is the more, since small runs are quick.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from tests.proof.simulation.parts import SOUND, Parts
from tests.proof.simulation.producers import asks
from tests.proof.simulation.run import Run, Script, run
from trigger_provider.domain.ledger.ids import entity_of

_MOST_ROLLS = 300
_REQUESTS_A_TRY = 3_000
_REQUESTS_IN_ALL = 120_000

Group = frozenset[int]
Attempt = Callable[[Group], Iterable[Script]]


class Shrinker:
    """Looks for the smallest script that fails; It reports its progress to `say`."""

    def __init__(self, script: Script, parts: Parts = SOUND, say: Callable[[str], None] = lambda _: None) -> None:
        self._script = replace(script, kept=script.kept or frozenset(range(script.size)))
        self._parts = parts
        self._say = say
        self._effort = 0

    def shrunk(self) -> Run:
        """Return the smallest failing run that was found, with its trace."""
        self._leave_out(self._entities(), self._rolled)
        self._leave_out([frozenset({number}) for number in sorted(self._script.kept or ())], self._rolled)
        faults = self._run(self._script).faults
        self._leave_out(
            [frozenset({number}) for number in range(faults)], lambda left: [self._with_faults(faults, left)]
        )
        return run(self._script, self._parts, tells=True)

    def _entities(self) -> list[Group]:
        """Return the requests of each entity, and each request without one."""
        groups = defaultdict(set)
        for ask in asks(self._script.seed, self._script.size):
            groups[entity_of(ask.request.key) or ask.request.key].add(ask.number)
        return [group & (self._script.kept or group) for group in map(frozenset, groups.values())]

    def _rolled(self, kept: Group) -> Iterator[Script]:
        for roll in range(min(_MOST_ROLLS, 1 + _REQUESTS_A_TRY // max(1, len(kept)))):
            yield replace(self._script, kept=kept, roll=roll)

    def _with_faults(self, faults: int, left: Group) -> Script:
        return replace(self._script, spared=frozenset(range(faults)) - left)

    def _leave_out(self, left: Sequence[Group], attempt: Attempt) -> None:
        """Leave out groups, many at once at first, while some attempt without them fails."""
        size = len(left)
        while size:
            start = 0
            while start < len(left):
                fewer = [*left[:start], *left[start + size :]]
                if self._still_fails(attempt(frozenset[int]().union(*fewer))):
                    left = fewer
                else:
                    start += size
            size //= 2

    def _still_fails(self, scripts: Iterable[Script]) -> bool:
        for script in scripts:
            if self._effort < _REQUESTS_IN_ALL and self._run(script).wrong:
                self._script = script
                self._say(f"{len(script.kept or ())} requests")
                return True
        return False

    def _run(self, script: Script) -> Run:
        shorter = run(script, self._parts)
        self._effort += shorter.requests + 1
        return shorter
