"""The figures of fairness: `python -m tests.proof.fairness`, half a minute."""

from __future__ import annotations

import logging
import sys
from contextlib import redirect_stdout
from io import StringIO

import tests.conftest  # noqa: F401 - Powertools reads its names when our modules are imported
from tests.proof.fairness.measures import jain, shares_of_equals, slower_beside_a_loud_site, throughput_beside
from tests.proof.fairness.ports import Trouble


def main() -> None:
    logging.disable(logging.ERROR)
    _say("nine equal sites, Jain's index", jain(shares_of_equals()))
    _say("one site at 100 times the load of nine: their p95 beside it / alone", slower_beside_a_loud_site())
    for trouble in Trouble:
        _say(f"one site with nothing but {trouble}: throughput of nine beside it / without", throughput_beside(trouble))


def _say(what: str, figure: float) -> None:
    sys.stderr.write(f"{figure:6.3f}  {what}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    # Metrics are lines on standard output, a hundred values at a time.
    with redirect_stdout(StringIO()):
        main()
