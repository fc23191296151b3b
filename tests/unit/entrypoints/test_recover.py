from __future__ import annotations

import pytest

from tests.support.builders import NOW, an_entity_row
from tests.support.fixed_clock import FixedClock
from tests.support.log import Log
from tests.support.memory_ledger import MemoryLedger
from tests.support.memory_outbox import MemoryOutbox
from tests.support.site_builders import a_recovery
from trigger_provider.entrypoints.recover import RecoveryHandler, shards_of


def a_scheduled_recovery(ledger: MemoryLedger) -> RecoveryHandler:
    return RecoveryHandler(a_recovery(ledger, MemoryOutbox(), FixedClock(), lambda: "token", 10))


def test_a_run_tells_how_much_it_put_back_how_old_the_oldest_is_and_how_many_sites_wait(log: Log) -> None:
    ledger = MemoryLedger()
    ledger.save_many([an_entity_row(next_attempt_at=NOW - 1, accepted_at=NOW - 3_000)])

    assert a_scheduled_recovery(ledger).handle({}) == {"due": 1}
    assert log.events == [("INFO", "RECOVERY_001")]
    assert log.counts == {"RowsRecovered": 1, "SuspendedSites": 0, "UninstalledSites": 0, "OldestUnsettledSeconds": 3}


def test_a_run_without_the_first_part_of_the_index_tells_nothing_of_sites(log: Log) -> None:
    assert a_scheduled_recovery(MemoryLedger()).handle({"shards": [4, 5]}) == {"due": 0}
    assert log.events == []
    assert log.counts == {"RowsRecovered": 0, "OldestUnsettledSeconds": 0}


@pytest.mark.parametrize("event", [{}, {"shards": [8]}, {"shards": "all"}, [], None])
def test_whoever_names_no_part_of_the_index_means_all(event: object) -> None:
    assert list(shards_of(event)) == list(range(8))
    assert set(shards_of({"shards": [4, 5]})) == {4, 5}
