"""Runs the demo or the tests once, beside a load and within a time, and keeps what it printed unless it passed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tests.sandbox.demo.log import FOLDER as DEMO_FOLDER
from tests.tools.steady.cpu_quota import limited_cpu
from tests.tools.steady.failures import name_failures
from tests.tools.steady.goals import Goal
from tests.tools.steady.load import busy_machine
from tests.tools.steady.runs import DEMO, Run, Tree
from tests.tools.steady.supervisor import STOP_SECONDS

SUPERVISOR: Final = Path(__file__).with_name("supervisor.py")
REAL_SERVERS: Final = ("tests/contract", "tests/integration", "tests/stack", "tests/proof/faults")


def try_once(goal: Goal, tree: Tree, deadline: float, folder: Path) -> Run:
    """Run it, and return what became of it; at the deadline, by the monotonic clock, it is cut.

    Whatever is left of it lies in the folder: nothing if it has passed.
    """
    folder.mkdir(parents=True)
    shutil.rmtree(DEMO_FOLDER, ignore_errors=True)
    now, start = datetime.now(UTC).isoformat(timespec="seconds"), time.monotonic()
    exit_code = run_within(deadline, command_of(goal, folder), goal, folder)
    failed = name_failures(exit_code, DEMO_FOLDER / "results.json" if goal.what == DEMO else folder / "junit.xml")
    run = Run(tree, goal.what, goal.load, now, time.monotonic() - start, failed, exit_code is None)
    return keep(run, folder)


def command_of(goal: Goal, folder: Path) -> Sequence[str]:
    """Return the command of a run, as `make demo` and `make test` have it."""
    python = [sys.executable, "-m"]
    if goal.what == DEMO:
        return [*python, "tests.sandbox.demo"]
    workers = str(1 + (os.cpu_count() or 1))
    return [*python, "pytest", "--numprocesses", workers, *REAL_SERVERS, f"--junit-xml={folder / 'junit.xml'}"]


def run_within(deadline: float, command: Sequence[str], goal: Goal, folder: Path) -> int | None:
    """Return the exit code, or None if the run was cut."""
    with ExitStack() as stack:
        output = stack.enter_context((folder / "output.txt").open("wb"))
        group = stack.enter_context(limited_cpu(goal.load.cpu))
        stack.enter_context(busy_machine(goal.load, folder.parent))
        supervised = [sys.executable, "-I", str(SUPERVISOR), str(group or ""), *command]
        process = subprocess.Popen(
            supervised, stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
        stack.callback(cut, process)
        try:
            return process.wait(max(0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            return None


def cut(process: subprocess.Popen[bytes]) -> None:
    """End a run that has not ended: its supervisor sees its standard input close."""
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(STOP_SECONDS + 10)
    except subprocess.TimeoutExpired:
        process.kill()


def keep(run: Run, folder: Path) -> Run:
    """Return the run with its folder, or remove the folder of one that has passed."""
    if run.passed:
        shutil.rmtree(folder)
        return run
    if run.what == DEMO and DEMO_FOLDER.exists():
        shutil.copytree(DEMO_FOLDER, folder / "demo")
    return replace(run, kept=folder.name)
