"""The time of day."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """The time. `now` is integer milliseconds since the epoch."""

    def now(self) -> int:
        """Return the present time, in milliseconds since the epoch."""
