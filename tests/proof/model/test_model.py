"""Every interleaving of the protocol ends well, and would not if any of its rules were missing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.proof.model.ablations import ABLATIONS, search_without
from tests.proof.model.search import search
from tests.proof.model.suite import SHORT

CASES = {case.name: case for case in SHORT}

Record = Callable[[str, object], None]


@pytest.mark.parametrize("name", CASES)
def test_every_interleaving_ends_well(name: str, record_property: Record) -> None:
    result = search(CASES[name])
    record_property("states", result.states)
    assert result.wrong is None, f"{name}\n{result}"
    assert result.rests > 0


@pytest.mark.parametrize("name", ABLATIONS)
def test_without_this_rule_it_does_not(name: str) -> None:
    result = search_without(name)
    assert result.wrong == ABLATIONS[name].wrong, f"{name}\n{result}"


def test_every_case_has_a_name_of_its_own() -> None:
    assert len(CASES) == len(SHORT)
