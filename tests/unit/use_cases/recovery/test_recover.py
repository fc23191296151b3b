"""Putting back on the delivery queue what has waited long enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tests.support.builders import NOW, a_reported_row, an_entity_row, an_occurrence
from tests.support.fixed_clock import FixedClock
from tests.support.memory_ledger import MemoryLedger, entry_of
from tests.support.memory_outbox import MemoryOutbox
from tests.support.rows import SITE
from tests.support.site_builders import a_recovery
from trigger_provider.adapters.dynamodb.index import shard_of
from trigger_provider.domain.delivery.messages import Message
from trigger_provider.domain.delivery.turns import TURN
from trigger_provider.domain.ledger.rows import SHARDS, Row, State, Waiting
from trigger_provider.errors import LedgerUnavailable, QueueUnavailable
from trigger_provider.use_cases.recovery.requeue import Requeue
from trigger_provider.use_cases.recovery.resume_sites import ResumedSites

MOST = 5


def ledger_with(*rows: Row) -> MemoryLedger:
    ledger = MemoryLedger()
    ledger.rows |= {row.key: row for row in rows}
    return ledger


def recover(ledger: MemoryLedger, outbox: MemoryOutbox) -> int:
    return a_recovery(ledger, outbox, FixedClock(), lambda: "token", MOST).run().rows


def test_what_is_due_is_put_back_and_waits_no_more() -> None:
    ledger, outbox = MemoryLedger(), MemoryOutbox()
    retrying = an_entity_row(state=State.RETRYING, next_attempt_at=NOW, revision=3)
    reported = a_reported_row("invoice 2", next_attempt_at=NOW - 1, revision=4)
    occurrence = an_occurrence(state=State.RETRYING, next_attempt_at=NOW - 2, revision=2)
    rows = (retrying, reported, occurrence)
    ledger.rows |= {row.key: row for row in rows}

    assert recover(ledger, outbox) == 3
    assert set(outbox.sent) == {Message(row.key, row.revision + 1, SITE) for row in rows}
    requeued = [replace(row, next_attempt_at=None, revision=row.revision + 1, token="token") for row in rows]
    assert list(ledger.rows.values()) == requeued


def test_what_still_waits_or_waits_for_nothing_is_left_alone() -> None:
    outbox = MemoryOutbox()

    assert recover(ledger_with(an_entity_row(next_attempt_at=NOW + 1), a_reported_row("invoice 2")), outbox) == 0
    assert outbox.sent == []


def test_every_part_of_the_index_is_looked_at_and_each_gives_a_bounded_number_oldest_first() -> None:
    rows = [an_entity_row(f"invoice {age}", next_attempt_at=NOW - age) for age in range(1000)]
    outbox = MemoryOutbox()

    assert recover(ledger_with(*rows), outbox) == len(outbox.sent) == SHARDS * MOST
    ages = [age for age, row in enumerate(rows) if row.key in {message.key for message in outbox.sent}]
    assert ages[-1] == 999
    assert ages[0] > 700


def test_a_row_comes_back_once_not_with_every_run() -> None:
    ledger, outbox = ledger_with(an_entity_row(state=State.RETRYING, next_attempt_at=NOW)), MemoryOutbox()

    assert (recover(ledger, outbox), recover(ledger, outbox)) == (1, 0)


def test_what_one_run_can_not_take_the_next_one_does() -> None:
    rows = [an_entity_row(f"invoice {age}", next_attempt_at=NOW - age) for age in range(100)]
    ledger, outbox = ledger_with(*rows), MemoryOutbox()

    while recover(ledger, outbox):
        pass
    assert {message.key for message in outbox.sent} == {row.key for row in rows}
    assert len(outbox.sent) == len(rows)


def test_a_row_whose_message_could_not_be_sent_stays_in_the_index() -> None:
    row = an_entity_row(next_attempt_at=NOW)
    ledger, outbox = ledger_with(row), MemoryOutbox()
    outbox.down = True

    assert recover(ledger, outbox) == 0
    assert ledger.rows[row.key] == row


def test_the_age_of_the_oldest_is_told_be_it_due_or_waiting_on_purpose() -> None:
    rows = (
        an_entity_row("due", next_attempt_at=NOW, accepted_at=NOW - 2000),
        an_entity_row("waiting", next_attempt_at=NOW + 1, accepted_at=NOW - 3000),
        an_entity_row("settled", accepted_at=NOW - 4000),
    )

    assert a_recovery(ledger_with(*rows), MemoryOutbox(), FixedClock(), lambda: "token", MOST).run().oldest == 3000
    assert a_recovery(MemoryLedger(), MemoryOutbox(), FixedClock(), lambda: "token", MOST).run().oldest == 0


def test_what_fails_is_among_the_errors_and_nothing_else_fails_with_it() -> None:
    ledger, outbox = ledger_with(an_entity_row(next_attempt_at=NOW)), MemoryOutbox()
    recovery = a_recovery(ledger, outbox, FixedClock(), lambda: "token", MOST)
    outbox.down = True
    assert [type(error) for error in recovery.run().errors] == [QueueUnavailable]
    ledger.down = True
    assert {type(error) for error in recovery.run().errors} == {LedgerUnavailable}


def test_a_part_of_the_index_that_does_not_answer_keeps_no_other_part_back() -> None:
    rows = [an_entity_row(f"invoice {number}", next_attempt_at=NOW - 1) for number in range(50)]
    ledger, outbox = OneShardDown(shard_of(rows[0].key)), MemoryOutbox()
    ledger.rows |= {row.key: row for row in rows}
    recovered = a_recovery(ledger, outbox, FixedClock(), lambda: "token", 100).run()
    assert recovered.rows == sum(shard_of(row.key) != ledger.shard for row in rows)
    assert len(recovered.errors) == 1


def test_a_row_that_has_changed_since_the_index_showed_it_is_left_as_it_is() -> None:
    row = an_entity_row(next_attempt_at=NOW, revision=3)
    ledger, outbox = ledger_with(row), MemoryOutbox()
    entry = entry_of(row)
    ledger.rows[row.key] = replace(row, revision=4)
    assert Requeue(ledger, outbox, FixedClock(), lambda: "token").end_waits([entry], NOW + 1).rows == 0
    assert ledger.rows[row.key].next_attempt_at == NOW


def test_the_rows_of_one_site_do_not_keep_those_of_another_waiting() -> None:
    busy = [an_entity_row(f"invoice {age}", site="busy", next_attempt_at=NOW - age) for age in range(1, 1_000)]
    quiet = an_entity_row("quiet", site="quiet", next_attempt_at=NOW)
    outbox = MemoryOutbox()
    a_recovery(ledger_with(*busy, quiet), outbox, FixedClock(), lambda: "token", 1_000).run()
    places = [message.site for message in outbox.sent]
    assert len(places) == 1_000
    assert "quiet" in places[: 2 * TURN]


def test_a_run_for_parts_of_the_index_leaves_the_others_and_a_run_for_sites_leaves_all() -> None:
    rows = [an_entity_row(f"invoice {number}", next_attempt_at=NOW - 1) for number in range(50)]
    ledger = ledger_with(*rows)
    recovery = a_recovery(ledger, MemoryOutbox(), FixedClock(), lambda: "token", 100)
    assert recovery.run((), with_sites=True)[:3] == (0, None, ResumedSites(0, 0))
    first = recovery.run(range(SHARDS // 2), with_sites=False)
    second = recovery.run(range(SHARDS // 2, SHARDS), with_sites=False)
    assert (first.rows + second.rows, first.sites, second.sites) == (50, None, None)
    assert 0 < first.rows < 50


class OneShardDown(MemoryLedger):
    """A ledger that does not answer for one shard of its index."""

    def __init__(self, shard: int) -> None:
        super().__init__()
        self.shard = shard

    def waiting(self, shard: int, limit: int) -> Sequence[Waiting]:
        if shard == self.shard:
            raise LedgerUnavailable("planted")
        return super().waiting(shard, limit)
