"""Says what was done to the functions: a run in which little failed shows little."""

from __future__ import annotations

import pytest

from tests.proof.traffic.table import table


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for report in terminalreporter.stats.get("passed", []):
        properties = dict(getattr(report, "user_properties", ()))
        if isinstance(figures := properties.get("figures"), dict) and report.when == "call":
            terminalreporter.section("events under real faults")
            terminalreporter.write(table(figures))
