"""Generations are born from the clock: a row that is made anew repeats no id."""

from __future__ import annotations

import pytest

from tests.support.builders import NOW, a_reported_row, a_tombstone
from trigger_provider.domain.durations import MINUTE, SECOND
from trigger_provider.domain.ledger.generations import (
    LAST_GENERATION,
    change_count,
    first_generation,
    is_too_young_to_delete,
    standing,
)

BORN = first_generation(NOW)


def test_a_row_that_is_made_anew_a_second_later_begins_above_65534_changes() -> None:
    assert first_generation(NOW + SECOND) - BORN == 65_536
    assert first_generation(NOW + SECOND - 1) == BORN


def test_a_generation_tells_which_change_of_its_row_it_is() -> None:
    assert [change_count(BORN + more) for more in (0, 1, 65_534)] == [1, 2, 65_535]


def test_a_generation_fits_into_an_event_id_until_the_year_2106() -> None:
    last_second = 0xFFFF_FFFF * SECOND
    assert first_generation(last_second) <= LAST_GENERATION < first_generation(last_second + SECOND)


@pytest.mark.parametrize("age,is_too_young", [(0, True), (MINUTE, True), (MINUTE + SECOND, False)])
def test_a_row_is_too_young_to_delete_for_a_minute(age: int, is_too_young: bool) -> None:  # noqa: FBT001
    assert is_too_young_to_delete(a_reported_row(generation=BORN), NOW + age) is is_too_young


def test_a_row_without_generations_is_never_too_young() -> None:
    assert not is_too_young_to_delete(a_tombstone(), NOW)


def test_a_person_reads_the_number_of_the_change_and_not_the_clock() -> None:
    row = a_reported_row(generation=BORN + 2, oldest_open_generation=BORN + 1)
    assert standing(row, BORN + 2) == "generation 3 of 3: the newest"
    assert standing(row, BORN + 1).startswith("generation 2 of 3: superseded, and perhaps live")
    assert standing(row, BORN).startswith("generation 1 of 3: superseded, and closed")


def test_a_generation_of_a_forgotten_row_is_called_so() -> None:
    row = a_reported_row(generation=first_generation(NOW + MINUTE))
    assert standing(row, BORN) == "a generation of an earlier row of this entity, which the ledger has forgotten"
