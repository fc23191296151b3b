"""Measures everything side by side, and tells it as a table, as JSON and as a picture: `make bench`."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from tests.bench.benchmarks import cold_starts, flatness, microbenchmarks, side_by_side
from tests.bench.benchmarks.contest import ROOT
from tests.bench.benchmarks.figures import Figure, table
from tests.bench.benchmarks.picture import picture
from tests.bench.benchmarks.stubs.stub_client import StubProcess

REPORT: Final = ROOT / ".build/benchmarks/figures.json"
PICTURE: Final = ROOT / "docs/benchmarks.svg"


def measured() -> list[Figure]:
    """Measure all; say on the way what is under way."""
    figures: list[Figure] = []
    layer = cold_starts.build_layers()
    with StubProcess() as stub:
        parts: Sequence[tuple[str, Callable[[], list[Figure]]]] = (
            ("processor time, side by side", lambda: side_by_side.processor(stub)),
            ("throughput with latency", lambda: side_by_side.throughput(stub)),
            ("validation, mapping, deciding", microbenchmarks.measured),
            ("the layer", lambda: [cold_starts.layer_size(layer)]),
            ("cold starts", lambda: cold_starts.measured(layer, stub.world("cold").base_url)),
            ("ten events and many, one site and many", lambda: flatness.measured(stub)),
            ("a long run", lambda: flatness.long_run(stub)),
        )
        for what, measure in parts:
            began = time.monotonic()
            figures += measure()
            _write(figures)
            print(f"  {what}: {time.monotonic() - began:.0f} s", flush=True)
    return figures


def _write(figures: Sequence[Figure]) -> None:
    """Write what there is so far: a run that is broken off has not been for nothing."""
    document = {"machine": machine(), "figures": [each.document() for each in figures]}
    REPORT.write_text(json.dumps(document, indent=2, ensure_ascii=False), "utf-8")


def machine() -> str:
    """Say on what this was measured."""
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    models = (line.split(": ", 1)[1] for line in lines if "model name" in line)
    return f"{os.cpu_count()} cores, {next(models, platform.machine())}, Python {platform.python_version()}"


def main() -> None:
    """Measure, print, and write."""
    began = time.monotonic()
    figures = measured()
    print(table(figures))
    print(f"{time.monotonic() - began:.0f} s on {machine()}; load {os.getloadavg()[0]:.1f}")
    PICTURE.write_text(picture(figures, machine()), "utf-8")


if __name__ == "__main__":
    main()
