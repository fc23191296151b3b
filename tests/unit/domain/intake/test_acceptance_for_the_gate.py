"""A payload that changes under a trigger with a gate: the event at Wix stays, since Wix will ask for the newest."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.builders import (
    DUE,
    NOW,
    OTHER_PAYLOAD,
    PAYLOAD,
    RETENTION,
    a_cancelled_row,
    a_change,
    a_reported_row,
    a_scheduled_cancel,
    an_entity_row,
)
from trigger_provider.domain.delivery.outcomes import outcome_of
from trigger_provider.domain.durations import DAY
from trigger_provider.domain.intake.acceptance import Acceptance, accept_change
from trigger_provider.domain.intake.commands import ScheduledChange
from trigger_provider.domain.ledger.generations import LAST_GENERATION
from trigger_provider.domain.ledger.ids import event_id
from trigger_provider.domain.ledger.rows import RequestOutcome, ScheduledEntity, State, Transition

LATER = NOW + DAY
CHANGE = a_change(2, payload=OTHER_PAYLOAD, is_gated=True)
OTHER_STATES = [state for state in State if state is not State.REPORTED]


def accept(change: ScheduledChange, stored: ScheduledEntity | None, draft: ScheduledEntity | None = None) -> Acceptance:
    return accept_change(change, stored, draft or stored, now=LATER, retention=RETENTION)


def row_of(acceptance: Acceptance) -> ScheduledEntity:
    assert isinstance(acceptance.row, ScheduledEntity)
    return acceptance.row


def test_once_wix_has_acknowledged_the_event_only_the_row_changes() -> None:
    before = a_reported_row(
        reason="why",
        attempts=3,
        next_attempt_at=LATER,
        parked_at=NOW,
        second_cancel_at=LATER,
        oldest_open_generation=0,
    )
    acceptance = accept(CHANGE, before)

    assert (acceptance.outcome, acceptance.reason) == (RequestOutcome.ACCEPTED, "the gate will give this payload")
    assert acceptance.is_to_deliver is None
    row = row_of(acceptance)
    assert (row.version, row.payload, row.seen_requests) == (2, OTHER_PAYLOAD, (CHANGE.fingerprint,))
    assert replace(
        row, version=1, payload=PAYLOAD, seen_requests=before.seen_requests, timeline=(), expires_at=0
    ) == replace(before, expires_at=0)


@pytest.mark.parametrize("state", OTHER_STATES, ids=str)
def test_in_every_other_state_a_change_begins_a_generation_so_that_no_key_carries_two_payloads(state: State) -> None:
    row = row_of(accept(CHANGE, an_entity_row(state=state)))

    assert (row.generation, row.state, row.payload) == (2, State.PENDING, OTHER_PAYLOAD)


def test_without_a_gate_it_begins_a_generation() -> None:
    row = row_of(accept(CHANGE._replace(is_gated=False), a_reported_row()))

    assert (row.generation, row.state) == (2, State.PENDING)


def test_a_date_that_moves_begins_a_generation() -> None:
    assert row_of(accept(CHANGE._replace(due_at=DUE + 1), a_reported_row())).generation == 2


def test_a_cancel_is_a_generation_of_its_own() -> None:
    row = row_of(accept(a_scheduled_cancel(2, is_gated=True), a_reported_row()))

    assert (row.generation, row.state, row.oldest_open_generation) == (2, State.PENDING, 1)


def test_a_report_after_a_cancel_begins_a_generation_though_the_cancel_is_still_under_way() -> None:
    row = row_of(accept(a_change(3, due_at=None, is_gated=True), a_cancelled_row()))

    assert (row.generation, row.payload) == (3, PAYLOAD)


def test_at_an_equal_version_the_later_arrival_wins_and_the_earlier_is_remembered() -> None:
    first = a_reported_row(seen_requests=(a_change(1).fingerprint,))
    row = row_of(accept(a_change(1, payload=OTHER_PAYLOAD, is_gated=True), first))

    assert (row.generation, row.payload, len(row.seen_requests)) == (1, OTHER_PAYLOAD, 2)
    assert accept(a_change(1, is_gated=True), row).outcome is RequestOutcome.DUPLICATE


def test_a_date_that_has_passed_changes_nothing_of_it_since_what_follows_the_date_is_still_to_come() -> None:
    row = row_of(accept(CHANGE._replace(due_at=NOW - DAY), a_reported_row(due_at=NOW - DAY)))

    assert (row.generation, row.state, row.payload) == (1, State.REPORTED, OTHER_PAYLOAD)


def test_it_needs_no_generation_and_is_taken_though_none_is_left() -> None:
    assert accept(CHANGE, a_reported_row(generation=LAST_GENERATION)).outcome is RequestOutcome.ACCEPTED


def test_what_is_older_than_it_is_stale() -> None:
    row = row_of(accept(a_change(5, payload=OTHER_PAYLOAD, is_gated=True), a_reported_row()))

    assert accept(a_change(4, is_gated=True), row).outcome is RequestOutcome.STALE


def test_a_version_that_says_the_same_as_the_replaced_payload_is_unchanged() -> None:
    row = row_of(accept(CHANGE, a_reported_row()))

    assert accept(a_change(3, payload=OTHER_PAYLOAD, is_gated=True), row).outcome is RequestOutcome.UNCHANGED


def test_in_one_batch_with_a_new_date_it_is_the_payload_of_the_new_generation() -> None:
    stored = a_reported_row()
    moved = row_of(accept(a_change(2, due_at=DUE + 1, is_gated=True), stored))
    row = row_of(accept(a_change(3, due_at=DUE + 1, payload=OTHER_PAYLOAD, is_gated=True), stored, moved))

    assert (row.generation, row.payload, row.due_at, row.state) == (2, OTHER_PAYLOAD, DUE + 1, State.PENDING)


def test_it_is_a_line_of_the_history_and_no_end_of_its_own() -> None:
    acknowledged = Transition(NOW, State.REPORTED, "acknowledged", "request 1")
    before = a_reported_row(reason="acknowledged", timeline=(acknowledged,))
    row = row_of(accept(CHANGE, before))

    assert row.timeline == (acknowledged, Transition(LATER, State.REPORTED, "its payload was replaced"))
    assert outcome_of(row) == outcome_of(before)
    assert event_id(row) == event_id(before)


def test_the_row_outlives_it() -> None:
    row = row_of(accept(CHANGE._replace(due_at=NOW), a_reported_row(due_at=NOW)))

    assert row.expires_at == LATER + RETENTION
