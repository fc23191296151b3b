"""Keeps one core busy, or with a folder as its argument the disk; ends as soon as its standard input closes.

So it can't outlive who started it, however that one ended.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

CHUNK = os.urandom(1024**2)
CHUNKS = 16


def end_with_the_starter() -> None:
    """Wait for the end of standard input."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    os._exit(0)


def keep_core_busy() -> None:
    """Count for ever."""
    while True:
        pass


def keep_disk_busy(folder: Path) -> None:
    """Write a file for ever, and have each chunk of it reach the disk."""
    while True:
        with (folder / f"busy-{os.getpid()}").open("wb") as file:
            for _ in range(CHUNKS):
                file.write(CHUNK)
                file.flush()
                os.fsync(file.fileno())


if __name__ == "__main__":
    threading.Thread(target=end_with_the_starter, daemon=True).start()
    if len(sys.argv) > 1:
        keep_disk_busy(Path(sys.argv[1]))
    keep_core_busy()
