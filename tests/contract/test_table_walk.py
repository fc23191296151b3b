"""What every walk over the table promises, of the in-memory one and of DynamoDB's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.builders import NOW, a_reported_row, a_tombstone, an_entity_row, an_occurrence
from tests.support.clouds import EVERYWHERE, IN_MEMORY, MINISTACK, clients_of
from tests.support.ledger_table import new_ledger_table
from tests.support.memory_ledger import MemoryLedger
from tests.support.memory_walk import MemoryWalk
from tests.support.moto_aws import ledger_in
from trigger_provider.adapters.dynamodb.items import encode
from trigger_provider.adapters.dynamodb.walk import DynamoDbWalk
from trigger_provider.domain.durations import DAY
from trigger_provider.domain.ledger.rows import Row, RowKey, State
from trigger_provider.domain.sites.walk import NEVER_WALKED
from trigger_provider.use_cases.ports.ledger import Ledger, TableWalk

pytest_plugins = ["tests.support.aws"]

OVERLOOKED = [
    an_entity_row("pending"),
    an_occurrence("retrying", state=State.RETRYING),
    an_entity_row("parked", state=State.PARKED, parked_at=NOW, next_attempt_at=NOW),
    a_tombstone("twice", state=State.CANCELLED, second_cancel_at=NOW),
    a_reported_row("later", due_at=NOW + DAY),
]
AT_REST = [
    a_reported_row("over", due_at=NOW),
    an_entity_row("waits", next_attempt_at=NOW),
    an_occurrence("done", state=State.REPORTED),
]


@pytest.fixture(params=EVERYWHERE)
def both(request: pytest.FixtureRequest) -> tuple[Ledger, TableWalk]:
    if request.param == IN_MEMORY:
        ledger = MemoryLedger()
        return ledger, MemoryWalk(ledger, 2)
    clients = clients_of(request)
    table = new_ledger_table(clients.dynamodb)
    return ledger_in(clients, table), DynamoDbWalk(clients.dynamodb, table, 2)


def all_of(walk: TableWalk) -> list[Row]:
    rows, position = list[Row](), None
    while True:
        page = walk.page(position, NOW)
        rows, position = [*rows, *page.rows], page.position
        if position is None:
            return rows


def test_page_by_page_every_row_that_may_be_overlooked_comes_once(both: tuple[Ledger, TableWalk]) -> None:
    ledger, walk = both
    ledger.save_many([replace(row, revision=1, token="token") for row in [*OVERLOOKED, *AT_REST]])
    keys = [row.key for row in all_of(walk)]
    assert len(keys) == len(set(keys))
    assert set(keys) >= {row.key for row in OVERLOOKED}
    if isinstance(walk, DynamoDbWalk):
        assert set(keys) == {row.key for row in OVERLOOKED}


def test_a_walk_that_was_never_saved_stands_at_the_beginning(both: tuple[Ledger, TableWalk]) -> None:
    assert both[1].load() == NEVER_WALKED


@pytest.mark.parametrize("both", [IN_MEMORY, pytest.param(MINISTACK, marks=pytest.mark.ministack)], indirect=True)
def test_where_it_stands_is_kept_and_only_the_first_of_two_runs_saves_it(both: tuple[Ledger, TableWalk]) -> None:
    walk = both[1]
    row = replace(NEVER_WALKED, began_at=NOW, position=RowKey("p", "r"), is_wanted=True, revision=1, token="one")
    assert walk.save(row)
    assert walk.load() == row
    assert not walk.save(replace(row, token="other"))
    over = replace(row, position=None, is_wanted=False, finished_at=NOW + 1, revision=2, token="one")
    assert walk.save(over)
    assert walk.load() == over


def test_where_it_stands_is_no_row_that_waits() -> None:
    item = encode(replace(NEVER_WALKED, position=RowKey("p", "r")))
    assert (item["kind"], "queue" in item) == ({"S": "walk"}, False)
