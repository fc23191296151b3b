"""When a row that waits is to be looked at again."""

from __future__ import annotations

from tests.support.builders import NOW, an_entity_row
from trigger_provider.domain.delivery.resumption import end_wait_if_due
from trigger_provider.domain.ledger.rows import State


def test_a_row_whose_time_has_come_waits_no_more() -> None:
    row = an_entity_row(state=State.RETRYING, next_attempt_at=NOW)

    assert end_wait_if_due(row, NOW) == an_entity_row(state=State.RETRYING)


def test_a_row_whose_time_has_not_come_or_that_waits_for_nothing_is_left_alone() -> None:
    assert end_wait_if_due(an_entity_row(next_attempt_at=NOW + 1), NOW) is None
    assert end_wait_if_due(an_entity_row(), NOW) is None
