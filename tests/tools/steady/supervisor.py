"""Runs a command, and ends it with all that it started as soon as the standard input of this process closes.

The first argument is a control group to run it in, or nothing.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

STOP_SECONDS: Final = 30


def main(group: str, *command: str) -> int:
    """Run the command in a session of its own. Return its exit code."""
    if group:
        (Path(group) / "cgroup.procs").write_text(str(os.getpid()), "ascii")
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # in the background of a shell it is ignored, and so by its children
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    threading.Thread(target=end_with_the_starter, args=(process.pid,), daemon=True).start()
    return process.wait()


def end_with_the_starter(process_group: int) -> None:
    """Interrupt the command when standard input closes, and kill what has not ended a while later."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    with suppress(ProcessLookupError):
        os.killpg(process_group, signal.SIGINT)
        time.sleep(STOP_SECONDS)
        os.killpg(process_group, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
