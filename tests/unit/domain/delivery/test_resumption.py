"""When a row that waits is requeued."""

from __future__ import annotations

import pytest

from tests.support.builders import NOW, a_reported_row, an_entity_row
from tests.support.memory_ledger import entry_of
from trigger_provider.domain.delivery.resumption import delay, is_due
from trigger_provider.domain.durations import MINUTE


@pytest.mark.parametrize("after, due", [(-1, True), (0, True), (1, False)])
def test_a_row_is_due_once_its_time_has_come(after: int, due: bool) -> None:  # noqa: FBT001 - a value of the table
    assert is_due(entry_of(an_entity_row(next_attempt_at=NOW + after)), NOW) is due


def test_a_row_that_is_due_before_the_next_run_is_requeued_and_its_message_is_held_back_until_then() -> None:
    entry = entry_of(an_entity_row(next_attempt_at=NOW + 1_001))
    assert is_due(entry, NOW, MINUTE)
    assert delay(entry, NOW) == 2
    assert delay(entry, NOW + MINUTE) == 0


def test_a_second_cancel_is_not_brought_forward() -> None:
    entry = entry_of(a_reported_row(next_attempt_at=NOW + 1, second_cancel_at=NOW + 1))
    assert not is_due(entry, NOW, MINUTE)
    assert is_due(entry, NOW + 1, MINUTE)
