"""Says how much was simulated: less than yesterday may be a hole in the simulation."""

from __future__ import annotations

import pytest

from tests.traffic.table import table


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for report in terminalreporter.stats.get("passed", []):
        properties = dict(getattr(report, "user_properties", ()))
        if isinstance(figures := properties.get("simulated"), dict) and report.when == "call":
            terminalreporter.section("simulated")
            terminalreporter.write(table(figures))
