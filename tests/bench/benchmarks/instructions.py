"""Instructions of the processor for an event, as callgrind counts them: the same in each run, whatever else goes on.

`python -m tests.bench.benchmarks.instructions`, on a machine with valgrind; it takes some minutes.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from itertools import islice
from typing import Final

from tests.bench.benchmarks.contest import OURS, ROOT
from tests.bench.benchmarks.environment import environment
from tests.bench.benchmarks.stubs.stub_client import StubProcess
from tests.bench.benchmarks.workload import submissions

_BATCH: Final = 100
_RUNS: Final = ((10, 1), (100, 1), (1_000, 1), (3_000, 1), (1_000, 10), (1_000, 100), (1_000, 1_000))
_VALGRIND: Final = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")


def instructions(stub: StubProcess, events: int, sites: int) -> int:
    """Return how many a worker takes from its start to its end for so many events, by batches of 100."""
    world, requests = stub.world(f"instructions-{events}-{sites}"), submissions(sites)
    sizes = [min(_BATCH, events - done) for done in range(0, events, _BATCH)]
    lines = [json.dumps(list(islice(requests, size))) for size in sizes]
    done = subprocess.run(
        [*_VALGRIND, sys.executable, "-W", "ignore", "-m", "tests.bench.benchmarks.worker", OURS, world.base_url],
        env={**environment(world.base_url), "PYTHONHASHSEED": "0"},
        cwd=ROOT,
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=True,
    )
    (collected,) = re.findall(r"Collected : (\d+)", done.stderr)
    return int(collected)


def main() -> None:
    """Print instructions an event beyond those of a worker that is given nothing."""
    with StubProcess() as stub:
        start = instructions(stub, 0, 1)
        print(f"a worker that is given nothing: {start / 1e6:,.0f} million")
        for events, sites in _RUNS:
            each = (instructions(stub, events, sites) - start) / events
            print(f"{events:,} events of {sites:,} sites: {each / 1e6:.2f} million an event", flush=True)


if __name__ == "__main__":
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    main()
