"""`make steady`: the demo, and the tests that use real servers, again and again beside a load of its own.

Settings, all of them variables of the environment or of `make`:

  STEADY_WHAT     demo, tests or all
  STEADY_RUNS     how many runs there shall be of each
  STEADY_BUSY     busy processes per core beside each run; 0 leaves the machine idle
  STEADY_DISK     processes that write to the disk beside each run
  STEADY_CPU      percent of all cores that a run gets, where root may make control groups
  STEADY_MINUTES  no run begins later than that
  STEADY_GRACE    a run that has begun is cut so many minutes after that: it counts neither as done nor as failed

The next call goes on: runs are counted for the same commit with the same changes. The exit code is 1 if any of them
failed.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Final

from tests.tools.steady.cpu_quota import NoQuotaError
from tests.tools.steady.goals import Goal, Settings, WrongSettingError, choose_next
from tests.tools.steady.runs import Run, RunLog
from tests.tools.steady.table import has_failed, progress_line, table_lines
from tests.tools.steady.tree import read_tree
from tests.tools.steady.trial import try_once

ROOT: Final = Path(__file__).parents[3]
FOLDER: Final = ROOT / ".build/steady"
WRONG_USE: Final = 2
INTERRUPTED: Final = 130
MINUTE: Final = 60


def main() -> int:
    """Run until all is done or the time is up, print the table, and return the exit code."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        settings = Settings.read(os.environ)
        run_all(settings)
    except (WrongSettingError, NoQuotaError) as error:
        print(error, file=sys.stderr)
        return WRONG_USE
    except KeyboardInterrupt:
        print("Interrupted: nothing is left running, and the run that played does not count.")
        return INTERRUPTED
    goals, tree, runs = settings.goals(), read_tree(ROOT), RunLog(FOLDER / "log.jsonl").read()
    print("", *table_lines(goals, tree, runs), sep="\n")
    return 1 if has_failed(goals, tree, runs) else 0


def run_all(settings: Settings) -> None:
    """Run one after another, each for the state that the tree has when it begins."""
    start, goals, log = time.monotonic(), settings.goals(), RunLog(FOLDER / "log.jsonl")
    last_begin = start + settings.minutes * MINUTE
    say(f"bounds: no run begins after {settings.minutes} min, and what plays then is cut {settings.grace} min later")
    for each in goals:
        say(progress_line(each, read_tree(ROOT), log.read()))
    while time.monotonic() < last_begin and (goal := choose_next(goals, read_tree(ROOT), log.read())):
        run = try_once(goal, read_tree(ROOT), last_begin + settings.grace * MINUTE, new_folder(goal))
        log.append(run)
        say(f"{progress_line(goal, run.tree, log.read())}; {describe(run)}")


def new_folder(goal: Goal) -> Path:
    """Return a folder for a run that begins now."""
    return FOLDER / f"{datetime.now().astimezone():%Y%m%d-%H%M%S}-{goal.what}"


def describe(run: Run) -> str:
    """Return how a run ended."""
    how = "was cut" if run.cut else "passed" if run.passed else f"failed: {', '.join(run.failed)}"
    kept = f"; see {(FOLDER / run.kept).relative_to(ROOT)}" if run.kept else ""
    return f"the last, of {run.seconds:.0f} s, {how}{kept}"


def say(text: str) -> None:
    """Print a line with the time."""
    print(f"{datetime.now().astimezone():%H:%M:%S}  {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
