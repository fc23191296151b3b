"""The way of an event through the code is short enough to follow."""

from __future__ import annotations

import pytest

from tests.tools.count_module_changes import LIMITS, count_changes, modules_of, walks


@pytest.mark.parametrize("name", LIMITS)
def test_an_event_changes_module_no_more_often_than_its_limit_allows(name: str) -> None:
    modules = walks()[name]
    assert count_changes(modules) <= LIMITS[name], modules


def test_a_walk_that_calls_nothing_of_the_package_changes_nothing() -> None:
    assert modules_of(lambda: None) == []
