"""The same at length: `python -m tests.proof.faults --events 20000 --kills 200`. It exits with 1 if a promise broke."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn

from tests.proof.faults.campaign import Outcome, Scale, campaign
from tests.proof.traffic.table import table
from tests.sandbox.aws import MiniStack


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.proof.faults", description=__doc__)
    parser.add_argument("--events", type=int, default=20_000, help="how many are sent")
    parser.add_argument("--kills", type=int, default=200, help="how many workers are killed meanwhile")
    parser.add_argument("--rate", type=float, default=60, help="events a second")
    parser.add_argument("--sites", type=int, default=60, help="so many that none meets Wix's limit of calls")
    parser.add_argument("--seed", type=int, default=1, help="of what is sent, and of what goes wrong at Wix")
    asked = parser.parse_args()
    outcome = played(Scale(asked.events, asked.kills, asked.rate, asked.sites, asked.seed))
    print(table(outcome.figures), outcome.audit.lines, sep="\n")
    return 0 if outcome.audit.is_clean else 1


def played(scale: Scale) -> Outcome:
    """Play it with a bar that shows how far the sending is."""
    columns = (*Progress.get_default_columns(), MofNCompleteColumn(), TimeElapsedColumn())
    with MiniStack() as aws, tempfile.TemporaryDirectory() as folder, Progress(*columns) as progress:
        bar = progress.add_task("events under real faults", total=scale.events)
        return campaign(aws, scale, Path(folder), lambda more: progress.advance(bar, more))


if __name__ == "__main__":
    sys.exit(main())
