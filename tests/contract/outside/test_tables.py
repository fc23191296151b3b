"""What every table of cases from outside keeps to."""

from __future__ import annotations

import pytest

from tests.contract.outside import Case, table


@pytest.mark.parametrize("source", ["", " "])
def test_a_case_says_where_it_comes_from(source: str) -> None:
    with pytest.raises(ValueError, match="a name"):
        table(Case("a name", source, 1, 1))


def test_a_case_has_a_name_of_its_own() -> None:
    with pytest.raises(ValueError, match="a name"):
        table(Case("a name", "RFC 1", 1, 1), Case("a name", "RFC 2", 2, 2))
