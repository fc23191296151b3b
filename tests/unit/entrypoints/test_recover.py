from __future__ import annotations

import pytest

from tests.support.builders import NOW, an_entity_row
from tests.support.fixed_clock import FixedClock
from tests.support.log import Log
from tests.support.memory_ledger import MemoryLedger
from tests.support.memory_outbox import MemoryOutbox
from tests.support.saboteurs import VALUE, BreakingOutbox
from tests.support.site_builders import a_recovery_handler
from trigger_provider.domain.durations import DAY
from trigger_provider.domain.ledger.rows import SHARDS
from trigger_provider.entrypoints.recover import RecoveryHandler, RecoveryTask, task_of
from trigger_provider.errors import UnforeseenError


def a_scheduled_recovery(ledger: MemoryLedger) -> RecoveryHandler:
    return a_recovery_handler(ledger, MemoryOutbox(), FixedClock())


def test_a_run_tells_how_much_it_put_back_how_old_the_oldest_is_and_how_many_sites_wait(log: Log) -> None:
    ledger = MemoryLedger()
    ledger.save_many([an_entity_row(next_attempt_at=NOW - 1, accepted_at=NOW - 3_000)])

    assert a_scheduled_recovery(ledger).handle({}) == {"due": 1}
    assert log.events == [("INFO", "RECOVERY_001")]
    counts = {"RowsRecovered": 1, "SuspendedSites": 0, "UninstalledSites": 0, "OldestUnsettledSeconds": 3}
    assert log.counts == {**counts, "RowsOverlooked": 0}


def test_a_run_without_the_first_part_of_the_index_tells_nothing_of_sites(log: Log) -> None:
    assert a_scheduled_recovery(MemoryLedger()).handle({"shards": [4, 5]}) == {"due": 0}
    assert log.events == []
    assert log.counts == {"RowsRecovered": 0, "OldestUnsettledSeconds": 0}


@pytest.mark.parametrize("event", [{}, {"shards": [SHARDS]}, {"shards": "all"}, {"sites": 1}, [], None])
def test_an_event_that_names_no_part_asks_for_everything(event: object) -> None:
    assert task_of(event) == RecoveryTask(range(SHARDS), with_sites=True, with_walk=True)


def test_an_event_may_name_parts_of_the_index_the_sites_or_the_walk() -> None:
    assert task_of({"shards": [4, 5]}) == RecoveryTask(frozenset({4, 5}), with_sites=False, with_walk=False)
    assert task_of({"sites": True}) == RecoveryTask((), with_sites=True, with_walk=False)
    assert task_of({"walk": True}) == RecoveryTask((), with_sites=False, with_walk=True)


def test_a_run_for_sites_tells_nothing_of_the_age_of_rows(log: Log) -> None:
    assert a_scheduled_recovery(MemoryLedger()).handle({"sites": True}) == {"due": 0}
    assert log.counts == {"RowsRecovered": 0, "SuspendedSites": 0, "UninstalledSites": 0}


def test_a_walk_tells_how_many_rows_were_overlooked(log: Log) -> None:
    ledger = MemoryLedger()
    ledger.rows |= {
        row.key: row for row in (an_entity_row(accepted_at=NOW - 2 * DAY, timeline=()), an_entity_row("new"))
    }
    handler = a_scheduled_recovery(ledger)
    assert handler.handle({"walk": True}) == {"due": 1}
    assert log.events == [("WARNING", "RECOVERY_002")]
    assert log.counts["RowsOverlooked"] == 1
    assert handler.handle({"walk": True}) == {"due": 0}


def test_an_error_ends_the_run_only_when_all_other_rows_are_requeued(log: Log) -> None:
    rows = [an_entity_row(f"invoice {number}", next_attempt_at=NOW - 1) for number in range(3)]
    ledger, outbox = MemoryLedger(), BreakingOutbox(rows[1].key)
    ledger.save_many(rows)
    handler = a_recovery_handler(ledger, outbox, FixedClock())
    with pytest.raises(UnforeseenError, match=r"^PlantedError at "):
        handler.handle({})
    assert {message.key for message in outbox.sent} == {rows[0].key, rows[2].key}
    assert [row.next_attempt_at for row in ledger.rows.values()] == [None, NOW - 1, None]
    assert (log.counts["RowsRecovered"], log.counts["RecordsFailed"]) == (2, 1)
    assert VALUE not in log.text
