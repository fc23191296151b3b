"""Which faults happen, and how long everything takes. Each seed has its own faults, and some seeds have none.

As in FoundationDB's simulation, each seed turns on some kinds of faults and leaves out others, so that rare ones are
not always hidden behind frequent ones.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from random import Random
from typing import Final


class Fault(StrEnum):
    """What can go wrong with a call, or with a message."""

    FAILS = "it fails"
    LOST = "it is done, and the answer is lost"
    PART = "half of it is done, then it fails"
    TORN = "it is done in two parts"
    SLOW = "it is slow"
    DIES_BEFORE = "the caller dies before it"
    DIES_AFTER = "the caller dies after it"
    DIES_LATE = "the caller dies, and it is done later"
    BUSY = "Wix answers 429"
    NEVER = "time-out: it is never done"
    LATE = "time-out: it is done later"
    ASYNC = "it is answered, and done later"
    RIDDLE = "Wix answers what nobody documents"
    RIDDLE_AFTER = "it is done, and Wix answers what nobody documents"
    TWICE = "the message is received twice"


class Place(StrEnum):
    """Where it can go wrong."""

    LEDGER = "ledger"
    QUEUE = "queue"
    OUTCOMES = "outcomes"
    WIX = "wix"
    RECEIVE = "receive"


_OF_A_CALL = (Fault.FAILS, Fault.LOST, Fault.PART, Fault.SLOW, Fault.DIES_BEFORE, Fault.DIES_AFTER)
_KINDS: Final[Mapping[Place, tuple[Fault, ...]]] = {
    Place.LEDGER: (*_OF_A_CALL, Fault.TORN),
    Place.QUEUE: _OF_A_CALL,
    Place.OUTCOMES: (Fault.FAILS, Fault.LOST, Fault.DIES_BEFORE, Fault.DIES_AFTER),
    Place.WIX: (
        *_OF_A_CALL, Fault.DIES_LATE, Fault.BUSY, Fault.NEVER, Fault.LATE, Fault.ASYNC,
        Fault.RIDDLE, Fault.RIDDLE_AFTER,
    ),
    Place.RECEIVE: (Fault.TWICE,),
}  # fmt: skip
_CALM: Final = 0.1
_HIGHEST_RATE: Final = 0.06
_LONGEST: Final = 40
_SLOW: Final = (1_000, 9_000)
_SLOWEST: Final = 60_000
_NOT_SO_SLOW: Final = 0.85
_STORM: Final = 0.04
_IN_A_STORM: Final = 0.3
_LARGEST_BATCH: Final = 40

Met = tuple[Place, Fault]


class FaultInjection:
    """The faults of one run, in the order in which they are `met`; those whose numbers are `spared` do not happen.

    The seed says which kinds there are and how frequent, and `chance` when they happen.
    """

    def __init__(self, seed: int, chance: Random, spared: Collection[int] = ()) -> None:
        self.met: list[Met] = []
        self._chance = chance
        self._spared = spared
        self.is_over = False
        climate = Random(f"fault_injection {seed}")  # noqa: S311 - a test's chance
        is_calm = climate.random() < _CALM
        self._rates = {place: {} if is_calm else _drawn(climate, kinds) for place, kinds in _KINDS.items()}
        self._total = {place: sum(rates.values()) for place, rates in self._rates.items()}

    def clear_up(self) -> None:
        """Let nothing go wrong any more."""
        self.is_over, self._total = True, dict.fromkeys(self._total, 0.0)

    def strike(self, place: Place) -> Fault | None:
        """Say what goes wrong there this time."""
        if self._chance.random() >= self._total[place]:
            return None
        rates = self._rates[place]
        (fault,) = self._chance.choices(list(rates), list(rates.values()))
        self.met.append((place, fault))
        return None if len(self.met) - 1 in self._spared else fault

    def latency(self) -> int:
        """Return how many milliseconds a call takes to arrive."""
        return 1 + int(_LONGEST * self._chance.random() ** 2)

    def slowness(self) -> int:
        """Return how much longer a slow one takes: seconds, or so long that its caller may not live to see the end."""
        return self._chance.randint(*_SLOW) if self._chance.random() < _NOT_SO_SLOW else self.below(_SLOWEST)

    def below(self, limit: int) -> int:
        """Return a number from 0 up to a limit."""
        return int(limit * self._chance.random())

    def jitter(self) -> float:
        """Return a number in [0, 1)."""
        return self._chance.random()

    def some(self, all_there_are: Collection[str]) -> list[str]:
        """Take some, at random and in any order."""
        most = 1 + self.below(_LARGEST_BATCH)
        return self._chance.sample(list(all_there_are), min(most, len(all_there_are)))


def _drawn(climate: Random, kinds: tuple[Fault, ...]) -> dict[Fault, float]:
    """Draw how frequent each kind is; now and then it is a storm."""
    highest = _HIGHEST_RATE * climate.random()
    rates = {kind: highest * climate.random() ** 2 for kind in kinds if climate.random() < 0.5}
    return {kind: _IN_A_STORM if climate.random() < _STORM else rate for kind, rate in rates.items()}
