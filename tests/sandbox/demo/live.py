"""Shows how a demo gets on, on a terminal: a bar, and the scenarios that play right now, each with its last line."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from tests.sandbox.demo.display import PlainDisplay, terminal_width
from tests.sandbox.demo.playing import Ending
from tests.sandbox.demo.report import count
from tests.sandbox.narrator import Narrator, Scenario

FRAMES_A_SECOND: Final = 5
BAR_WIDTH: Final = 30
STYLES: Final = {r"^✓|^ +\S+( s)?  ✓": "green", r"^✗.*|^ +FAILED:": "red", r"\[\w+\]$": "cyan"}


@dataclass(frozen=True, slots=True)
class PlayingScenario:
    """A scenario that has begun and not ended."""

    narrator: Narrator
    start: float = field(default_factory=time.monotonic)


class LiveDisplay(PlainDisplay):
    """Draws what goes on below the lines that stay; what is drawn disappears at the end."""

    def __init__(self, scenarios: int) -> None:
        super().__init__(scenarios)
        self.width = terminal_width()
        self._console = Console(highlight=False, soft_wrap=True)
        self._lock = threading.Lock()
        self._playing: dict[str, PlayingScenario] = {}
        self._spinner = Spinner("dots")
        self._live = Live(
            console=self._console, get_renderable=self._draw, refresh_per_second=FRAMES_A_SECOND, transient=True
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def show_step(self, text: str) -> str:
        """Draw what is done next, and return the line."""
        line = self._line(text)
        self._spinner.update(text=text)
        return line

    def begin_scenario(self, scenario: Scenario, narrator: Narrator) -> None:
        """Draw the scenario from now on; its own thread calls this."""
        with self._lock:
            self._playing[scenario.name] = PlayingScenario(narrator)

    def end_scenario(self, ending: Ending) -> None:
        """Draw the scenario no more."""
        with self._lock:
            del self._playing[ending.scenario.name]
            self._ended += 1
            self._failed += ending.failure is not None

    def print_lines(self, lines: Iterable[str]) -> None:
        """Print lines in colours, above what is drawn."""
        for line in lines:
            text = Text(line)
            for pattern, style in STYLES.items():
                text.highlight_regex(pattern, style)
            self._console.print(text)
            self.lines_printed += 1

    def _draw(self) -> RenderableType:
        with self._lock:
            playing = list(self._playing.items())
        return Group(self._draw_progress(), *(draw_scenario(name, each) for name, each in playing))

    def _draw_progress(self) -> RenderableType:
        row = Table.grid(padding=(0, 2))
        elapsed = self._line("").rstrip()
        if not self._playing and not self._ended:
            row.add_row(elapsed, self._spinner)
            return row
        bar = ProgressBar(self._scenarios, self._ended, width=BAR_WIDTH)
        failed = Text(f"{self._failed} failed", "red") if self._failed else ""
        row.add_row(elapsed, bar, f"{self._ended} of {count(self._scenarios)} ended", failed)
        return row


def draw_scenario(name: str, scenario: PlayingScenario) -> RenderableType:
    """Return a line with the seconds of a scenario, its name, and the narrator's last line."""
    elapsed = f"{time.monotonic() - scenario.start:5.1f} s"
    now = f"{scenario.narrator.lines[-1].who}: {scenario.narrator.lines[-1].text}" if scenario.narrator.lines else ""
    return Text(f"{elapsed}  {name}  {now}", no_wrap=True, overflow="ellipsis")
