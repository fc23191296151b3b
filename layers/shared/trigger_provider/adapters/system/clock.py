"""The system's clock: keeps the port `Clock`."""

from __future__ import annotations

import time


class SystemClock:
    """Wall-clock time. We assume that the functions' clocks agree to within the margins of the settle delay."""

    def now(self) -> int:
        """Return the time in milliseconds since the epoch."""
        return time.time_ns() // 1_000_000

    def pause(self, milliseconds: int) -> None:
        """Sleep."""
        time.sleep(milliseconds / 1_000)
