"""A contender in a process of its own: takes batches, line by line, and says what each step of one has cost."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from importlib.resources import files
from tempfile import TemporaryFile
from typing import Any, Protocol

Request = dict[str, Any]


class Contender(Protocol):
    """Handles a batch of requests in steps."""

    def steps(self, requests: list[Request]) -> Iterator[Callable[[], object]]:
        """Return each step when it is its turn."""


def contender(name: str, base_url: str) -> Contender:
    """Make a contender; only what it needs is imported."""
    if name.startswith("ours"):
        from tests.bench.benchmarks.peers.ours import Ours

        return Ours(base_url, way=name.removeprefix("ours").removeprefix("-") or "sqs")
    if name.startswith("floor"):
        from tests.bench.benchmarks.peers.floor import Floor

        return Floor(base_url, one_message=name == "floor")
    from tests.bench.benchmarks.peers.usual import Usual, UsualInThreads
    from tests.bench.benchmarks.workload import TRIGGER
    from trigger_provider.adapters.catalogue_files import load_catalogue

    trigger = load_catalogue(files("triggers")).triggers[TRIGGER]
    return (Usual if name == "usual" else UsualInThreads)(base_url, trigger)


def timed(step: Callable[[], object]) -> dict[str, float]:
    """Do it; give the seconds of processor, of all threads, and of the clock, and the bytes that were logged."""
    logged, cpu, wall = _logged(), time.process_time(), time.perf_counter()
    step()
    spent = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
    return {**spent, "logged": _logged() - logged}


def _logged() -> int:
    sys.stdout.flush()
    return os.fstat(1).st_size


def main(name: str, base_url: str) -> None:
    """Answer each line of requests by a line of costs, one for each step."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    # Logs and metrics are written as in Lambda, but here only their bytes are counted.
    with TemporaryFile() as log:
        os.dup2(log.fileno(), 1)
    candidate = contender(name, base_url)
    answers.write("ready\n")
    for line in sys.stdin:
        answers.write(json.dumps([timed(step) for step in candidate.steps(json.loads(line))]) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
