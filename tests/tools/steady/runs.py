"""Runs as they are written down: one line of JSON each, so that the next call goes on where the last one ended."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

DEMO: Final = "demo"
TESTS: Final = "tests"
WHOLE_CPU: Final = 100


@dataclass(frozen=True, slots=True)
class Tree:
    """A commit, and a digest of what differs from it in the working tree: empty if nothing does."""

    commit: str
    changes: str = ""

    def __str__(self) -> str:
        return f"commit {self.commit[:12]}" + (f", with changes {self.changes}" if self.changes else "")


@dataclass(frozen=True, slots=True)
class Load:
    """What keeps the machine busy: processes per core, processes that write to the disk, and percent of CPU left."""

    busy: int = 0
    disk: int = 0
    cpu: int = WHOLE_CPU

    def __str__(self) -> str:
        loads = [f"{_processes(self.busy, 'busy ')} a core"] if self.busy else []
        loads += [f"{_processes(self.disk)} on the disk"] if self.disk else []
        beside = f"beside {' and '.join(loads)}" if loads else "on an idle machine"
        return beside if self.cpu >= WHOLE_CPU else f"{beside}, with {self.cpu} % of the CPU"


def _processes(number: int, kind: str = "") -> str:
    return f"{number} {kind}process" + ("es" if number > 1 else "")


@dataclass(frozen=True, slots=True)
class Run:
    """One run: `failed` names what failed in it, `kept` is the folder of its output unless it passed."""

    tree: Tree
    what: str
    load: Load
    start: str
    seconds: float
    failed: Sequence[str] = ()
    cut: bool = False
    kept: str | None = None

    @property
    def passed(self) -> bool:
        """Return whether the run came to its end, and nothing failed."""
        return not self.cut and not self.failed

    def to_json(self) -> str:
        """Return the run as a line of the log."""
        return json.dumps(
            {
                "commit": self.tree.commit,
                "dirty": bool(self.tree.changes),
                "changes": self.tree.changes,
                "what": self.what,
                "busy": self.load.busy,
                "disk": self.load.disk,
                "cpu": self.load.cpu,
                "start": self.start,
                "seconds": round(self.seconds, 1),
                "passed": self.passed,
                "failed": list(self.failed),
                "cut": self.cut,
                "kept": self.kept,
            }
        )

    @classmethod
    def from_json(cls, line: str) -> Run:
        """Return the run that a line of the log tells of."""
        members: dict[str, Any] = json.loads(line)
        return cls(
            Tree(members["commit"], members["changes"]),
            members["what"],
            Load(members["busy"], members["disk"], members["cpu"]),
            members["start"],
            members["seconds"],
            tuple(members["failed"]),
            members["cut"],
            members["kept"],
        )


@dataclass(frozen=True, slots=True)
class RunLog:
    """The file of all runs."""

    path: Path

    def append(self, run: Run) -> None:
        """Add a run."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(run.to_json() + "\n")

    def read(self) -> list[Run]:
        """Return all runs, from the first to the last."""
        if not self.path.exists():
            return []
        return [Run.from_json(line) for line in self.path.read_text("utf-8").splitlines() if line.strip()]
