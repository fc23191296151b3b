"""In which order recovery requeues rows."""

from __future__ import annotations

from tests.support.builders import NOW, an_entity_row, an_occurrence
from tests.support.memory_ledger import entry_of
from trigger_provider.domain.delivery.turns import TURN, take_turns
from trigger_provider.domain.ledger.rows import Waiting


def of(site: str, *ages: int) -> list[Waiting]:
    return [entry_of(an_entity_row(f"{site} {age}", site=site, next_attempt_at=NOW - age)) for age in ages]


def test_sites_take_turns_and_the_one_that_waits_longest_begins() -> None:
    busy, quiet = of("busy", *range(2, 2 * TURN + 2)), of("quiet", 1)
    order = take_turns([*quiet, *busy])
    assert [entry.site for entry in order] == ["busy"] * TURN + ["quiet"] + ["busy"] * TURN
    assert order[0] == busy[-1]


def test_rows_of_one_partition_come_in_the_order_of_their_versions() -> None:
    rows = [
        an_occurrence("late", version=2, next_attempt_at=NOW - 2),
        an_occurrence("early", version=1, next_attempt_at=NOW - 1),
    ]
    assert [entry.version for entry in take_turns(map(entry_of, rows))] == [1, 2]


def test_a_row_that_the_index_shows_twice_comes_once_as_it_was_shown_last() -> None:
    (first,) = of("site", 2)
    assert take_turns([first, first._replace(revision=9)]) == [first._replace(revision=9)]
    assert take_turns([]) == []
