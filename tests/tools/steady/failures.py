"""Names what failed in a run, by what the run has left behind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

BEFORE_ITS_TIME: Final = "the demo ended before its time"


def failed_scenarios(results: str) -> list[str]:
    """Return the names of the scenarios that failed, by the results of a demo."""
    played = json.loads(results)
    names = [name for name, failure in played["failures"].items() if failure is not None]
    return names if played["complete"] else [*names, BEFORE_ITS_TIME]


def failed_tests(junit: str) -> list[str]:
    """Return the tests that failed or broke, by pytest's JUnit XML, each once."""
    cases = ET.fromstring(junit).iter("testcase")  # noqa: S314 - pytest wrote it
    broken = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    return list(dict.fromkeys(f"{case.get('classname')}::{case.get('name')}" for case in broken))


def name_failures(exit_code: int | None, results: Path) -> list[str]:
    """Return what failed in a run, by the results of a demo or pytest's JUnit XML; nothing in one that was cut.

    A run that failed without a word is named by its exit code.
    """
    if not exit_code:
        return []
    read = failed_tests if results.suffix == ".xml" else failed_scenarios
    names = read(results.read_text("utf-8")) if results.exists() else []
    return names or [f"exit code {exit_code}"]
