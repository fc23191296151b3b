"""What the tests of the deployed stack wait for: a row to which nothing more happens by itself."""

from __future__ import annotations

import pytest

from tests.support.at_rest import is_at_rest
from tests.support.builders import NOW, a_cancelled_row, a_reported_row, an_entity_row, an_occurrence
from tests.support.fixed_clock import FixedClock
from tests.support.memory_ledger import MemoryLedger
from tests.support.memory_outbox import MemoryOutbox
from tests.support.site_builders import a_recovery
from trigger_provider.domain.ledger.rows import Row, ScheduledEntity, State


def test_a_row_that_recovery_has_sent_is_not_at_rest_before_its_second_cancel() -> None:
    """Recovery has removed `next_attempt_at`; the message is on its way, and the older generation is open."""
    ledger = MemoryLedger()
    row = a_reported_row(
        generation=2, acked_generation=2, oldest_open_generation=1, second_cancel_at=NOW, next_attempt_at=NOW
    )
    ledger.rows[row.key] = row
    a_recovery(ledger, MemoryOutbox(), FixedClock(), lambda: "token", 1).run()

    sent = ledger.rows[row.key]
    assert isinstance(sent, ScheduledEntity)
    assert (sent.state, sent.next_attempt_at, sent.second_cancel_at) == (State.REPORTED, None, NOW)
    assert not is_at_rest(sent)


@pytest.mark.parametrize(
    "row",
    [
        an_entity_row(),
        an_occurrence(state=State.RETRYING),
        a_reported_row(next_attempt_at=1),
    ],
    ids=["on its way", "retrying", "waiting"],
)
def test_a_row_that_waits_or_is_on_its_way_is_not_at_rest(row: Row) -> None:
    assert not is_at_rest(row)


@pytest.mark.parametrize(
    "row",
    [
        a_reported_row(),
        a_cancelled_row(state=State.CANCELLED, oldest_open_generation=3),
        an_occurrence(state=State.REJECTED),
    ],
)
def test_a_row_that_has_come_to_an_end_and_waits_for_nothing_is_at_rest(row: Row) -> None:
    assert is_at_rest(row)
