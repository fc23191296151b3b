"""The ledger in DynamoDB and its fake in memory, asked the same by chance: the same answers, always.

The search is as large as hypothesis's profile says: `--hypothesis-profile proof` is the larger one. On moto, rows are
put as the fake holds them, and only reads are compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.support.builders import a_tombstone, an_entity_row, an_occurrence
from tests.support.ledger_table import new_ledger_table
from tests.support.memory_ledger import MemoryLedger
from tests.support.moto_aws import ledger_in
from tests.support.rows import EXPIRES_AT, SITE
from trigger_provider.adapters.dynamodb.index import shard_of
from trigger_provider.adapters.dynamodb.ledger import DynamoDbLedger
from trigger_provider.domain.ledger.rows import Intent, Row, RowKey, State, Transition
from trigger_provider.use_cases.ports.ledger import Ledger

if TYPE_CHECKING:
    from tests.sandbox.aws import Clients, MiniStack

pytest_plugins = ["tests.support.aws"]

STEPS = 12
# Two entities whose names begin alike, each with occurrences; one that lies alone; and another partition.
NAMES = ("entity#a", "entity#ab", "occurrence#a#1", "occurrence#a#2", "occurrence#ab#1", "alone#a#1")
KEYS = [*(RowKey("north", name) for name in NAMES), RowKey("south", "entity#a"), RowKey("south", "occurrence#a#1")]
USED_SHARDS = sorted({shard_of(key) for key in KEYS})
ENTITIES = [key for key in KEYS if key.row.startswith("entity#")]
TOMBSTONES = [key for key in ENTITIES if key.row == "entity#ab"]
TOKENS = ("", "ours", "theirs")

times = st.integers(0, 2**42)
numbers = st.integers(0, 2**31)
texts = st.text(max_size=8)
timelines = st.lists(st.builds(Transition, times, st.sampled_from(State), texts, st.none() | texts), max_size=2)
of_every_row = {
    "state": st.sampled_from(State),
    "reason": texts,
    "expires_at": st.integers(EXPIRES_AT, EXPIRES_AT + 2_000),
    "attempts": numbers,
    "same_failure_count": numbers,
    "parked_at": st.none() | times,
    "resumed_at": st.none() | times,
    "timeline": timelines.map(tuple),
}
of_every_event = {
    **of_every_row,
    "acked_at": st.none() | times,
    "activation_ids": st.lists(texts, max_size=2).map(tuple),
}
of_entities = {
    **of_every_event,
    "version": st.integers(0, 10**38 - 1),
    "payload": st.none() | texts,
    "intent": st.sampled_from(Intent),
    "acked_generation": numbers,
    "oldest_open_generation": numbers,
    "second_cancel_at": st.none() | times,
    "due_at": st.none() | times,
    "seen_requests": st.lists(texts, max_size=2).map(tuple),
}
of_tombstones = {
    **of_every_row,
    "version": st.integers(0, 10**38 - 1),
    "second_cancel_at": st.none() | times,
    "swept_version": st.none() | numbers,
}
# Entity, version and payload of an occurrence are as it was reported, always.
of_occurrences = {**of_every_event, "closed": st.booleans()}


@dataclass(frozen=True)
class Attempt:
    """A save that somebody tries: `ahead` of the stored revision by 1 it is right, else it is stale or a repetition."""

    row: Row
    ahead: int


@st.composite
def attempts(draw: st.DrawFn) -> Attempt:
    """Return a save of any row; no two rows wait for the same time, at which they might come in any order."""
    key = draw(st.sampled_from(KEYS))
    row, own = _kind_of(key)
    changes: dict[str, Any] = draw(st.fixed_dictionaries({}, optional=own))
    hour = draw(st.none() | st.integers(0, 5))
    next_attempt_at = None if hour is None else hour * len(KEYS) + KEYS.index(key)
    known: dict[str, Any] = {"key": key, "token": draw(st.sampled_from(TOKENS)), "next_attempt_at": next_attempt_at}
    return Attempt(replace(row, **known, **changes), draw(st.sampled_from([1, 1, 1, 1, 1, 0, 0, -1, 2])))


def _kind_of(key: RowKey) -> tuple[Row, dict[str, Any]]:
    """Return a row of the kind that lies under a key, and what may change in it."""
    if key in TOMBSTONES:
        return a_tombstone(), of_tombstones
    return (an_entity_row(), of_entities) if key in ENTITIES else (an_occurrence(), of_occurrences)


def distinct(most: int) -> st.SearchStrategy[list[Attempt]]:
    return st.lists(attempts(), min_size=1, max_size=most, unique_by=lambda attempt: attempt.row.key)


class Fakes(RuleBasedStateMachine):
    """Both ledgers, side by side."""

    def __init__(self, real: DynamoDbLedger) -> None:
        super().__init__()
        self.real = real
        self.fake = MemoryLedger()

    @rule(tried=distinct(most=len(KEYS)))
    def save(self, tried: Sequence[Attempt]) -> None:
        rows = [self.at_its_revision(attempt) for attempt in tried]
        assert self.real.save_many(rows) == self.fake.save_many(rows)

    @rule(tried=distinct(most=3))
    def save_the_same_twice(self, tried: Sequence[Attempt]) -> None:
        """As a worker does whose answer was lost."""
        rows = [self.at_its_revision(attempt) for attempt in tried]
        for _ in range(2):
            assert self.real.save_many(rows) == self.fake.save_many(rows)

    @rule(shard=st.sampled_from(USED_SHARDS), limit=st.integers(1, 3))
    def end_waits(self, shard: int, limit: int) -> None:
        entries = self.fake.waiting(shard, limit)
        assert self.real.end_waits(entries, "recovery") == self.fake.end_waits(entries, "recovery")

    @rule(attempt=attempts())
    def save_one_key_twice_at_once(self, attempt: Attempt) -> None:
        for ledger in (self.real, self.fake):
            with pytest.raises(ValueError, match="distinct keys"):
                ledger.save_many([attempt.row, replace(attempt.row, revision=2)])

    @rule(
        keys=st.lists(st.sampled_from([*KEYS, RowKey("nowhere", "entity#a")]), max_size=12),
        entity=st.sampled_from(ENTITIES),
        shard=st.sampled_from(USED_SHARDS),
        limit=st.integers(1, len(KEYS)),
    )
    def look(self, keys: Sequence[RowKey], entity: RowKey, shard: int, limit: int) -> None:
        assert self.real.load_many(keys) == self.fake.load_many(keys)
        assert list(self.real.occurrences(entity)) == list(self.fake.occurrences(entity))
        assert list(self.real.waiting(shard, limit)) == list(self.fake.waiting(shard, limit))

    @invariant()
    def they_hold_the_same(self) -> None:
        assert self.real.load_many(KEYS) == self.fake.load_many(KEYS)

    def at_its_revision(self, attempt: Attempt) -> Row:
        stored = self.fake.rows.get(attempt.row.key)
        return replace(attempt.row, revision=(stored.revision if stored else 0) + attempt.ahead)


def test_the_ledger_and_its_fake_give_the_same_answers(aws: MiniStack) -> None:
    class FakesOnMiniStack(Fakes):
        def __init__(self) -> None:
            super().__init__(DynamoDbLedger(aws.clients.dynamodb, new_ledger_table(aws.clients.dynamodb)))

    # An example is a whole history: a quarter as many as of anything else will do.
    histories = settings().max_examples // 4
    run_state_machine_as_test(FakesOnMiniStack, settings=settings(max_examples=histories, stateful_step_count=STEPS))


def test_moto_reads_what_the_fake_reads(moto: Clients) -> None:
    # moto is too slow to make a failing example smaller: it would take minutes.
    @settings(max_examples=settings().max_examples // 16, phases=[Phase.generate], report_multiple_bugs=False)
    @given(saves=st.lists(distinct(most=len(KEYS)), min_size=1, max_size=2))
    def compare(saves: Sequence[Sequence[Attempt]]) -> None:
        real, fake = ledger_in(moto, new_ledger_table(moto.dynamodb)), MemoryLedger()
        for revision, tried in enumerate(saves, start=1):
            rows = [replace(attempt.row, revision=revision) for attempt in tried]
            fake.save_many(rows)
            real.save_many([fake.rows[row.key] for row in rows if row.key in fake.rows])
        assert_all_is_read_alike(real, fake)

    compare()


def assert_all_is_read_alike(real: Ledger, fake: Ledger) -> None:
    """Compare all that can be read, with and without a limit that cuts off."""
    assert real.load_many(KEYS) == fake.load_many(KEYS)
    for entity in ENTITIES:
        assert list(real.occurrences(entity)) == list(fake.occurrences(entity))
    for shard in USED_SHARDS:
        for limit in (1, len(KEYS)):
            assert list(real.waiting(shard, limit)) == list(fake.waiting(shard, limit))
    assert list(real.parked(SITE, len(KEYS))) == list(fake.parked(SITE, len(KEYS)))
