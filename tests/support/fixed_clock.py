"""A clock that stands still until a test sets it."""

from __future__ import annotations

from dataclasses import dataclass

from tests.support.rows import ACCEPTED_AT


@dataclass(slots=True)
class FixedClock:
    """Keeps the port `Clock`."""

    time: int = ACCEPTED_AT

    def now(self) -> int:
        return self.time

    def wait(self, milliseconds: int) -> None:
        self.time += milliseconds
