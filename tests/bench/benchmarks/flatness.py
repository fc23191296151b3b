"""Whether an event costs the same among ten and among a hundred thousand, with one site and with five thousand."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import Any, Final

from tests.bench.benchmarks.contest import OURS, Contestant, alone, contestants
from tests.bench.benchmarks.figures import Figure, figure
from tests.bench.benchmarks.stubs.stub_client import StubProcess
from tests.bench.benchmarks.workload import submissions

_BATCH: Final = 100
_EVENTS: Final = (10, 100, 1_000, 10_000)
_SITES: Final = (10, 100, 1_000, 5_000)
_EVENTS_OVER_SITES: Final = 5_000
# Long enough that each of 5,000 sites comes twice: its token is fetched once, and then known.
_LONG: Final = 100_000
_LONG_SITES: Final = 5_000
_LONG_BATCH: Final = 1_000
_IN_A_ROW: Final = 10
_PARTS: Final = 10


def measured(stub: StubProcess) -> list[Figure]:
    """Return calls and bytes for an event by number of events and of sites."""
    figures = []
    for events in _EVENTS:
        with contestants(stub, [OURS], sites=1) as sides:
            figures += _run(f"{events:,} events of one site", sides[OURS], events)
    for sites in _SITES:
        with contestants(stub, [OURS], sites=sites) as sides:
            figures += _run(f"{_EVENTS_OVER_SITES:,} events of {sites:,} sites", sides[OURS], _EVENTS_OVER_SITES)
    return figures


def long_run(stub: StubProcess) -> list[Figure]:
    """Return the growth of one warm worker's memory, and of its processor time for an event, over a long run."""
    with alone(stub, OURS, submissions(_LONG_SITES, _IN_A_ROW)) as side:
        memory, cpu = list[float](), list[float]()
        for _ in range(_PARTS):
            spent = side.take(_LONG_BATCH, _LONG // _LONG_BATCH // _PARTS)
            side.world.ask("forget")
            cpu.append(spent.cpu / spent.events * 1e6)
            memory.append(_megabytes(side.process.pid))
        counted = _counted(f"{_LONG:,} events of {_LONG_SITES:,} sites, {_IN_A_ROW} in a row", side, _LONG)
    half = _PARTS // 2
    over = f"over {_LONG:,} events and {_LONG_SITES:,} sites"
    return [
        *counted,
        figure(f"memory of a warm worker {over}", memory[half:], "MB"),
        figure("  … its last part beside its middle", [memory[-1] / memory[half]], "×", most=1.02),
        figure(
            "  … processor time of its second half beside its first", [median(cpu[half:]) / median(cpu[:half])], "×"
        ),
    ]


def _run(what: str, side: Contestant, events: int) -> list[Figure]:
    side.take(min(_BATCH, events), -(-events // _BATCH))
    return _counted(what, side, events)


def _counted(what: str, side: Contestant, events: int) -> list[Figure]:
    counts: dict[str, Any] = side.world.ask("counts")
    calls = {name: number for name, number in counts["calls"].items() if not name.endswith(("token", "GetSecretValue"))}
    packed = sum(number for name, number in calls.items() if name.startswith("wix"))
    return [
        figure(f"calls an event, {what}", [sum(calls.values()) / events]),
        figure("  … without those to Wix", [(sum(calls.values()) - packed) / events]),
        figure("  … bytes sent for it", [sum(counts["bytes"].values()) / events], "B"),
    ]


def _megabytes(process: int) -> float:
    pages = int(Path(f"/proc/{process}/statm").read_text("ascii").split()[1])
    return pages * 4_096 / 1e6
