"""A person asks for a scenario by its name, its number, or a part of its sentence."""

from __future__ import annotations

import pytest

from tests.sandbox.demo.report import EXAMPLE
from tests.sandbox.demo.selection import NoSuchScenarioError, choose_scenarios, list_scenarios
from tests.sandbox.environment import Environment
from tests.sandbox.narrator import Narrator, scenario
from tests.sandbox.scenarios import SCENARIOS


@scenario("It is paid: nothing is live any more")
def paid(environment: Environment, narrator: Narrator) -> None: ...


@scenario("Paid before issued: the late event is stale")
def paid_before_issued(environment: Environment, narrator: Narrator) -> None: ...


@scenario("A site's date changes: the new one is reported")
def a_new_date(environment: Environment, narrator: Narrator) -> None: ...


SCENARIOS_TO_CHOOSE_FROM = (paid, paid_before_issued, a_new_date)


def test_all_scenarios_are_played_if_none_is_asked_for() -> None:
    assert choose_scenarios(SCENARIOS_TO_CHOOSE_FROM, "") == SCENARIOS_TO_CHOOSE_FROM


@pytest.mark.parametrize(
    "wanted", ["a_new_date", "a-new-date", "A-New-Date", "new date", "3", "site's date", "changes:", " a_new_date "]
)
def test_a_scenario_goes_by_its_name_its_number_or_a_part_of_its_sentence(wanted: str) -> None:
    assert list(choose_scenarios(SCENARIOS_TO_CHOOSE_FROM, wanted)) == [a_new_date]


def test_a_whole_name_goes_before_a_part_of_another() -> None:
    assert list(choose_scenarios(SCENARIOS_TO_CHOOSE_FROM, "paid")) == [paid]


def test_an_unknown_scenario_is_answered_with_all_names() -> None:
    with pytest.raises(NoSuchScenarioError) as raised:
        choose_scenarios(SCENARIOS_TO_CHOOSE_FROM, "no such")

    assert all(each.name in str(raised.value) for each in SCENARIOS_TO_CHOOSE_FROM)


def test_a_part_of_several_scenarios_is_answered_with_their_names_and_numbers() -> None:
    with pytest.raises(NoSuchScenarioError) as raised:
        choose_scenarios(SCENARIOS_TO_CHOOSE_FROM, "the")

    assert "  2  paid_before_issued" in str(raised.value)
    assert "  3  a_new_date" in str(raised.value)
    assert "It is paid" not in str(raised.value)


def test_a_number_beyond_the_last_scenario_is_unknown() -> None:
    with pytest.raises(NoSuchScenarioError):
        choose_scenarios(SCENARIOS_TO_CHOOSE_FROM, "4")


def test_each_scenario_of_the_sandbox_has_a_name_of_its_own_that_finds_it() -> None:
    assert [choose_scenarios(SCENARIOS, each.name) for each in SCENARIOS] == [[each] for each in SCENARIOS]


def test_the_list_has_a_line_for_each_scenario_of_the_sandbox() -> None:
    assert len(list_scenarios(SCENARIOS)) == len(SCENARIOS)


def test_the_scenario_that_a_demo_tells_in_full_is_a_scenario_of_the_sandbox() -> None:
    assert EXAMPLE in {each.name for each in SCENARIOS}
