"""Cases from outside: what standards say, and what went wrong in other people's projects, tried on ours.

A table for each area, in a module of its own, and one test over it. To add a case, add a row to its table:

1. `name`: what the case is, in a few words; unique in its table, since it names the test;
2. `source`: where it comes from, in words that let a reader find it: project and number of the issue, section of the
   RFC, title of the page. No row without one;
3. `given`: what comes in;
4. `expected`: what must come of it, written down before it is tried.

A new area is a new module `test_<area>.py`: `CASES: Final = table(Case(…), …)`, and one test function over it:

    @each(CASES)
    def test_…(case: Case[Given, Expected]) -> None:
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, NamedTuple, TypeVar

import pytest

Given = TypeVar("Given")
Expected = TypeVar("Expected")


class Case(NamedTuple, Generic[Given, Expected]):
    """One row of a table."""

    name: str
    source: str
    given: Given
    expected: Expected


def table(*cases: Case[Any, Any]) -> tuple[Case[Any, Any], ...]:
    """Return the rows, or raise ValueError if one has no source or shares its name."""
    names = [case.name for case in cases]
    bad = [case.name for case in cases if not case.source.strip() or names.count(case.name) > 1]
    if bad:
        raise ValueError(f"without a source, or twice in the table: {bad}")
    return cases


def each(cases: Sequence[Case[Any, Any]]) -> pytest.MarkDecorator:
    """Return the mark that runs a test once for each row, as its argument `case`."""
    return pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in cases])
