"""The system's clock: keeps the port `Clock`."""

from __future__ import annotations

import time


class SystemClock:
    """Wall-clock time; functions of one deployment are taken to agree within the margins of the settle delay."""

    def now(self) -> int:
        """Return the time in milliseconds since the epoch."""
        return time.time_ns() // 1_000_000

    def pause(self, milliseconds: int) -> None:
        """Let time pass."""
        time.sleep(milliseconds / 1_000)
