"""Leaves a run only a part of the CPU, by a control group of Linux."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from tests.tools.steady.load import start_busy, stop_busy
from tests.tools.steady.runs import WHOLE_CPU

CONTROL_GROUPS: Final = Path("/sys/fs/cgroup")
PERIOD_MICROSECONDS: Final = 100_000
REMOVE_SECONDS: Final = 5


class NoQuotaError(Exception):
    """The machine does not let us limit the CPU of a process; the message is for a person."""


@contextmanager
def limited_cpu(percent: int) -> Iterator[Path | None]:
    """Yield a control group with so many percent of all cores, or None for all of it.

    Raise NoQuotaError if the machine does not allow it: it takes root, and control groups that can be written.
    """
    if percent >= WHOLE_CPU:
        yield None
        return
    group = _make_group(percent * PERIOD_MICROSECONDS * (os.cpu_count() or 1) // 100)
    try:
        yield group
    finally:
        _remove_group(group)


def _make_group(quota: int) -> Path:
    name = f"steady-{os.getpid()}"
    first, second = CONTROL_GROUPS / name, CONTROL_GROUPS / "cpu" / name
    for limit, text in {
        first / "cpu.max": f"{quota} {PERIOD_MICROSECONDS}",
        second / "cpu.cfs_quota_us": f"{quota}",
    }.items():
        with suppress(OSError):
            limit.parent.mkdir()
        with suppress(OSError):
            _try_group(limit, text)
            return limit.parent
        with suppress(OSError):
            limit.parent.rmdir()
    raise NoQuotaError("STEADY_CPU needs root, and control groups that can be written: this machine has none.")


def _try_group(limit: Path, text: str) -> None:
    """Set the limit of a group, and put a process into it. Raise OSError if the machine does not allow it."""
    with limit.open("r+", encoding="ascii") as file:  # a group has the file already; a folder that is no group has not
        file.write(text)
    process = start_busy()
    try:
        (limit.parent / "cgroup.procs").write_text(str(process.pid), "ascii")
    finally:
        stop_busy(process)


def _remove_group(group: Path) -> None:
    deadline = time.monotonic() + REMOVE_SECONDS
    while time.monotonic() < deadline and group.exists():
        with suppress(OSError):
            group.rmdir()
        time.sleep(0.1)
