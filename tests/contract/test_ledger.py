"""What every ledger promises, of the in-memory one and of DynamoDB's; then what only the one in DynamoDB can get wrong.

moto runs no PartiQL of ours: there, rows are put by BatchWriteItem, and only what reads them is under test.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.builders import a_tombstone, an_entity_row, an_occurrence
from tests.support.clouds import EVERYWHERE, IN_MEMORY, clients_of
from tests.support.ledger_table import new_ledger_table
from tests.support.memory_ledger import MemoryLedger, entry_of, without_wait
from tests.support.moto_aws import ledger_in
from tests.support.rows import ACCEPTED_AT, EXPIRES_AT, entity_key_of
from trigger_provider.adapters.aws.retry import BackOff
from trigger_provider.adapters.dynamodb import index
from trigger_provider.adapters.dynamodb.items import decode_key, encode, encode_key
from trigger_provider.adapters.dynamodb.ledger import DynamoDbLedger
from trigger_provider.adapters.dynamodb.statements import saving
from trigger_provider.domain.ledger.rows import (
    SHARDS,
    Intent,
    OccurrencePage,
    RealtimeEvent,
    Row,
    RowKey,
    ScheduledEntity,
    State,
    Transition,
    Waiting,
)
from trigger_provider.domain.payload.limits import MOST_PAYLOAD_BYTES
from trigger_provider.errors import LedgerUnavailable, RowsUnavailable
from trigger_provider.use_cases.ports.ledger import Ledger

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

    from tests.sandbox.aws import Clients
    from tests.support.aws import Script
    from trigger_provider.adapters.dynamodb.items import Item

pytest_plugins = ["tests.support.aws"]

NOW = ACCEPTED_AT + 60_000
NOBODY = frozenset[RowKey]()


@pytest.fixture(params=EVERYWHERE)
def ledger(request: pytest.FixtureRequest) -> Ledger:
    if request.param == IN_MEMORY:
        return MemoryLedger()
    clients = clients_of(request)
    return ledger_in(clients, new_ledger_table(clients.dynamodb))


def saved(ledger: Ledger, *rows: Row) -> None:
    assert ledger.save_many(rows) == NOBODY


def next_of(row: Row, **changes: Any) -> Row:  # noqa: ANN401 - any field of the row
    return replace(row, **{"revision": row.revision + 1, "token": "next", **changes})


# Loading


def test_a_saved_row_is_loaded_as_it_was(ledger: Ledger) -> None:
    entity, occurrence = an_entity_row(), an_occurrence()
    saved(ledger, entity, occurrence)
    assert ledger.load_many([entity.key, occurrence.key]) == {entity.key: entity, occurrence.key: occurrence}


def test_every_field_of_an_entity_comes_back(ledger: Ledger) -> None:
    row = an_entity_row(
        intent=Intent.CANCEL, state=State.RETRYING, reason="timed out", version=7, acked_at=3, attempts=2,
        same_failure_count=1, next_attempt_at=4, activation_ids=("a", "b"), generation=9, acked_generation=8,
        oldest_open_generation=7, second_cancel_at=6, due_at=5,
        seen_requests=("x", "y"), expires_at=EXPIRES_AT,
        timeline=(Transition(1, State.PENDING, "accepted"), Transition(2, State.RETRYING, "timed out", "wix-1")),
    )  # fmt: skip
    saved(ledger, row)
    assert ledger.load_many([row.key])[row.key] == row


def test_every_field_of_a_tombstone_comes_back(ledger: Ledger) -> None:
    row = a_tombstone(
        state=State.RETRYING, reason="timed out", version=7, attempts=2, same_failure_count=1, next_attempt_at=4,
        second_cancel_at=6, swept_version=4, expires_at=EXPIRES_AT,
        timeline=(Transition(1, State.PENDING, "accepted"), Transition(2, State.RETRYING, "timed out", "wix-1")),
    )  # fmt: skip
    saved(ledger, row)
    assert ledger.load_many([row.key])[row.key] == row


def test_keys_may_repeat(ledger: Ledger) -> None:
    row = an_entity_row()
    saved(ledger, row)
    assert ledger.load_many([row.key, row.key, row.key]) == {row.key: row}


def test_keys_may_come_from_a_generator(ledger: Ledger) -> None:
    row = an_entity_row()
    saved(ledger, row)
    assert ledger.load_many(key for key in [row.key]) == {row.key: row}


def test_a_key_without_a_row_is_left_out(ledger: Ledger) -> None:
    row = an_entity_row()
    saved(ledger, row)
    assert ledger.load_many([entity_key_of("nobody"), row.key]) == {row.key: row}


def test_no_keys_give_no_rows(ledger: Ledger) -> None:
    assert ledger.load_many([]) == {}


def test_150_rows_are_loaded_in_one_go(ledger: Ledger) -> None:
    rows = [an_entity_row(f"invoice {number}") for number in range(150)]
    saved(ledger, *rows)
    assert ledger.load_many(row.key for row in rows) == {row.key: row for row in rows}


def test_an_expired_row_is_there_until_it_is_gone(ledger: Ledger) -> None:
    row = an_entity_row(expires_at=1_000)
    saved(ledger, row)
    assert ledger.load_many([row.key]) == {row.key: row}


# Saving


def test_no_rows_are_saved_without_conflict(ledger: Ledger) -> None:
    assert ledger.save_many([]) == NOBODY


def test_a_row_is_replaced_by_its_next_revision(ledger: Ledger) -> None:
    first = an_entity_row()
    second = next_of(first, state=State.REPORTED, reason="acknowledged", version=2, payload='{"number": 2}')
    saved(ledger, first)
    saved(ledger, second)
    assert ledger.load_many([first.key]) == {first.key: second}


def test_a_row_that_is_there_is_not_inserted_again(ledger: Ledger) -> None:
    first = an_entity_row()
    saved(ledger, first)
    assert ledger.save_many([replace(first, token="other", reason="again")]) == {first.key}
    assert ledger.load_many([first.key]) == {first.key: first}


def test_an_insert_over_a_later_revision_is_a_conflict_even_with_its_token(ledger: Ledger) -> None:
    first = an_entity_row()
    second = next_of(first, token=first.token)
    saved(ledger, first)
    saved(ledger, second)
    assert ledger.save_many([first]) == {first.key}
    assert ledger.load_many([first.key]) == {first.key: second}


def test_an_insert_that_is_tried_again_counts_as_saved(ledger: Ledger) -> None:
    row = an_entity_row()
    saved(ledger, row)
    saved(ledger, row)
    assert ledger.load_many([row.key]) == {row.key: row}


def test_a_replacement_that_is_tried_again_counts_as_saved(ledger: Ledger) -> None:
    first = an_entity_row()
    second = next_of(first)
    saved(ledger, first)
    saved(ledger, second)
    saved(ledger, second)
    assert ledger.load_many([first.key]) == {first.key: second}


def test_a_row_without_a_token_is_nobodys(ledger: Ledger) -> None:
    row = an_entity_row(token="")
    saved(ledger, row)
    assert ledger.save_many([row]) == {row.key}


def test_a_row_that_somebody_else_changed_is_left_as_it_is(ledger: Ledger) -> None:
    first = an_entity_row()
    theirs = next_of(first, token="theirs", reason="theirs")
    saved(ledger, first)
    saved(ledger, theirs)
    assert ledger.save_many([next_of(first, token="ours", reason="ours")]) == {first.key}
    assert ledger.load_many([first.key]) == {first.key: theirs}


def test_no_revision_may_be_left_out(ledger: Ledger) -> None:
    first = an_entity_row()
    saved(ledger, first)
    assert ledger.save_many([next_of(first, revision=3)]) == {first.key}
    assert ledger.load_many([first.key]) == {first.key: first}


def test_a_row_that_is_gone_is_not_made_anew(ledger: Ledger) -> None:
    row = an_entity_row(revision=2)
    assert ledger.save_many([row]) == {row.key}
    assert ledger.load_many([row.key]) == {}


def test_each_row_of_one_save_stands_for_itself(ledger: Ledger) -> None:
    taken, stale, known, ours = (an_entity_row(name) for name in ("taken", "stale", "known", "ours"))
    saved(ledger, taken, stale, known, ours)
    saved(ledger, next_of(stale, token="theirs"), next_of(ours))
    new, gone = an_entity_row("new"), an_entity_row("gone", revision=5)
    rows = [replace(taken, token="other"), next_of(stale), next_of(known), next_of(ours), new, gone]
    assert ledger.save_many(rows) == {taken.key, stale.key, gone.key}
    assert ledger.load_many(row.key for row in rows) == {
        taken.key: taken,
        stale.key: next_of(stale, token="theirs"),
        known.key: next_of(known),
        ours.key: next_of(ours),
        new.key: new,
    }


def test_60_rows_are_saved_in_one_go_and_only_the_taken_ones_are_named(ledger: Ledger) -> None:
    rows = [an_entity_row(f"invoice {number}") for number in range(60)]
    saved(ledger, rows[3], rows[30], rows[59])
    others = [replace(row, token="other") for row in rows]
    assert ledger.save_many(others) == {rows[3].key, rows[30].key, rows[59].key}
    assert set(ledger.load_many(row.key for row in rows)) == {row.key for row in rows}


def test_two_rows_of_one_key_are_not_saved_together(ledger: Ledger) -> None:
    row = an_entity_row()
    with pytest.raises(ValueError, match="distinct keys"):
        ledger.save_many([row, next_of(row)])
    assert ledger.load_many([row.key]) == {}


def test_what_becomes_none_or_empty_is_removed(ledger: Ledger) -> None:
    full = an_entity_row(
        acked_at=3, activation_ids=("a",), next_attempt_at=4, second_cancel_at=6, due_at=5,
        seen_requests=("x",), expires_at=EXPIRES_AT, timeline=(Transition(1, State.PENDING, "accepted"),),
    )  # fmt: skip
    bare = next_of(
        full, token="", payload=None, acked_at=None, activation_ids=(), next_attempt_at=None,
        second_cancel_at=None, due_at=None, seen_requests=(), timeline=(),
    )  # fmt: skip
    saved(ledger, full)
    saved(ledger, bare)
    assert ledger.load_many([full.key]) == {full.key: bare}


# What a row can hold


@pytest.mark.parametrize("version", [0, -1, 1_760_000_000_123_456_789, 10**37, 10**38 - 1, 1 - 10**38])
def test_a_version_may_have_38_digits(ledger: Ledger, version: int) -> None:
    row = an_entity_row(version=version)
    saved(ledger, row)
    assert ledger.load_many([row.key])[row.key].version == version


@pytest.mark.parametrize("text", ["Żółć 買い物 🧾", "a'b\"c\\d?", "line\nline\ttab\u2028", "\u0000\u0001", " ", ""])
def test_text_of_every_script_is_kept(ledger: Ledger, text: str) -> None:
    row = an_entity_row(entity=text, reason=text, payload=json.dumps({"text": text}, ensure_ascii=False))
    saved(ledger, row)
    assert ledger.load_many([row.key]) == {row.key: row}


def test_payloads_of_128_kib_are_saved_and_loaded_together(ledger: Ledger) -> None:
    rows = [an_entity_row(f"invoice {number}", payload=json.dumps({"text": "ż" * 2**16})) for number in range(30)]
    saved(ledger, *rows)
    assert ledger.load_many(row.key for row in rows) == {row.key: row for row in rows}


def test_a_row_expires_at_a_whole_second_and_never_before_its_time(ledger: Ledger) -> None:
    row = an_entity_row(expires_at=EXPIRES_AT + 1)
    saved(ledger, row)
    assert ledger.load_many([row.key])[row.key].expires_at == EXPIRES_AT + 1_000


# Occurrences


def test_all_occurrences_of_an_entity_are_found_at_once(ledger: Ledger) -> None:
    rows = [an_occurrence(f"booked {number}", "course 1") for number in range(3)]
    saved(ledger, an_entity_row("course 1"), *rows)
    assert sorted(ledger.occurrences(entity_key_of("course 1")), key=lambda row: row.occurrence) == rows


def test_the_occurrences_of_an_entity_are_read_page_by_page_in_the_order_of_their_keys_and_without_payloads(
    ledger: Ledger,
) -> None:
    rows = [an_occurrence(f"visit {number}", "course 1") for number in range(5)]
    ledger.save_many([*rows, an_occurrence("visit 9", "course 2"), a_tombstone("course 1")])
    position: str | None = ""
    pages = []
    while position is not None:
        pages.append(ledger.occurrence_page(entity_key_of("course 1"), position, 2))
        position = pages[-1].next_position

    read = [row for page in pages for row in page.rows]
    assert read == [replace(row, payload=None) for row in sorted(rows, key=lambda row: row.key)]
    assert max(len(page.rows) for page in pages) == 2


def test_an_entity_without_occurrences_has_one_empty_page(ledger: Ledger) -> None:
    assert ledger.occurrence_page(entity_key_of("course 1"), "", 2) == OccurrencePage(())


def test_an_occurrence_that_was_read_without_its_payload_keeps_it_when_it_is_saved(ledger: Ledger) -> None:
    row = an_occurrence("visit 1", "course 1")
    ledger.save_many([row])
    (lean,) = ledger.occurrence_page(entity_key_of("course 1"), "", 2).rows
    assert ledger.save_many([replace(lean, revision=2, token="second", closed=True)]) == frozenset()
    stored = ledger.load_many([row.key])[row.key]
    assert isinstance(stored, RealtimeEvent)
    assert (stored.closed, stored.payload) == (True, row.payload)


def test_an_entity_without_occurrences_has_none(ledger: Ledger) -> None:
    saved(ledger, an_entity_row("course 1"), an_occurrence("booked 1", "course 2"), an_occurrence("booked 1"))
    assert list(ledger.occurrences(entity_key_of("course 1"))) == []


def test_an_occurrence_is_seen_as_it_was_last_saved(ledger: Ledger) -> None:
    row = an_occurrence("booked 1", "course 1")
    cancelled = next_of(row, state=State.CANCELLED)
    saved(ledger, row)
    saved(ledger, cancelled)
    assert list(ledger.occurrences(entity_key_of("course 1"))) == [cancelled]


def test_entities_that_share_a_partition_do_not_share_occurrences(ledger: Ledger) -> None:
    ours = an_occurrence("1", key=RowKey("shared", "occurrence#ab#1"))
    theirs = an_occurrence("2", key=RowKey("shared", "occurrence#abc#2"))
    saved(ledger, ours, theirs, an_entity_row(key=RowKey("shared", "entity#ab")))
    assert list(ledger.occurrences(RowKey("shared", "entity#ab"))) == [ours]


def test_more_than_a_megabyte_of_occurrences_is_found_whole(ledger: Ledger) -> None:
    text = json.dumps({"text": "x" * 100_000})
    rows = [an_occurrence(f"booked {number}", "course 1", payload=text) for number in range(25)]
    saved(ledger, *rows)
    assert {row.key for row in ledger.occurrences(entity_key_of("course 1"))} == {row.key for row in rows}


# What waits


def waiting(name: str, next_attempt_at: int | None, partition: str = "p") -> ScheduledEntity:
    return an_entity_row(key=RowKey(partition, f"entity#{name}"), next_attempt_at=next_attempt_at)


def waits(row: ScheduledEntity) -> Waiting:
    assert row.next_attempt_at is not None
    return entry_of(row)


SHARD = index.shard_of(RowKey("p", ""))


def test_what_waits_is_given_with_the_earliest_first(ledger: Ledger) -> None:
    late, early, latest = waiting("late", NOW - 1), waiting("early", NOW - 1_000_000), waiting("latest", NOW + 1)
    saved(ledger, late, early, latest)
    assert list(ledger.waiting(SHARD, 10)) == [waits(row) for row in (early, late, latest)]


def test_no_more_is_given_than_was_asked_for(ledger: Ledger) -> None:
    rows = [waiting(str(number), NOW - number) for number in range(1, 6)]
    saved(ledger, *rows)
    assert [entry.key for entry in ledger.waiting(SHARD, 2)] == [rows[4].key, rows[3].key]


def test_a_row_that_waits_for_nothing_is_not_among_them(ledger: Ledger) -> None:
    saved(ledger, waiting("settled", None))
    assert list(ledger.waiting(SHARD, 10)) == []


def test_a_row_that_stops_waiting_is_not_among_them_any_more(ledger: Ledger) -> None:
    row = waiting("row", NOW)
    saved(ledger, row)
    saved(ledger, next_of(row, next_attempt_at=None))
    assert list(ledger.waiting(SHARD, 10)) == []


def test_a_wait_is_ended_by_what_the_index_shows_of_the_row(ledger: Ledger) -> None:
    row = replace(waiting("row", NOW), payload='{"kept": true}')
    saved(ledger, row)
    (entry,) = ledger.waiting(SHARD, 10)
    assert entry == entry_of(row)
    assert ledger.end_waits([entry], "recovery") == NOBODY
    assert ledger.load_many([row.key]) == {row.key: without_wait(row, "recovery")}
    assert list(ledger.waiting(SHARD, 10)) == []


def test_a_wait_of_a_row_that_has_changed_since_is_not_ended_and_keeps_no_other(ledger: Ledger) -> None:
    rows = [waiting(name, NOW) for name in "abc"]
    saved(ledger, *rows)
    entries = ledger.waiting(SHARD, 10)
    changed = next_of(rows[1], next_attempt_at=NOW + 5)
    saved(ledger, changed)
    assert ledger.end_waits([*entries, entry_of(waiting("gone", NOW))], "recovery") == {
        rows[1].key,
        waiting("gone", NOW).key,
    }
    assert ledger.load_many([row.key for row in rows])[rows[1].key] == changed
    assert [entry.key for entry in ledger.waiting(SHARD, 10)] == [rows[1].key]


def test_a_row_waits_until_its_newest_time(ledger: Ledger) -> None:
    row = waiting("row", NOW)
    saved(ledger, row)
    saved(ledger, next_of(row, next_attempt_at=NOW + 5))
    assert list(ledger.waiting(SHARD, 10)) == [entry_of(next_of(row, next_attempt_at=NOW + 5))]


def test_each_waiting_row_is_in_one_shard_and_all_shards_are_used(ledger: Ledger) -> None:
    rows = [waiting("row", NOW, partition=f"p{number}") for number in range(200)]
    saved(ledger, *rows)
    shards = [[entry.key for entry in ledger.waiting(shard, 100)] for shard in range(SHARDS)]
    assert sorted(key for shard in shards for key in shard) == sorted(row.key for row in rows)
    assert all(shards)


# What is parked


def parked(name: str, next_attempt_at: int | None = NOW, **changes: Any) -> ScheduledEntity:  # noqa: ANN401 - any field of the row
    return replace(waiting(name, next_attempt_at), **{"state": State.PARKED, "parked_at": NOW, **changes})


def test_what_is_parked_is_given_with_its_site_and_with_no_shard(ledger: Ledger) -> None:
    late, early = parked("late", NOW + 1), parked("early", NOW - 1, resumed_at=NOW - 2)
    saved(ledger, late, early, waiting("waits", NOW), parked("elsewhere", site="another"))
    assert list(ledger.parked(late.site, 10)) == [waits(row) for row in (early, late)]
    assert [entry.key for entry in ledger.waiting(SHARD, 10)] == [waiting("waits", NOW).key]
    assert ledger.load_many([early.key]) == {early.key: early}


def test_no_more_of_what_is_parked_is_given_than_was_asked_for(ledger: Ledger) -> None:
    saved(ledger, *[parked(str(number), NOW - number) for number in range(1, 6)])
    assert [entry.key.row for entry in ledger.parked(parked("1").site, 2)] == ["entity#5", "entity#4"]


def test_a_row_that_is_taken_up_is_with_its_site_no_more(ledger: Ledger) -> None:
    row = parked("row")
    saved(ledger, row)
    saved(ledger, next_of(row, parked_at=None, next_attempt_at=None))
    assert list(ledger.parked(row.site, 10)) == []


# Only in DynamoDB: what it answers on a bad day

PAUSES_AT_MOST = [0.1, 0.2, 0.4, 0.8, 1.0]


@dataclass
class BadDay:
    """A ledger whose DynamoDB answers by a script, and the pauses that the ledger made."""

    script: Script[DynamoDBClient]
    pauses: list[float] = field(default_factory=list)

    @property
    def ledger(self) -> DynamoDbLedger:
        back_off = BackOff(sleep=self.pauses.append, jitter=lambda _, longest: longest)
        return DynamoDbLedger(self.script.client, "ledger", back_off)

    def statements(self, *codes: str | None, items: Mapping[int, Row] | None = None) -> None:
        """Answer a batch of statements: each by a code, with the stored row if there is one, or by success."""
        answers: list[dict[str, Any]] = [{"Error": {"Code": code}} if code else {} for code in codes]
        for number, row in (items or {}).items():
            answers[number]["Error"]["Item"] = encode(row)
        self.script.answer("batch_execute_statement", {"Responses": answers})

    def rows(self, *rows: Row, unprocessed: Sequence[RowKey] = ()) -> None:
        """Answer a batch of keys by the rows found, and the keys left for another call."""
        self.items(*map(encode, rows), unprocessed=unprocessed)

    def items(self, *items: Item, unprocessed: Sequence[RowKey] = ()) -> None:
        """Answer a batch of keys by items as they are stored."""
        left = {"ledger": {"Keys": [encode_key(key) for key in unprocessed]}} if unprocessed else {}
        self.script.answer("batch_get_item", {"Responses": {"ledger": [*items]}, "UnprocessedKeys": left})

    def asked_for(self) -> list[list[RowKey]]:
        """Return the keys of each request, be they of statements or of reads."""
        return [_keys_of(request) for request in self.script.requests]


def _keys_of(request: dict[str, Any]) -> list[RowKey]:
    if "RequestItems" in request:
        return [decode_key(key) for key in request["RequestItems"]["ledger"]["Keys"]]
    keys = [
        parameters[:2] if "INSERT" in statement["Statement"] else parameters[-3:-1]
        for statement in request["Statements"]
        for parameters in [statement["Parameters"]]
    ]
    return [RowKey(pk["S"], sk["S"]) for pk, sk in keys]


@pytest.fixture
def bad_day(dynamodb_script: Script[DynamoDBClient]) -> BadDay:
    return BadDay(dynamodb_script)


A, B, C = (an_entity_row(name) for name in "abc")


def test_keys_left_unprocessed_are_read_after_a_pause(bad_day: BadDay) -> None:
    bad_day.rows(A, unprocessed=[B.key, C.key])
    bad_day.rows(C, unprocessed=[B.key])
    bad_day.rows(B)
    assert bad_day.ledger.load_many([A.key, B.key, C.key]) == {A.key: A, B.key: B, C.key: C}
    assert bad_day.asked_for() == [[A.key, B.key, C.key], [B.key, C.key], [B.key]]
    assert bad_day.pauses == PAUSES_AT_MOST[:2]


def test_keys_that_are_never_processed_make_the_ledger_unavailable(bad_day: BadDay) -> None:
    for _ in range(6):
        bad_day.rows(unprocessed=[A.key])
    with pytest.raises(LedgerUnavailable, match="BatchGetItem: 1 keys unprocessed"):
        bad_day.ledger.load_many([A.key])
    assert bad_day.pauses == PAUSES_AT_MOST


def test_a_key_that_is_never_processed_keeps_no_other_row_back(bad_day: BadDay) -> None:
    bad_day.rows(A, unprocessed=[B.key])
    for _ in range(5):
        bad_day.rows(unprocessed=[B.key])
    with pytest.raises(RowsUnavailable, match="BatchGetItem: 1 keys unprocessed") as raised:
        bad_day.ledger.load_many([A.key, B.key])
    assert raised.value.keys == {B.key}
    assert raised.value.rows == {A.key: A}


@pytest.mark.parametrize(
    "damage",
    [
        {"format": {"N": "2"}},
        {"state": {"S": "of another version"}},
        {"kind": {"S": "of another version"}},
        {"accepted_at": {"S": "planted"}},
        {"timeline": {"S": "planted"}},
    ],
    ids=lambda damage: next(iter(damage)),
)
def test_a_row_that_can_not_be_decoded_keeps_no_other_row_back(bad_day: BadDay, damage: dict[str, Any]) -> None:
    bad_day.items(encode(A), {**encode(B), **damage})
    with pytest.raises(RowsUnavailable) as raised:
        bad_day.ledger.load_many([A.key, B.key])
    assert raised.value.keys == {B.key}
    assert raised.value.rows == {A.key: A}
    assert "planted" not in str(raised.value)


@pytest.mark.parametrize(
    "code",
    [
        "InternalServerError",
        "ProvisionedThroughputExceeded",
        "RequestLimitExceeded",
        "ThrottlingError",
        "TransactionConflict",
    ],
)
def test_a_statement_that_was_put_off_is_tried_again_without_the_others(bad_day: BadDay, code: str) -> None:
    bad_day.statements(None, code, None)
    bad_day.statements(None)
    assert bad_day.ledger.save_many([A, B, C]) == NOBODY
    assert bad_day.asked_for() == [[A.key, B.key, C.key], [B.key]]
    assert bad_day.pauses == PAUSES_AT_MOST[:1]


def test_statements_of_several_batches_that_were_put_off_are_tried_again_together(bad_day: BadDay) -> None:
    rows = [an_entity_row(f"invoice {number}") for number in range(50)]
    for _ in range(2):
        bad_day.statements("ThrottlingError", *[None] * 24)
    bad_day.statements(None, None)
    assert bad_day.ledger.save_many(rows) == NOBODY
    assert bad_day.asked_for()[2] == [rows[0].key, rows[25].key]


def test_a_conflict_is_not_forgotten_while_another_row_is_tried_again(bad_day: BadDay) -> None:
    first, second = next_of(A), next_of(B)
    bad_day.statements("ConditionalCheckFailed", "ThrottlingError", items={0: replace(first, token="theirs")})
    bad_day.statements(None)
    assert bad_day.ledger.save_many([first, second]) == {A.key}


def test_statements_that_are_put_off_for_ever_make_the_ledger_unavailable(bad_day: BadDay) -> None:
    for _ in range(6):
        bad_day.statements("ThrottlingError")
    with pytest.raises(LedgerUnavailable, match="BatchExecuteStatement: 1 statements put off"):
        bad_day.ledger.save_many([A])
    assert bad_day.pauses == PAUSES_AT_MOST


def test_a_replacement_whose_answer_was_lost_is_known_by_its_token(bad_day: BadDay) -> None:
    row = next_of(A)
    bad_day.statements("InternalServerError")
    bad_day.statements("ConditionalCheckFailed", items={0: row})
    assert bad_day.ledger.save_many([row]) == NOBODY


def test_an_insert_whose_answer_was_lost_is_read_to_know_it_by_its_token(bad_day: BadDay) -> None:
    bad_day.statements("InternalServerError", "DuplicateItem", None)
    bad_day.statements("DuplicateItem")
    bad_day.rows(A, replace(B, token="theirs"))
    assert bad_day.ledger.save_many([A, B, C]) == {B.key}
    assert bad_day.asked_for()[2] == [B.key, A.key]


def test_a_duplicate_that_comes_with_its_row_is_not_read(bad_day: BadDay) -> None:
    bad_day.statements("DuplicateItem", items={0: A})
    assert bad_day.ledger.save_many([A]) == NOBODY


def test_a_row_that_somebody_saved_over_ours_is_a_conflict(bad_day: BadDay) -> None:
    row = next_of(A)
    bad_day.statements("ConditionalCheckFailed", items={0: next_of(row, token="theirs")})
    assert bad_day.ledger.save_many([row]) == {A.key}


def test_a_statement_that_can_never_succeed_is_named_by_its_code_once_the_others_are_done(bad_day: BadDay) -> None:
    bad_day.statements("ValidationError", "ThrottlingError", "AccessDenied")
    bad_day.statements(None)
    with pytest.raises(LedgerUnavailable, match=r"^BatchExecuteStatement: AccessDenied, ValidationError$"):
        bad_day.ledger.save_many([A, B, C])


def test_as_many_rows_as_go_in_one_request_weigh_less_than_dynamodb_takes_at_the_worst() -> None:
    lines = tuple(Transition(ACCEPTED_AT, State.RETRYING, "é" * 200, "é" * 100) for _ in range(10))
    heavy = an_entity_row(payload="é" * (MOST_PAYLOAD_BYTES // 2), timeline=lines)
    request = {"Statements": [saving("ledger", heavy)] * 25}
    assert len(json.dumps(request)) < 16 * 2**20


@pytest.mark.parametrize("operation", ["batch_get_item", "batch_execute_statement", "query"])
def test_a_call_that_fails_says_its_code_and_nothing_of_its_text(bad_day: BadDay, operation: str) -> None:
    calls: dict[str, Callable[[], object]] = {
        "batch_get_item": lambda: bad_day.ledger.load_many([A.key]),
        "batch_execute_statement": lambda: bad_day.ledger.save_many([A]),
        "query": lambda: bad_day.ledger.occurrences(A.key),
    }
    bad_day.script.fail(operation, "ThrottlingException")
    with pytest.raises(LedgerUnavailable, match=r"^\w+: ThrottlingException$") as raised:
        calls[operation]()
    assert raised.value.__suppress_context__
    assert raised.value.__cause__ is None


def test_a_ledger_that_can_not_be_reached_is_unavailable(nowhere: Clients) -> None:
    with pytest.raises(LedgerUnavailable, match="BatchGetItem: EndpointConnectionError"):
        DynamoDbLedger(nowhere.dynamodb, "ledger").load_many([A.key])


def test_every_read_is_consistent_but_the_one_of_the_index(bad_day: BadDay) -> None:
    bad_day.rows()
    bad_day.script.answer("query", {"Items": []})
    bad_day.script.answer("query", {"Items": []})
    bad_day.ledger.load_many([A.key])
    bad_day.ledger.occurrences(A.key)
    bad_day.ledger.waiting(0, 1)
    read, occurrences, waiting = bad_day.script.requests
    assert read["RequestItems"]["ledger"]["ConsistentRead"]
    assert occurrences["ConsistentRead"]
    assert "ConsistentRead" not in waiting


def test_a_statement_of_a_full_row_in_a_table_of_a_long_name_is_within_the_limit(bad_day: BadDay) -> None:
    full = replace(
        A,
        revision=2,
        acked_at=1,
        next_attempt_at=1,
        second_cancel_at=1,
        due_at=1,
        activation_ids=("a",),
        seen_requests=("a",),
    )
    bad_day.statements(None)
    bad_day.statements(None)
    for row in (full, replace(full, revision=1)):
        DynamoDbLedger(bad_day.script.client, "t" * 255).save_many([row])
    assert all(len(request["Statements"][0]["Statement"]) <= 8192 for request in bad_day.script.requests)
