"""Rows by event id alone, in memory and in DynamoDB."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from tests.support.builders import a_reported_row, a_tombstone, an_entity_row, an_occurrence
from tests.support.clouds import EVERYWHERE, IN_MEMORY, clients_of
from tests.support.ledger_table import new_ledger_table
from tests.support.memory_event_finder import MemoryEvents
from tests.support.memory_ledger import MemoryLedger
from tests.support.moto_aws import ledger_in
from trigger_provider.adapters.dynamodb.event_finder import DynamoDbEventFinder
from trigger_provider.domain.ledger.ids import event_id, generation_id
from trigger_provider.domain.ledger.rows import Row, RowKey
from trigger_provider.errors import LedgerUnavailable
from trigger_provider.use_cases.ports.ledger import EventFinder, Ledger

if TYPE_CHECKING:
    from tests.sandbox.aws import Clients

pytest_plugins = ["tests.support.aws"]

FAMILIAR = "an entity with many occurrences"


@dataclass
class Table:
    """A ledger, and a finder in it."""

    ledger: Ledger
    events: EventFinder

    def find(self, event: str, *stored: Row) -> set[RowKey]:
        for row in stored:
            self.ledger.save_many([row])
        return {row.key for row in self.events.find(event)}


@pytest.fixture(params=EVERYWHERE)
def table(request: pytest.FixtureRequest) -> Table:
    if request.param == IN_MEMORY:
        memory = MemoryLedger()
        return Table(memory, MemoryEvents(memory))
    clients = clients_of(request)
    name = new_ledger_table(clients.dynamodb)
    return Table(ledger_in(clients, name), DynamoDbEventFinder(clients.dynamodb, name))


def beside(row: Row, make: Callable[[str], Row]) -> Row:
    """Return another entity's row that shares the partition."""
    stranger = make("a stranger")
    return replace(stranger, key=RowKey(row.key.partition, stranger.key.row))


def test_nothing_is_found_where_nothing_is(table: Table) -> None:
    assert table.find(event_id(a_reported_row()), an_entity_row("another")) == set()


@pytest.mark.parametrize("generation", [1, 2, 3])
def test_an_entity_is_found_by_the_id_of_any_generation(table: Table, generation: int) -> None:
    row = a_reported_row(generation=2)

    assert table.find(generation_id(row.key, generation), row, an_entity_row("another")) == {row.key}


def test_an_occurrence_without_an_entity_is_found(table: Table) -> None:
    row = an_occurrence(entity=None)

    assert table.find(event_id(row), row, an_occurrence("visit 2", None)) == {row.key}


def test_an_occurrence_of_an_entity_is_found_among_many(table: Table) -> None:
    rows = [an_occurrence(f"visit {number}", FAMILIAR) for number in range(30)]

    assert table.find(event_id(rows[17]), *rows) == {rows[17].key}
    assert [table.find(event_id(row)) for row in rows] == [{row.key} for row in rows]


def test_an_occurrence_is_found_with_the_tombstone_beside_it(table: Table) -> None:
    rows = [an_occurrence(f"visit {number}", FAMILIAR) for number in range(3)]
    tombstone = a_tombstone(FAMILIAR)

    assert table.find(event_id(rows[1]), *rows, tombstone) == {rows[1].key, tombstone.key}


def test_of_an_entity_whose_occurrence_is_gone_only_the_tombstone_is_found(table: Table) -> None:
    gone, tombstone = an_occurrence("gone", FAMILIAR), a_tombstone(FAMILIAR)

    assert table.find(event_id(gone), tombstone, an_occurrence("visit 1", FAMILIAR)) == {tombstone.key}


def test_two_entities_that_share_a_partition_are_both_found(table: Table) -> None:
    row = a_reported_row()
    stranger = beside(row, a_reported_row)

    assert table.find(event_id(row), row, stranger) == {row.key, stranger.key}


def test_a_row_is_found_whole(table: Table) -> None:
    row = a_reported_row(payload='{"name":"Zoë"}')
    table.ledger.save_many([row])

    assert list(table.events.find(event_id(row))) == [row]


def test_a_table_that_does_not_answer_is_unavailable(nowhere: Clients) -> None:
    with pytest.raises(LedgerUnavailable):
        DynamoDbEventFinder(nowhere.dynamodb, "a-table").find(event_id(a_reported_row()))


def test_a_fake_that_does_not_answer_is_unavailable() -> None:
    memory = MemoryLedger()
    memory.down = True

    with pytest.raises(LedgerUnavailable):
        MemoryEvents(memory).find(event_id(a_reported_row()))
