"""Says how much was simulated: less than yesterday may be a hole in the simulation."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.proof.traffic.table import table


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    simulated: Counter[str] = Counter()
    for report in terminalreporter.stats.get("passed", []):
        figures = dict(getattr(report, "user_properties", ())).get("simulated")
        if isinstance(figures, dict) and report.when == "call":
            simulated.update(figures)
    if simulated:
        terminalreporter.section("simulated")
        terminalreporter.write(table(simulated))
