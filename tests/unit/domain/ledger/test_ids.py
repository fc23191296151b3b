"""Ids follow from the request alone: what they tell, and what they keep apart."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tests.support.builders import OTHER_SITE, an_entity_row, an_occurrence
from tests.support.rows import APP, SITE, TRIGGER
from trigger_provider.domain.ledger.generations import LAST_GENERATION
from trigger_provider.domain.ledger.ids import (
    entity_key,
    entity_of,
    event_id,
    fingerprint,
    generation_id,
    idempotency_key,
    occurrence_key,
)

names = st.text(min_size=1, max_size=256)
generations = st.integers(min_value=1, max_value=LAST_GENERATION)
OTHER_APP = "another app"


def test_ids_stay_the_same_for_ever_since_rows_and_wix_know_them() -> None:
    entity = entity_key("app", "site", "trigger", "entity")

    assert entity.partition == "77ce7e34-46c8-5b0b-8d9d"
    assert entity.row == "entity#4d2ff1233404"
    assert generation_id(entity, 1) == "77ce7e34-46c8-5b0b-8d9d-000000000001"


@given(names, generations)
def test_the_event_id_of_a_generation_is_a_guid_that_leads_back_to_the_partition(entity: str, generation: int) -> None:
    key = entity_key(APP, SITE, TRIGGER, entity)
    event = generation_id(key, generation)

    assert str(UUID(event)) == event
    assert UUID(event).version == 5
    assert event.rpartition("-")[0] == key.partition


@given(names, st.none() | names)
def test_the_event_id_of_an_occurrence_is_a_guid_that_leads_back_to_the_partition(
    occurrence: str, entity: str | None
) -> None:
    row = an_occurrence(occurrence, entity)

    assert str(UUID(event_id(row))) == event_id(row)
    assert event_id(row).rpartition("-")[0] == row.key.partition


@given(names, generations, generations)
def test_an_event_id_tells_its_generation_to_the_eye(entity: str, number: int, other: int) -> None:
    key = entity_key(APP, SITE, TRIGGER, entity)

    assert int(generation_id(key, number).rpartition("-")[2], 16) == number
    assert (generation_id(key, number) == generation_id(key, other)) == (number == other)


def test_a_row_stands_for_the_event_of_its_newest_generation() -> None:
    assert event_id(an_entity_row(generation=10)).endswith("-00000000000a")


def test_occurrences_of_one_entity_have_event_ids_of_their_own() -> None:
    assert event_id(an_occurrence("visit 1")) != event_id(an_occurrence("visit 2"))


@given(names, names)
def test_an_occurrence_lies_beside_its_entity(entity: str, occurrence: str) -> None:
    key = occurrence_key(APP, SITE, TRIGGER, entity, occurrence)

    assert entity_of(key) == entity_key(APP, SITE, TRIGGER, entity)


@given(names)
def test_an_occurrence_without_an_entity_is_its_own_and_no_entity_of_that_name(name: str) -> None:
    alone = occurrence_key(APP, SITE, TRIGGER, None, name)

    assert alone.partition != entity_key(APP, SITE, TRIGGER, name).partition


def test_neither_an_entity_nor_an_occurrence_without_one_has_an_entity_beside_it() -> None:
    assert entity_of(an_entity_row().key) is None
    assert entity_of(occurrence_key(APP, SITE, TRIGGER, None, "visit 1")) is None


def test_entities_that_share_a_partition_share_no_row() -> None:
    keys = {entity_key(APP, SITE, TRIGGER, f"invoice {number}").row for number in range(1000)}

    assert len(keys) == 1000


def test_each_app_site_trigger_and_entity_has_a_partition_of_its_own() -> None:
    keys = [
        entity_key(APP, SITE, TRIGGER, "invoice 1"),
        entity_key(OTHER_APP, SITE, TRIGGER, "invoice 1"),
        entity_key(APP, OTHER_SITE, TRIGGER, "invoice 1"),
        entity_key(APP, SITE, "another trigger", "invoice 1"),
        entity_key(APP, SITE, TRIGGER, "invoice 2"),
    ]

    assert len({key.partition for key in keys}) == len(keys)


@given(names, generations)
def test_the_idempotency_key_fits_into_the_80_characters_that_wix_takes(entity: str, generation: int) -> None:
    row = an_entity_row(entity, generation=generation)

    assert 1 <= len(idempotency_key(APP, row)) <= 80


def test_each_app_site_trigger_entity_and_generation_has_an_idempotency_key_of_its_own() -> None:
    row = an_entity_row()
    keys = [
        idempotency_key(APP, row),
        idempotency_key(OTHER_APP, row),
        idempotency_key(APP, an_entity_row(site=OTHER_SITE)),
        idempotency_key(APP, an_entity_row(trigger="another trigger")),
        idempotency_key(APP, an_entity_row("invoice 2")),
        idempotency_key(APP, an_entity_row(generation=2)),
        idempotency_key(APP, an_occurrence("1", row.entity)),
        idempotency_key(APP, an_occurrence("2", row.entity)),
        idempotency_key(APP, an_occurrence("1", None)),
    ]

    assert len(set(keys)) == len(keys)


def test_the_idempotency_key_of_an_occurrence_holds_its_whole_id_though_the_event_id_shows_only_48_bits() -> None:
    row = an_occurrence("visit 1")
    same_event_id = replace(row, occurrence="visit 2")

    assert event_id(row) == event_id(same_event_id)
    assert idempotency_key(APP, row) != idempotency_key(APP, same_event_id)


def test_a_retry_of_a_row_has_the_same_event_id_and_idempotency_key() -> None:
    first = an_entity_row()
    again = an_entity_row(attempts=7, revision=9, token="later", version=5, accepted_at=first.accepted_at + 1)

    assert event_id(first) == event_id(again)
    assert idempotency_key(APP, first) == idempotency_key(APP, again)


@given(st.lists(st.none() | names, max_size=4), st.lists(st.none() | names, max_size=4))
def test_fingerprints_tell_requests_apart_however_their_parts_are_cut(
    first: list[str | None], other: list[str | None]
) -> None:
    assert (fingerprint(*first) == fingerprint(*other)) == (first == other)
    assert len(fingerprint(*first)) == 20
