"""Keeps the machine busy beside a run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.tools.steady.runs import Load

BUSY: Final = Path(__file__).with_name("busy.py")
STOP_SECONDS: Final = 5


@contextmanager
def busy_machine(load: Load, folder: Path) -> Iterator[None]:
    """Keep cores and disk busy until the end; the files for the disk are in a folder of their own."""
    with TemporaryDirectory(prefix="disk-", dir=folder) as files:
        cores = load.busy * (os.cpu_count() or 1)
        processes = [*(start_busy() for _ in range(cores)), *(start_busy(files) for _ in range(load.disk))]
        try:
            yield
        finally:
            for process in processes:
                stop_busy(process)


def start_busy(*arguments: str) -> subprocess.Popen[bytes]:
    """Start a process that keeps a core busy, or the disk if it is given a folder."""
    # A session of its own: Linux may share the cores out among sessions, not among processes.
    return subprocess.Popen([sys.executable, "-I", BUSY, *arguments], stdin=subprocess.PIPE, start_new_session=True)


def stop_busy(process: subprocess.Popen[bytes]) -> None:
    """End a busy process."""
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
