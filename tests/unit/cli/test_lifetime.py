"""A command that sends before it saves dies, rather than save too late."""

from __future__ import annotations

import os
import subprocess
import sys
from threading import Event
from threading import enumerate as threads

from trigger_provider.cli.watchdog import at_most

_HANGS = """
from threading import Event
from trigger_provider.cli.watchdog import at_most

with at_most(0.01):
    Event().wait()
"""


def test_what_takes_longer_is_ended_with_its_process_and_a_word_to_the_person() -> None:
    ended = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", _HANGS],
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert ended.returncode == 3
    assert "run the same command again" in ended.stderr


def test_what_is_done_in_time_leaves_nothing_that_could_end_the_process() -> None:
    ended = Event()
    before = set(threads())
    with at_most(3_600, ended.set):
        (timer,) = set(threads()) - before
    timer.join(60)

    assert not timer.is_alive()
    assert not ended.is_set()
