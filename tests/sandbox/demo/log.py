"""Writes down all that a demo had to tell, whether or not it was printed: in .build/demo."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.sandbox.aws.ministack import ROOT
from tests.sandbox.demo.playing import Ending
from tests.sandbox.demo.report import format_all, tail_lines
from tests.sandbox.narrator import Scenario

FOLDER: Final = ROOT / ".build/demo"
TAIL_LINES: Final = 40


@dataclass
class DemoLog:
    """Collects what happens, and writes it to its folder at the end, however the demo ends."""

    scenarios: Sequence[Scenario]
    folder: Path = FOLDER
    steps: list[str] = field(default_factory=list)
    endings: dict[str, Ending] = field(default_factory=dict)
    trouble: str = ""
    """The traceback of whatever ended the demo before its time."""

    @property
    def text(self) -> Path:
        """Return the path of the file that tells everything in full."""
        return self.folder / "log.txt"

    @property
    def ministack(self) -> Path:
        """Return the path of the copy of MiniStack's log, which holds the functions' logs, too."""
        return self.folder / "ministack.log"

    @property
    def results(self) -> Path:
        """Return the path of the file for programs: how each scenario ended."""
        return self.folder / "results.json"

    def clear(self) -> None:
        """Remove what the last demo left behind."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)

    def in_order(self) -> list[Ending]:
        """Return the endings in the order of the scenarios, not in that of their ends."""
        return [self.endings[scenario.name] for scenario in self.scenarios if scenario.name in self.endings]

    def write(self) -> None:
        """Write the log and the results."""
        self.text.write_text("\n".join(self._lines()) + "\n", "utf-8")
        failures = {ending.scenario.name: ending.failure for ending in self.in_order()}
        self.results.write_text(json.dumps({"complete": not self.trouble, "failures": failures}, indent=1), "utf-8")

    def _lines(self) -> list[str]:
        traces = [line for ending in self.in_order() if ending.trace for line in [ending.scenario.name, ending.trace]]
        return [*self.steps, "", *format_all(self.in_order()), "", *traces, self.trouble, *self._ministack_lines()]

    def _ministack_lines(self) -> list[str]:
        if not self.ministack.exists():
            return ["MiniStack has left no log."]
        last = tail_lines(self.ministack.read_text("utf-8", errors="replace"), TAIL_LINES)
        return [
            f"MiniStack's log, which holds the functions' logs, is {self.ministack.name}. Its last lines:",
            "",
            *last,
        ]
