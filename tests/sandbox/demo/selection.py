"""Finds the scenarios that a person asks for."""

from __future__ import annotations

from collections.abc import Sequence

from tests.sandbox.narrator import Scenario


class NoSuchScenarioError(Exception):
    """No scenario, or more than one, goes by that name; the message lists the names to choose from."""


def choose_scenarios(scenarios: Sequence[Scenario], wanted: str) -> Sequence[Scenario]:
    """Return all scenarios if `wanted` is empty, else the one with that name, number, or part of a name or sentence.

    Raise NoSuchScenarioError unless exactly one scenario fits.
    """
    if not wanted.strip():
        return scenarios
    fitting = find_scenarios(scenarios, wanted)
    if len(fitting) == 1:
        return fitting
    problem = "more than one scenario" if fitting else "no scenario"
    names = "\n".join(list_scenarios(scenarios, fitting or scenarios))
    raise NoSuchScenarioError(
        f"SCENARIO={wanted} is the name, number or part of {problem}. Choose one of these:\n{names}"
    )


def find_scenarios(scenarios: Sequence[Scenario], wanted: str) -> Sequence[Scenario]:
    """Return the scenarios that fit: a whole name or a number goes before parts."""
    word = simplify(wanted)
    whole = [scenario for number, scenario in enumerate(scenarios, 1) if word in (simplify(scenario.name), str(number))]
    return whole or [
        scenario for scenario in scenarios if word in simplify(scenario.name) or word in simplify(scenario.sentence)
    ]


def list_scenarios(scenarios: Sequence[Scenario], some: Sequence[Scenario] | None = None) -> list[str]:
    """Return a line for each scenario, or for some of them, with its number among all scenarios."""
    width = max(len(scenario.name) for scenario in scenarios)
    return [
        f"{number:3}  {scenario.name:<{width}}  {scenario.sentence}"
        for number, scenario in enumerate(scenarios, 1)
        if scenario in (some or scenarios)
    ]


def simplify(text: str) -> str:
    """Return text in which dashes, underscores, blanks and capitals make no difference."""
    return " ".join(text.casefold().replace("_", " ").replace("-", " ").split())
