"""What failed in a run is named by what the run has left behind."""

from __future__ import annotations

import json
from pathlib import Path

from tests.tools.steady.failures import BEFORE_ITS_TIME, failed_scenarios, failed_tests, name_failures

JUNIT = """<?xml version="1.0" encoding="utf-8"?>
<testsuites name="pytest tests"><testsuite name="pytest" errors="1" failures="1" skipped="1" tests="4" time="1.5">
  <testcase classname="tests.stack.test_scenarios" name="test_the_scenario_ends_as_expected[paid]" time="1.0">
    <failure message="AssertionError: the row is cancelled">assert</failure>
  </testcase>
  <testcase classname="tests.stack.test_cli" name="test_why"><error message="failed on setup">no</error></testcase>
  <testcase classname="tests.stack.test_cli" name="test_why"><error message="failed on teardown">no</error></testcase>
  <testcase classname="tests.stack.test_roles" name="test_roles" time="0.1"><skipped message="no browser"/></testcase>
  <testcase classname="tests.proof.faults.test_real_faults" name="test_kills" time="0.1"/>
</testsuite></testsuites>"""


def results_of(failures: dict[str, str | None], *, complete: bool = True) -> str:
    return json.dumps({"complete": complete, "failures": failures})


def test_tests_that_failed_or_broke_are_named_once_and_no_others() -> None:
    assert failed_tests(JUNIT) == [
        "tests.stack.test_scenarios::test_the_scenario_ends_as_expected[paid]",
        "tests.stack.test_cli::test_why",
    ]


def test_scenarios_that_failed_are_named() -> None:
    assert failed_scenarios(results_of({"paid": None, "two_apps": "ours lives on"})) == ["two_apps"]


def test_a_demo_that_did_not_come_to_its_end_has_failed() -> None:
    assert failed_scenarios(results_of({"paid": None}, complete=False)) == [BEFORE_ITS_TIME]


def test_nothing_failed_in_a_run_that_passed_or_was_cut(tmp_path: Path) -> None:
    results = tmp_path / "junit.xml"
    results.write_text(JUNIT, "utf-8")

    assert name_failures(0, results) == []
    assert name_failures(None, results) == []


def test_a_run_that_failed_is_named_by_its_results(tmp_path: Path) -> None:
    junit, scenarios = tmp_path / "junit.xml", tmp_path / "results.json"
    junit.write_text(JUNIT, "utf-8")
    scenarios.write_text(results_of({"paid": "no"}), "utf-8")

    assert len(name_failures(1, junit)) == 2
    assert name_failures(1, scenarios) == ["paid"]


def test_a_run_that_failed_without_a_word_is_named_by_its_exit_code(tmp_path: Path) -> None:
    assert name_failures(4, tmp_path / "junit.xml") == ["exit code 4"]
