"""Finding an event by its id alone, or by what it is about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.builders import NOW, a_cancelled_row, a_reported_row, a_tombstone, an_occurrence
from tests.support.memory_archive import MemoryArchive
from tests.support.memory_ledger import MemoryLedger
from tests.support.rows import APP, SITE, TRIGGER
from trigger_provider.domain.ledger.generations import standing
from trigger_provider.domain.ledger.ids import event_id, generation_id
from trigger_provider.domain.ledger.rows import Row
from trigger_provider.use_cases.operations.explain import Explain, Explained


def explain(*rows: Row) -> Explain:
    ledger = MemoryLedger()
    ledger.rows = {row.key: row for row in rows}
    return Explain(ledger, MemoryArchive(ledger), APP)


@pytest.mark.parametrize("generation", [1, 3, 5])
def test_an_event_id_names_its_generation_be_it_the_newest_or_not(generation: int) -> None:
    row = a_reported_row(generation=5, oldest_open_generation=4)

    assert explain(row).event(generation_id(row.key, generation)) == [Explained(row, generation)]


def test_an_event_id_may_be_written_in_capitals() -> None:
    row = a_reported_row()

    assert explain(row).event(event_id(row).upper()) == [Explained(row, 1)]


@pytest.mark.parametrize("generation", [0, 6, 0xABC_DEF0_1234])
def test_a_generation_that_never_was_is_not_found(generation: int) -> None:
    row = a_reported_row(generation=5)

    assert explain(row).event(generation_id(row.key, generation)) == []


def test_an_event_id_names_one_occurrence_among_its_neighbours() -> None:
    row, other = an_occurrence("visit 1"), an_occurrence("visit 2")

    assert explain(row, other, a_tombstone()).event(event_id(row)) == [Explained(row, 0)]


def test_an_event_id_may_name_a_tombstone() -> None:
    stone = a_tombstone()

    assert explain(stone, an_occurrence()).event(event_id(stone)) == [Explained(stone, 0)]


def test_entities_that_share_a_partition_are_all_told() -> None:
    row = a_reported_row()
    neighbour = replace(row, entity="neighbour", key=row.key._replace(row="entity#another"))

    assert explain(row, neighbour).event(event_id(row)) == [Explained(row, 1), Explained(neighbour, 1)]


def test_an_entity_is_told_with_its_real_time_events_the_oldest_first() -> None:
    stone = a_tombstone()
    late, early = an_occurrence("late", accepted_at=NOW + 1), an_occurrence("early")

    explained = explain(late, early, stone, a_reported_row("another")).entity(SITE.upper(), TRIGGER, "invoice 1")
    assert explained == [Explained(stone, 0), Explained(early, 0), Explained(late, 0)]


def test_an_entity_of_a_scheduled_trigger_is_told_at_its_newest_generation() -> None:
    row = a_reported_row(generation=5)

    assert explain(row).entity(SITE, TRIGGER, "invoice 1") == [Explained(row, 5)]


@pytest.mark.parametrize("entity", [None, "invoice 1"])
def test_a_real_time_event_is_found_by_its_producers_id(entity: str | None) -> None:
    row = an_occurrence("visit 1", entity)

    assert explain(row).occurrence(SITE, TRIGGER, entity, "visit 1") == [Explained(row, 0)]
    assert explain(row).occurrence(SITE, TRIGGER, entity, "visit 2") == []


def test_a_sentence_tells_how_a_generation_stands() -> None:
    row = a_reported_row(generation=5, oldest_open_generation=4)

    assert [standing(row, generation) for generation in (3, 4, 5)] == [
        "generation 3 of 5: superseded, and closed at Wix",
        "generation 4 of 5: superseded, and perhaps live at Wix until its cancel is conclusive",
        "generation 5 of 5: the newest",
    ]
    assert standing(a_cancelled_row(), 2) == "generation 2 of 2: a cancel, which Wix never sees"
    assert standing(an_occurrence(), 0) == "a real-time event"
    assert standing(a_tombstone(), 0) == "a cancel of real-time events"
