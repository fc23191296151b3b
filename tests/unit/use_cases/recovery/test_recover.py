"""Putting back on the delivery queue what has waited long enough."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.builders import NOW, a_reported_row, an_entity_row, an_occurrence
from tests.support.fixed_clock import FixedClock
from tests.support.memory_ledger import MemoryLedger
from tests.support.memory_outbox import MemoryOutbox
from tests.support.rows import SITE
from tests.support.site_builders import a_recovery
from trigger_provider.domain.delivery.messages import Message
from trigger_provider.domain.ledger.rows import Row, State
from trigger_provider.errors import LedgerUnavailable, QueueUnavailable
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

    assert recover(ledger_with(*rows), outbox) == len(outbox.sent) == 8 * MOST
    ages = [age for age, row in enumerate(rows) if row.key in {message.key for message in outbox.sent}]
    assert ages[-1] == 999
    assert ages[0] > 900


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
    with pytest.raises(QueueUnavailable):
        recover(ledger, outbox)

    assert ledger.rows[row.key] == row


def test_the_age_of_the_oldest_is_told_be_it_due_or_waiting_on_purpose() -> None:
    rows = (
        an_entity_row("due", next_attempt_at=NOW, accepted_at=NOW - 2000),
        an_entity_row("waiting", next_attempt_at=NOW + 1, accepted_at=NOW - 3000),
        an_entity_row("settled", accepted_at=NOW - 4000),
    )

    assert a_recovery(ledger_with(*rows), MemoryOutbox(), FixedClock(), lambda: "token", MOST).run().oldest == 3000
    assert a_recovery(MemoryLedger(), MemoryOutbox(), FixedClock(), lambda: "token", MOST).run().oldest == 0


def test_a_run_that_fails_says_so() -> None:
    ledger, outbox = ledger_with(an_entity_row(next_attempt_at=NOW)), MemoryOutbox()
    outbox.down = True
    with pytest.raises(QueueUnavailable):
        recover(ledger, outbox)

    ledger.down = True
    with pytest.raises(LedgerUnavailable):
        recover(ledger, outbox)


def test_a_run_for_some_parts_of_the_index_leaves_the_others_and_sees_to_the_sites_if_it_has_the_first() -> None:
    rows = [an_entity_row(f"invoice {number}", next_attempt_at=NOW - 1) for number in range(50)]
    ledger = ledger_with(*rows)
    recovery = a_recovery(ledger, MemoryOutbox(), FixedClock(), lambda: "token", 100)
    first, second = recovery.run([0, 1, 2, 3]), recovery.run([4, 5, 6, 7])
    assert (first.rows + second.rows, first.sites, second.sites) == (50, ResumedSites(0, 0, 0), None)
    assert 0 < first.rows < 50
