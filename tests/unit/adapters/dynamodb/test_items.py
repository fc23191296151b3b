"""How rows look as items of DynamoDB, and that nothing of them is lost on the way there and back."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.builders import an_entity_row, an_occurrence
from trigger_provider.adapters.dynamodb.index import queue, shard_of
from trigger_provider.adapters.dynamodb.items import Stored, absent, changeable, decode, decode_key, encode, encode_key
from trigger_provider.domain.ledger.rows import (
    SHARDS,
    Intent,
    RealtimeEvent,
    RowKey,
    ScheduledEntity,
    State,
    Tombstone,
    Transition,
)
from trigger_provider.domain.sites.site import SiteRow, SiteState
from trigger_provider.domain.sites.walk import WalkRow
from trigger_provider.errors import LedgerUnavailable

TIMES = st.integers(min_value=0, max_value=10**15)
COUNTS = st.integers(min_value=0, max_value=2**48)
VERSIONS = st.integers(min_value=1 - 10**38, max_value=10**38 - 1)
TEXTS = st.lists(st.text(), max_size=3).map(tuple)
TRANSITIONS = st.builds(Transition, TIMES, st.sampled_from(State), st.text(), st.none() | st.text())
EVERY_ROW: dict[str, st.SearchStrategy[Any]] = {
    "key": st.builds(RowKey, st.text(min_size=1), st.text(min_size=1)),
    "site": st.text(),
    "trigger": st.text(),
    "state": st.sampled_from(State),
    "reason": st.text(),
    "accepted_at": TIMES,
    "expires_at": TIMES.map(lambda time: time * 1000),
    "revision": COUNTS,
    "token": st.text(),
    "attempts": COUNTS,
    "same_failure_count": COUNTS,
    "next_attempt_at": st.none() | TIMES,
    "parked_at": st.none() | TIMES,
    "resumed_at": st.none() | TIMES,
    "timeline": st.lists(TRANSITIONS, max_size=3).map(tuple),
}
EVERY_EVENT = {
    **EVERY_ROW,
    "payload": st.none() | st.text(),
    "acked_at": st.none() | TIMES,
    "activation_ids": TEXTS,
}
ENTITIES = st.builds(
    ScheduledEntity,
    **EVERY_EVENT,
    entity=st.text(),
    version=VERSIONS,
    intent=st.sampled_from(Intent),
    generation=COUNTS,
    acked_generation=COUNTS,
    oldest_open_generation=COUNTS,
    second_cancel_at=st.none() | TIMES,
    due_at=st.none() | TIMES,
    seen_requests=TEXTS,
)
TOMBSTONES = st.builds(
    Tombstone,
    **EVERY_ROW,
    entity=st.text(),
    version=VERSIONS,
    second_cancel_at=st.none() | TIMES,
    swept_version=st.none() | VERSIONS,
)
OCCURRENCES = st.builds(
    RealtimeEvent,
    **EVERY_EVENT,
    entity=st.none() | st.text(),
    version=st.none() | VERSIONS,
    occurrence=st.text(),
    closed=st.booleans(),
)
SECONDS = st.integers(0, 2**33)
SITES = st.builds(
    SiteRow,
    key=st.builds(RowKey, st.text(min_size=1), st.text(min_size=1)),
    expires_at=TIMES.map(lambda time: time * 1000),
    revision=COUNTS,
    token=st.text(),
    site=st.text(),
    state=st.sampled_from(SiteState),
    reason=st.text(),
    changed_at=TIMES,
    installed_at=st.none() | TIMES,
    next_attempt_at=st.none() | TIMES,
    probe=st.none() | st.builds(RowKey, st.text("abc-123", min_size=1), st.text("abc#123", min_size=1)),
    probes=COUNTS,
    calls=st.lists(st.tuples(SECONDS, COUNTS), max_size=5).map(tuple),
    waits_until=st.none() | TIMES,
    waits=COUNTS,
    reserved_until=TIMES,
)
ROWS = ENTITIES | TOMBSTONES | OCCURRENCES | SITES


@given(ROWS)
def test_a_row_comes_back_exactly(row: Stored) -> None:
    assert decode(encode(row)) == row


@given(ROWS)
def test_every_field_is_an_attribute_of_its_name_or_known_to_be_absent_or_never_there(row: Stored) -> None:
    item = encode(row)
    names = {"pk", "sk", "kind", "format", "queue", *(each.name for each in fields(row))} - {"key"}
    assert not item.keys() & set(absent(item))
    assert names - {*item, *absent(item)} <= {"entity", "version", "payload"}


@given(ROWS)
def test_what_is_saved_over_an_older_row_leaves_out_what_never_changes(row: Stored) -> None:
    left_out = {name: value for name, value in encode(row).items() if name not in changeable(encode(row))}
    of_an_occurrence = {"accepted_at", "occurrence", "version", "payload"} if isinstance(row, RealtimeEvent) else set()
    assert left_out.keys() <= {"pk", "sk", "kind", "format", "site", "trigger", "entity"} | of_an_occurrence


@given(ROWS)
def test_only_a_row_that_waits_is_in_the_index(row: Stored) -> None:
    item = encode(row)
    next_attempt_at = None if isinstance(row, WalkRow) else row.next_attempt_at
    assert ("queue" in item) == ("next_attempt_at" in item) == (next_attempt_at is not None)


@given(st.integers(min_value=0, max_value=10**15))
def test_an_item_expires_at_the_next_whole_second(expires_at: int) -> None:
    seconds = int(encode(an_entity_row(expires_at=expires_at))["expires_at"]["N"])
    assert 0 <= seconds * 1000 - expires_at < 1000


def test_a_row_in_another_format_is_refused_by_the_number_of_it() -> None:
    item = encode(an_entity_row()) | {"format": {"N": "2"}}
    with pytest.raises(LedgerUnavailable, match="a row has format 2, and this version reads format 1"):
        decode(item)


@given(st.builds(RowKey, st.text(), st.text()))
def test_a_key_comes_back_exactly(key: RowKey) -> None:
    assert decode_key(encode_key(key)) == key


def test_an_entity_looks_like_this() -> None:
    row = an_entity_row(
        key=RowKey("0568bdf8-537b-5b17-b275", "entity#91fbcf95178c"),
        state=State.RETRYING,
        reason="timed out",
        expires_at=4_000_000_000_000,
        payload='{"number": 1}',
        due_at=None,
        seen_requests=(),
        next_attempt_at=1_760_000_060_000,
        activation_ids=("a-1",),
        timeline=(
            Transition(1_760_000_000_000, State.PENDING, "accepted"),
            Transition(1_760_000_001_000, State.RETRYING, "timed out", "wix-1"),
        ),
    )
    assert encode(row) == {
        "pk": {"S": "0568bdf8-537b-5b17-b275"},
        "sk": {"S": "entity#91fbcf95178c"},
        "kind": {"S": "scheduled_entity"},
        "format": {"N": "1"},
        "site": {"S": "4d2f64b1-7f0a-4d0b-8f43-6f5f1f4bb6a2"},
        "trigger": {"S": "invoice-due"},
        "state": {"S": "retrying"},
        "reason": {"S": "timed out"},
        "accepted_at": {"N": "1760000000000"},
        "expires_at": {"N": "4000000000"},
        "revision": {"N": "1"},
        "accepted_revision": {"N": "0"},
        "token": {"S": "first"},
        "entity": {"S": "invoice 1"},
        "version": {"N": "1"},
        "payload": {"S": '{"number": 1}'},
        "activation_ids": {"S": '["a-1"]'},
        "next_attempt_at": {"N": "1760000060000"},
        "timeline": {
            "S": '[[1760000000000,"pending","accepted"],[1760000001000,"retrying","timed out","wix-1"]]',
        },
        "intent": {"S": "report"},
        "generation": {"N": "1"},
        "acked_generation": {"N": "0"},
        "oldest_open_generation": {"N": "1"},
        "queue": {"S": "due#9"},
    }


def test_states_are_plain_text() -> None:
    assert type(encode(an_entity_row())["state"]["S"]) is str


def test_the_keys_come_first() -> None:
    assert list(encode(an_occurrence()))[:2] == ["pk", "sk"]


@pytest.mark.parametrize("row", [an_entity_row(), an_occurrence()])
def test_attributes_of_a_later_version_are_ignored(row: ScheduledEntity | RealtimeEvent) -> None:
    assert decode({**encode(row), "colour": {"S": "blue"}}) == row


def test_fields_that_an_earlier_version_did_not_write_have_their_defaults() -> None:
    item = encode(an_entity_row(attempts=3, acked_at=5))
    del item["attempts"], item["acked_at"]
    assert decode(item) == an_entity_row(attempts=0, acked_at=None)


def test_a_transition_of_a_later_version_may_hold_more() -> None:
    item = encode(an_entity_row())
    item["timeline"] = {"S": '[[1, "pending", "accepted", null, "more"]]'}
    assert decode(item) == an_entity_row(timeline=(Transition(1, State.PENDING, "accepted"),))


def test_an_empty_entity_is_not_taken_for_none() -> None:
    row = an_occurrence(entity="")
    assert decode(encode(row)) == row != replace(row, entity=None)


def test_rows_of_a_partition_wait_in_the_same_shard() -> None:
    assert shard_of(RowKey("p", "entity#1")) == shard_of(RowKey("p", "occurrence#1#2"))


def test_a_shard_is_the_same_in_every_process() -> None:
    assert [shard_of(RowKey(f"p{number}", "r")) for number in range(6)] == [5, 19, 9, 31, 28, 10]


@given(st.text(), st.text())
def test_every_shard_is_one_of_the_index(partition: str, row: str) -> None:
    assert shard_of(RowKey(partition, row)) in range(SHARDS)


def test_a_shard_has_a_name_in_the_index() -> None:
    assert queue(7) == "due#7"
