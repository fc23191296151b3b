"""Shows how a demo gets on, in plain lines: for a file, for a pipe, and for CI."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterable
from types import TracebackType
from typing import Final, Self

from tests.sandbox.demo.playing import Ending
from tests.sandbox.demo.report import count, wrap
from tests.sandbox.narrator import Narrator, Scenario

NARROWEST: Final = 60
WIDEST: Final = 120
PLAIN_WIDTH: Final = 100
STEP_COLUMN: Final = 9
SHARES: Final = 4
"""How often the plain display tells how many scenarios have ended."""


class PlainDisplay:
    """Prints a line for each step of the opening, and now and then how many scenarios have ended."""

    width = PLAIN_WIDTH

    def __init__(self, scenarios: int) -> None:
        self.lines_printed = 0
        self._scenarios, self._ended, self._failed = scenarios, 0, 0
        self._start = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is open."""

    def show_step(self, text: str) -> str:
        """Print what is done next, and return the line."""
        line = self._line(text)
        self.print_lines(wrap(line, self.width, hanging=STEP_COLUMN))
        return line

    def begin_scenario(self, scenario: Scenario, narrator: Narrator) -> None:
        """Say nothing: several scenarios play at a time."""

    def end_scenario(self, ending: Ending) -> None:
        """Count the ending, and tell the count each time a quarter of the scenarios has ended."""
        self._ended += 1
        self._failed += ending.failure is not None
        is_next_share = self._ended * SHARES // self._scenarios > (self._ended - 1) * SHARES // self._scenarios
        if is_next_share and self._scenarios >= SHARES:
            failed = f", {self._failed} failed" if self._failed else ""
            self.show_step(f"{self._ended} of {count(self._scenarios)} ended{failed}")

    def print_lines(self, lines: Iterable[str]) -> None:
        """Print lines as they are."""
        for line in lines:
            print(line, flush=True)
            self.lines_printed += 1

    def _line(self, text: str) -> str:
        return f"{time.monotonic() - self._start:5.1f} s  {text}"


def has_live_terminal() -> bool:
    """Return whether the output is a terminal on which lines can be drawn anew, and not a log of CI."""
    is_dumb = os.environ.get("TERM", "dumb") in {"dumb", "unknown"}
    return sys.stdout.isatty() and not is_dumb and os.environ.get("CI", "") in {"", "0", "false"}


def terminal_width() -> int:
    """Return how many columns a report takes on this terminal."""
    return max(NARROWEST, min(WIDEST, shutil.get_terminal_size().columns))
