"""Says how much was searched: fewer states than yesterday may be a hole in the model."""

from __future__ import annotations

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    states = {report.nodeid: dict(report.user_properties).get("states") for report in _passed(terminalreporter)}
    searched = {name: count for name, count in states.items() if isinstance(count, int)}
    if not searched:
        return
    terminalreporter.section("states searched")
    for name, count in searched.items() if terminalreporter.verbosity > 0 else ():
        terminalreporter.line(f"{count:9,}  {name.partition('[')[2].rstrip(']')}")
    terminalreporter.line(f"{sum(searched.values()):9,}  in {len(searched)} cases of the model")


def _passed(reporter: pytest.TerminalReporter) -> list[pytest.TestReport]:
    reports = reporter.stats.get("passed", [])
    return [report for report in reports if isinstance(report, pytest.TestReport) and report.when == "call"]
