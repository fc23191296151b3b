"""Many seeds, on all processors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Final

from tests.proof.simulation.run import SIZE, Run, Script, run
from tests.proof.simulation.sabotages import SABOTAGES

_TOGETHER = 10
"""The number of seeds that a process runs in one go."""

Say = Callable[[int], None]
"""Called with the number of seeds that have run since the last call."""


_COUNTED: Final = ("seeds", "requests", "steps", "faults", "calls")


@dataclass(slots=True)
class Campaign:
    """What came of all seeds: how much has happened, and the runs that went wrong."""

    figures: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_COUNTED, 0))
    failed: list[Run] = field(default_factory=list)

    def add(self, run: Run) -> None:
        """Count one run."""
        for name in _COUNTED[1:]:
            self.figures[name] += getattr(run, name)
        self.figures["seeds"] += 1
        if run.wrong:
            self.failed.append(run)


def campaign(seeds: Sequence[int], size: int = SIZE, say: Say = lambda _: None) -> Campaign:
    """Run all seeds, or fewer: after the first that fails no more are begun."""
    whole = Campaign()
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        portions = [(seeds[start : start + _TOGETHER], size) for start in range(0, len(seeds), _TOGETHER)]
        for runs in pool.map(_runs, portions):
            for run in runs:
                whole.add(run)
            say(len(runs))
            if whole.failed:
                pool.shutdown(cancel_futures=True)
                break
    return whole


def run_until_one_fails(seeds: Iterable[int], size: int = SIZE) -> Iterator[Run]:
    """Run seeds one after the other in this process, and none after the first that fails."""
    for seed in seeds:
        ended = run(Script(seed, size))
        yield ended
        if ended.wrong:
            return


def found_without(rule: str, seeds: Iterable[int]) -> Run | None:
    """Return the run of the first of these seeds that fails if one rule is broken."""
    runs = (run(Script(seed), SABOTAGES[rule]) for seed in seeds)
    return next((run for run in runs if run.wrong), None)


def _runs(portion: tuple[Sequence[int], int]) -> list[Run]:
    return list(run_until_one_fails(*portion))
