"""The contests: what an event costs in processor time and calls, and how many a worker gets through with latency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from tests.bench.benchmarks.contest import (
    FLOOR,
    FLOOR_EACH,
    OURS,
    SDK_BULK,
    SDK_EACH,
    THREADS,
    USUAL,
    Contestant,
    Spent,
    contest,
    contestants,
    warm_up,
)
from tests.bench.benchmarks.figures import Figure, at_least, figure
from tests.bench.benchmarks.stubs.stub_client import StubProcess

_ROUNDS: Final = 11
_LATE_ROUNDS: Final = 5
_LATE: Final = {"dynamodb": 8, "sqs": 8, "wix": 120}
_NAMES: Final = {
    OURS: "ours",
    USUAL: "P1, the usual handler",
    THREADS: "P1′, the same with 10 threads",
    FLOOR: "F, the floor",
    FLOOR_EACH: "F with a message for each row",
    SDK_EACH: "P2, Wix's SDK, one by one",
    SDK_BULK: "P2, Wix's SDK, by 100",
}
Runs = Mapping[str, Sequence[Spent]]


def processor(stub: StubProcess) -> list[Figure]:
    """Return processor time for an event, calls, and how ours stands to each peer."""
    return [*_tens(stub), *_hundreds(stub), *_many_sites(stub)]


def throughput(stub: StubProcess) -> list[Figure]:
    """Return events a second of one worker, with a latency in front of each service."""
    return [*_late(stub, 1, 100, 12), *_late(stub, 20, 30, 4)]


def _tens(stub: StubProcess) -> list[Figure]:
    with contestants(stub, [OURS, USUAL], sites=1) as sides:
        warm_up(sides, batch=10)
        runs = contest(sides, _ROUNDS, batch=10, batches=5)
    return [*_costs(runs, "batch of 10"), _ratio(runs, USUAL, "batch of 10, one site", 1 / 3)]


def _hundreds(stub: StubProcess) -> list[Figure]:
    with contestants(stub, [OURS, USUAL, FLOOR, FLOOR_EACH, SDK_EACH, SDK_BULK], sites=1) as sides:
        warm_up(sides, batch=100)
        runs = contest(sides, _ROUNDS, batch=100)
        calls = [_calls(name, side, _ROUNDS * 100) for name, side in sides.items()]
    what = "batch of 100, one site"
    return [
        *_costs(runs, "batch of 100"),
        _ratio(runs, USUAL, what, 1 / 8),
        _ratio(runs, SDK_BULK, what, 1),
        _ratio(runs, FLOOR, what, 1.25),
        _ratio(runs, FLOOR_EACH, what, None),
        *calls,
    ]


def _many_sites(stub: StubProcess) -> list[Figure]:
    with contestants(stub, [OURS, USUAL], sites=100) as sides:
        warm_up(sides, batch=100)
        runs = contest(sides, _ROUNDS, batch=100)
    return [*_costs(runs, "batch of 100 over 100 sites"), _ratio(runs, USUAL, "batch of 100 over 100 sites", 1 / 2)]


def _late(stub: StubProcess, sites: int, times_usual: float, times_threads: float) -> list[Figure]:
    with contestants(stub, [OURS, USUAL, THREADS], sites=sites) as sides:
        warm_up(sides, batch=100)
        for side in sides.values():
            side.world.ask("late", **_LATE)
        runs = contest(sides, _LATE_ROUNDS, batch=100, fewer={USUAL: 10})
    what = f"{sites} site{'s' if sites > 1 else ''}, with latency"
    rates = {name: [each.events / each.wall for each in spent] for name, spent in runs.items()}
    alone = [each.events / each.last_wall for each in runs[OURS]]
    return [
        *(figure(f"events a second, {what}: {_NAMES[name]}", rate) for name, rate in rates.items()),
        at_least(f"  … ours beside P1, {what}", _beside(rates[OURS], rates[USUAL]), "×", times_usual),
        at_least(f"  … ours beside P1′, {what}", _beside(rates[OURS], rates[THREADS]), "×", times_threads),
        figure(f"  … delivery alone, without intake: events a second, {what}", alone),
        figure("  … and beside P1", _beside(alone, rates[USUAL]), "×"),
    ]


def _costs(runs: Runs, what: str) -> list[Figure]:
    return [
        figure(
            f"processor time an event, {what}: {_NAMES[name]}", [each.cpu / each.events * 1e6 for each in spent], "µs"
        )
        for name, spent in runs.items()
    ]


def _ratio(runs: Runs, peer: str, what: str, most: float | None) -> Figure:
    ours, theirs = ([each.cpu / each.events for each in runs[name]] for name in (OURS, peer))
    return figure(f"  … ours beside {_NAMES[peer]}, {what}", _beside(ours, theirs), "×", most=most)


def _calls(name: str, side: Contestant, events: int) -> Figure:
    calls = side.world.ask("counts")["calls"]
    most = 0.25 if name == OURS else None
    return figure(f"calls an event, batch of 100: {_NAMES[name]}", [sum(calls.values()) / events], most=most)


def _beside(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Compare within each round, so that what else the machine does falls on both."""
    return [seconds / other for seconds, other in zip(ours, theirs, strict=True)]
