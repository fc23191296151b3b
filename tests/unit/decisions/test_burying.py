"""What becomes of a row on whose message workers died."""

from __future__ import annotations

import pytest

from tests.support.builders import NOW, RETENTION, a_cancelled_row, a_reported_row, an_entity_row, an_occurrence
from trigger_provider.decisions.burying import WORKERS_DIED, buried
from trigger_provider.events import Row, State

UNSETTLED = [
    an_entity_row(revision=3, accepted_revision=3),
    an_entity_row(revision=5, accepted_revision=3, state=State.RETRYING, again_at=NOW),
    an_occurrence(revision=3, accepted_revision=3),
    a_cancelled_row(revision=3, accepted_revision=3),
]


@pytest.mark.parametrize("row", UNSETTLED, ids=["pending", "retrying", "an occurrence", "a cancel"])
def test_what_was_left_to_do_is_failed_with_the_reason_and_waits_no_more(row: Row) -> None:
    after = buried(row, 3, NOW, RETENTION)

    assert after is not None
    assert (after.state, after.reason, after.again_at) == (State.FAILED, WORKERS_DIED, None)
    assert after.timeline[-1].reason == WORKERS_DIED


def test_an_older_generation_that_may_still_be_live_is_something_left_to_do() -> None:
    row = a_reported_row(generation=2, open_from=1, closes_at=NOW, again_at=NOW)

    after = buried(row, 1, NOW, RETENTION)

    assert after is not None
    assert (after.state, after.acked) == (State.FAILED, 2)


SETTLED = [a_reported_row(), an_occurrence(state=State.REJECTED), an_entity_row(state=State.FAILED)]


@pytest.mark.parametrize("row", SETTLED, ids=["reported", "rejected", "failed"])
def test_what_is_settled_stays_as_it_is(row: Row) -> None:
    assert buried(row, 1, NOW, RETENTION) is None


def test_a_change_that_came_in_after_the_message_has_a_message_of_its_own() -> None:
    row = an_entity_row(revision=4, accepted_revision=4)

    assert buried(row, 3, NOW, RETENTION) is None
    assert buried(row, 4, NOW, RETENTION) is not None
