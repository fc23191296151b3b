"""Which messages of a queue MiniStack gives a function together, in a time of the test's own."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.sandbox.aws.ministack import LAUNCHER, PYTHON

# Asks the launcher for one batch: messages arrive at these seconds, and time goes on only while the launcher sleeps.
RECEIVE = """
import json, sys

folder, arrivals, batch_size = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3])
sys.path.append(folder)
from ministack_launcher import receive

now = 0.0

def look(_, most):
    here = [moment for moment in arrivals if moment <= now][:most]
    del arrivals[:len(here)]
    return here

def sleep(seconds):
    global now
    now += seconds

print(json.dumps(receive("a queue", batch_size, look, lambda: now, sleep)))
"""
IN_QUICK_SUCCESSION = [number * 0.09 for number in range(30)]


def batch(folder: Path, arrivals: Sequence[float], batch_size: int = 100) -> list[float]:
    """Return when the messages of the first batch arrived."""
    done = subprocess.run(  # noqa: S603 - our own words
        [PYTHON, "-c", RECEIVE, str(LAUNCHER.parent), json.dumps(arrivals), str(batch_size)],
        env={"PATH": os.defpath, "TMPDIR": str(folder), "STATE_DIR": str(folder), "S3_DATA_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    received: list[float] = json.loads(done.stdout.splitlines()[-1])
    return received


@pytest.mark.parametrize(
    "arrivals, size",
    [
        ([0.0] * 5 + [0.05] * 5, 10),
        ([0.0] * 5 + [0.3] * 5, 5),
        ([0.0] * 120, 100),
        ([], 0),
    ],
    ids=["in quick succession", "after a pause", "more than a batch", "nothing"],
)
def test_a_batch_holds_what_is_sent_before_the_queue_is_quiet(
    tmp_path: Path, arrivals: Sequence[float], size: int
) -> None:
    assert len(batch(tmp_path, arrivals)) == size


def test_a_queue_that_is_never_quiet_is_waited_for_no_longer_than_the_window(tmp_path: Path) -> None:
    assert 1.0 <= batch(tmp_path, IN_QUICK_SUCCESSION)[-1] <= 1.2
