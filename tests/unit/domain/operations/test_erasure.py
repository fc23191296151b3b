"""What may be forgotten on request, and what is held back since Wix may hold it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.builders import DUE, NOW, a_cancelled_row, a_reported_row, a_tombstone, an_entity_row, an_occurrence
from trigger_provider.domain.durations import MINUTE, SECOND
from trigger_provider.domain.ledger.generations import first_generation
from trigger_provider.domain.ledger.rows import Intent, Row, State
from trigger_provider.domain.operations.erasure import (
    BESIDE,
    LIVE,
    OLDER_LIVE,
    ON_ITS_WAY,
    TOO_YOUNG,
    candidate,
    together,
)

ENDS = [State.REPORTED, State.CANCELLED, State.SUPERSEDED, State.EXPIRED, State.REJECTED, State.FAILED]


@pytest.mark.parametrize("state", [state for state in State if state not in ENDS])
@pytest.mark.parametrize("make", [an_entity_row, an_occurrence, a_tombstone])
def test_what_is_on_its_way_is_held_back(make: Callable[..., Row], state: State) -> None:
    assert candidate(make(state=state), NOW).held == ON_ITS_WAY


@pytest.mark.parametrize("state", ENDS)
def test_what_will_be_looked_at_again_is_on_its_way(state: State) -> None:
    assert candidate(a_reported_row(state=state, next_attempt_at=NOW), NOW).held == ON_ITS_WAY


@pytest.mark.parametrize("state", [State.REPORTED, State.FAILED])
def test_a_scheduled_event_that_wix_may_hold_is_held_back_until_its_date(state: State) -> None:
    row = a_reported_row(state=state)

    assert candidate(row, DUE - 1).held == LIVE
    assert candidate(row, DUE).held == ""


@pytest.mark.parametrize("state", [State.CANCELLED, State.EXPIRED, State.REJECTED])
def test_a_scheduled_event_that_wix_does_not_hold_may_be_forgotten(state: State) -> None:
    assert candidate(a_reported_row(state=state), NOW).held == ""


@pytest.mark.parametrize("state", ENDS)
def test_an_older_generation_that_may_be_open_holds_its_row_back(state: State) -> None:
    assert candidate(a_reported_row(state=state, generation=3, oldest_open_generation=2), DUE).held == OLDER_LIVE


@pytest.mark.parametrize("state", ENDS)
def test_a_real_time_event_that_has_come_to_its_end_may_be_forgotten(state: State) -> None:
    assert candidate(an_occurrence(state=state), NOW).held == ""
    assert candidate(a_tombstone(state=state), NOW).held == ""


def test_a_row_is_held_back_until_a_row_made_anew_can_not_repeat_its_event_ids() -> None:
    row = a_reported_row(state=State.CANCELLED, generation=first_generation(NOW))
    young, old = candidate(row, NOW + MINUTE), candidate(row, NOW + MINUTE + SECOND)

    assert (young.held, old.held) == (TOO_YOUNG, "")
    assert [each.held for each in together([young], leave_at_wix=True)] == [TOO_YOUNG]


def test_what_is_held_back_can_be_cancelled_first_at_its_own_version() -> None:
    row = a_reported_row(version=7)
    cancel = candidate(row, NOW).cancel

    assert cancel is not None
    assert (cancel.key, cancel.version, cancel.intent, cancel.payload) == (row.key, 7, Intent.CANCEL, None)


@pytest.mark.parametrize("row", [a_cancelled_row(), an_occurrence(), a_tombstone(), a_reported_row(due_at=NOW)])
def test_there_is_no_cancel_for_a_cancel_nor_for_real_time_events_nor_for_what_may_be_forgotten(row: Row) -> None:
    assert candidate(row, NOW).cancel is None


def test_events_go_before_the_cancel_that_covers_them() -> None:
    tombstone = candidate(a_tombstone(state=State.CANCELLED), NOW)
    event = candidate(an_occurrence(state=State.CANCELLED), NOW)

    assert together([tombstone, event], leave_at_wix=False) == [event, tombstone]


def test_a_cancel_is_held_back_with_the_events_that_it_covers() -> None:
    tombstone = candidate(a_tombstone(state=State.CANCELLED), NOW)
    event = candidate(an_occurrence(state=State.RETRYING), NOW)
    other = candidate(a_tombstone("invoice 2", state=State.CANCELLED), NOW)

    assert [candidate.held for candidate in together([tombstone, other, event], leave_at_wix=False)] == [
        ON_ITS_WAY,
        BESIDE,
        "",
    ]


def test_on_request_nothing_is_held_back_and_nothing_cancelled() -> None:
    rows = [a_reported_row(), an_occurrence(state=State.RETRYING), a_tombstone()]
    judged = together([candidate(row, NOW) for row in rows], leave_at_wix=True)

    assert {(candidate.held, candidate.cancel) for candidate in judged} == {("", None)}
