"""How long a test waits for what must come, and how long it holds what it lifts itself.

No test asks how fast the machine is. What must come has so much time that only a fault can use it up. What a test
holds ends when the test lifts it, so its time must be longer than any test takes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

PATIENCE_SECONDS: Final = 120.0
AN_HOUR_SECONDS: Final = 3_600.0
_LONGEST_CHECK_SECONDS: Final = 15.0


def wait_until(look: Callable[[], T | None], seconds: float = PATIENCE_SECONDS) -> T:
    """Look again and again until there is something to see."""
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < deadline, f"nothing within {seconds} s"
        time.sleep(0.05)
    return seen


def check_at_current_second(check: Callable[[int], T]) -> T:
    """Return the result of a check that is given the current second; a check that took too long is repeated.

    It is for what checks a token by the real time, and lets clocks differ by half a minute.
    """
    while True:
        now = int(time.time())
        result = check(now)
        if time.time() < now + _LONGEST_CHECK_SECONDS:
            return result
