"""What is told of an event that has come to an end."""

from __future__ import annotations

import pytest

from tests.support.builders import (
    NOW,
    PAYLOAD,
    a_cancelled_row,
    a_reported_row,
    a_tombstone,
    an_entity_row,
    an_occurrence,
)
from trigger_provider.domain.delivery.outcomes import outcome_of, outcomes_of_generations
from trigger_provider.domain.ledger.ids import event_id, generation_id
from trigger_provider.domain.ledger.rows import State, Transition

ENDS = [State.REPORTED, State.CANCELLED, State.SUPERSEDED, State.EXPIRED, State.REJECTED, State.FAILED]


@pytest.mark.parametrize("state", ENDS, ids=str)
def test_each_end_is_told_with_ids_and_the_reason_and_without_the_payload(state: State) -> None:
    row = an_occurrence(state=state, reason="why", timeline=(Transition(NOW, state, "why", "request 1"),))

    (event,) = outcome_of(row)

    assert (event.event_id, event.state, event.reason, event.at) == (event_id(row), state, "why", NOW)
    assert (event.trigger, event.site, event.wix_request_id) == (row.trigger, row.site, "request 1")
    assert PAYLOAD not in str(event._asdict())


@pytest.mark.parametrize("state", [State.PENDING, State.RETRYING], ids=str)
def test_what_is_on_its_way_has_not_ended(state: State) -> None:
    assert outcome_of(an_entity_row(state=state)) == []


def test_a_tombstone_stands_for_no_event() -> None:
    assert outcome_of(a_tombstone(state=State.CANCELLED)) == []


def test_a_generation_that_was_cancelled_for_a_newer_one_is_superseded() -> None:
    row = a_reported_row(generation=3, oldest_open_generation=1)

    published = outcomes_of_generations(row, [1, 2])

    assert [event.event_id for event in published] == [generation_id(row.key, 1), generation_id(row.key, 2)]
    assert {event.state for event in published} == {State.SUPERSEDED}


def test_the_generation_that_a_cancel_was_for_is_cancelled() -> None:
    (event,) = outcomes_of_generations(a_cancelled_row(), [1])

    assert (event.state, event.reason) == (State.CANCELLED, "cancelled at Wix")


def test_an_older_generation_that_a_cancel_closes_too_was_superseded_all_the_same() -> None:
    """It may have been told so already: the worker that closed it before may have been too late to save that."""
    published = outcomes_of_generations(a_cancelled_row(generation=3, oldest_open_generation=1), [1, 2])

    assert [event.state for event in published] == [State.SUPERSEDED, State.CANCELLED]
