"""Every scenario of the sandbox, through the deployed stack, with each function held to its own IAM policies."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping

import pytest

from tests.sandbox.demo.playing import Ending, play_all
from tests.sandbox.environment import STACK, Environment
from tests.sandbox.narrator import Scenario, format_lines
from tests.sandbox.scenarios import SCENARIOS


@pytest.fixture(scope="module")
def endings(environment: Environment) -> Mapping[str, Ending]:
    return {ending.scenario.sentence: ending for ending in play_all(environment)}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.sentence)
def test_the_scenario_ends_as_expected(scenario: Scenario, endings: Mapping[str, Ending]) -> None:
    ending = endings[scenario.sentence]

    assert ending.failure is None, "\n".join([ending.failure, *format_lines(ending.narrator.lines)])


def test_the_smoke_test_finds_what_the_scenarios_left_behind(
    environment: Environment, endings: Mapping[str, Ending]
) -> None:
    """A well stack passes but for one line: the scenario of bad input has left refused requests for a person."""
    assert endings
    run = subprocess.run(  # noqa: S603 - the project's own tool
        [sys.executable, "-m", "tests.tools.smoke", STACK],
        env=environment.aws.environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 1, run.stderr
    lines = run.stdout.splitlines()
    assert [line.startswith("  well") for line in lines] == [True, True, True, True, False], run.stdout
    assert "refused requests wait for a person" in lines[-1]
