"""What becomes of a row whose message the delivery queue gave up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.builders import NOW, RETENTION, a_cancelled_row, a_reported_row, an_entity_row, an_occurrence
from trigger_provider.domain.delivery.dead_letters import LAST_RETRY, WORKERS_DIED, handle_dead_letter
from trigger_provider.domain.ledger.rows import Row, State, Transition

UNSETTLED = [
    an_entity_row(revision=3, accepted_revision=3),
    an_entity_row(revision=5, accepted_revision=3, state=State.RETRYING),
    an_occurrence(revision=3, accepted_revision=3),
    a_cancelled_row(revision=3, accepted_revision=3),
]


def once_more(row: Row) -> Row:
    """Return the row as recovery puts it back, whose message expects just that revision."""
    after = handle_dead_letter(row, row.accepted_revision, NOW, RETENTION)
    assert after is not None
    return replace(after, next_attempt_at=None, revision=row.revision + 2)


@pytest.mark.parametrize("row", UNSETTLED, ids=["pending", "retrying", "an occurrence", "a cancel"])
def test_what_was_left_to_do_waits_for_recovery_and_stands_where_it_stood(row: Row) -> None:
    after = handle_dead_letter(row, 3, NOW, RETENTION)

    assert after is not None
    assert (after.state, after.reason, after.next_attempt_at) == (row.state, row.reason, NOW)
    assert after.timeline[-1].reason == LAST_RETRY


@pytest.mark.parametrize("row", UNSETTLED, ids=["pending", "retrying", "an occurrence", "a cancel"])
def test_what_is_given_up_once_more_has_failed(row: Row) -> None:
    again = once_more(row)

    after = handle_dead_letter(again, again.revision, NOW, RETENTION)

    assert after is not None
    assert (after.state, after.reason, after.next_attempt_at) == (State.FAILED, WORKERS_DIED, None)
    assert after.timeline[-1].reason == WORKERS_DIED


def test_an_older_message_that_is_given_up_as_well_does_not_fail_the_row() -> None:
    again = once_more(an_occurrence(revision=1, accepted_revision=1))

    assert handle_dead_letter(again, 1, NOW, RETENTION) is None


def test_nor_does_one_whose_change_was_never_saved() -> None:
    """It was sent before its save, which failed: so it expects the very revision at which the row waited."""
    again = once_more(an_occurrence(revision=1, accepted_revision=1))

    assert handle_dead_letter(again, 2, NOW, RETENTION) is None


def test_a_row_of_which_something_came_meanwhile_has_a_new_chance() -> None:
    again = once_more(an_occurrence(revision=1, accepted_revision=1))
    tried = replace(
        again, revision=again.revision + 1, timeline=(*again.timeline, Transition(NOW, State.RETRYING, "wix 503"))
    )

    after = handle_dead_letter(tried, tried.revision, NOW, RETENTION)

    assert after is not None
    assert after.next_attempt_at == NOW


def test_an_older_generation_that_may_still_be_live_is_something_left_to_do() -> None:
    row = a_reported_row(generation=2, oldest_open_generation=1, second_cancel_at=NOW)

    after = handle_dead_letter(row, 1, NOW, RETENTION)

    assert after is not None
    assert (after.state, after.acked_generation, after.next_attempt_at) == (State.REPORTED, 2, NOW)


OTHERS_DO = [
    a_reported_row(),
    an_occurrence(state=State.REJECTED),
    an_entity_row(state=State.FAILED),
    an_entity_row(state=State.RETRYING, next_attempt_at=NOW + 1),
    an_entity_row(state=State.PARKED, parked_at=NOW),
]


@pytest.mark.parametrize("row", OTHERS_DO, ids=["reported", "rejected", "failed", "waiting", "parked"])
def test_what_is_settled_or_comes_back_by_itself_stays_as_it_is(row: Row) -> None:
    assert handle_dead_letter(row, 1, NOW, RETENTION) is None


def test_a_change_that_came_in_after_the_message_has_a_message_of_its_own() -> None:
    row = an_entity_row(revision=4, accepted_revision=4)

    assert handle_dead_letter(row, 3, NOW, RETENTION) is None
    assert handle_dead_letter(row, 4, NOW, RETENTION) is not None
