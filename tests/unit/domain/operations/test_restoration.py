"""What a restored row does: nothing stale stays live, and no id of the lost time is used again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.builders import (
    DUE,
    NOW,
    RETENTION,
    SETTLE_DELAY,
    a_cancelled_row,
    a_reported_row,
    a_tombstone,
    an_entity_row,
    an_occurrence,
)
from trigger_provider.domain.delivery.planning import plan_scheduled
from trigger_provider.domain.delivery.policy import IDEMPOTENCY_KEY_TTL
from trigger_provider.domain.ledger.generations import first_generation
from trigger_provider.domain.ledger.rows import RealtimeEvent, Row, ScheduledEntity, State, Tombstone
from trigger_provider.domain.operations.restoration import (
    MOST_LOST_CHANGES,
    RESTORED,
    Restoration,
    decide_restoration,
    restore_row,
)

BORN = first_generation(NOW)
LATER = NOW + 60_000


def restored(row: Row) -> Row:
    return restore_row(row, LATER, RETENTION)


def test_a_missing_row_is_restored_and_a_present_one_is_left() -> None:
    row = a_reported_row(generation=BORN)
    assert decide_restoration(row, None, LATER) is Restoration.RESTORE
    assert decide_restoration(row, replace(row, generation=BORN + 700, oldest_open_generation=BORN + 700), LATER) is (
        Restoration.KEEP
    )
    assert decide_restoration(an_occurrence(), an_occurrence(), LATER) is Restoration.KEEP


def test_an_entity_that_has_begun_anew_is_named() -> None:
    reborn = a_reported_row(generation=first_generation(LATER))
    assert decide_restoration(a_reported_row(generation=BORN), reborn, LATER) is Restoration.REBORN


def test_a_trigger_of_another_kind_has_begun_anew() -> None:
    assert decide_restoration(a_reported_row(generation=BORN), a_tombstone(), LATER) is Restoration.REBORN


def test_a_row_that_the_ledger_would_have_forgotten_by_now_is_not_restored() -> None:
    row = a_reported_row(generation=BORN)
    assert decide_restoration(row, None, row.expires_at) is Restoration.TOO_OLD
    assert decide_restoration(row, None, row.expires_at - 1) is Restoration.RESTORE


@pytest.mark.parametrize("lost", [0, 1, MOST_LOST_CHANGES])
def test_every_generation_of_the_lost_time_is_cancelled_before_the_event_is_reported_anew(lost: int) -> None:
    row = restored(a_reported_row(generation=BORN))
    assert isinstance(row, ScheduledEntity)
    plan = plan_scheduled(row, LATER, SETTLE_DELAY)
    assert plan is not None
    assert BORN + lost in plan.cancels
    assert not plan.conclusive
    assert row.generation > BORN + lost
    assert (row.state, row.reason, row.revision, row.payload) == (State.PENDING, RESTORED, 0, an_entity_row().payload)


def test_a_cancel_cancels_what_the_lost_time_may_have_reported() -> None:
    row = restored(a_cancelled_row(state=State.CANCELLED, generation=BORN + 1, oldest_open_generation=BORN + 2))
    assert isinstance(row, ScheduledEntity)
    assert (row.state, row.oldest_open_generation, row.generation) == (State.PENDING, BORN + 2, BORN + 101)


def test_an_event_whose_date_has_passed_meanwhile_is_cancelled_and_expires() -> None:
    row = restore_row(a_reported_row(generation=BORN), DUE, RETENTION)
    assert isinstance(row, ScheduledEntity)
    plan = plan_scheduled(row, DUE, SETTLE_DELAY)
    assert plan is not None
    assert (plan.step, len(plan.cancels)) == ("expire", MOST_LOST_CHANGES + 1)


def test_a_tombstone_is_swept_again() -> None:
    row = restored(a_tombstone(state=State.CANCELLED, swept_version=1))
    assert isinstance(row, Tombstone)
    assert (row.state, row.swept_version) == (State.PENDING, None)


@pytest.mark.parametrize("state", [State.PENDING, State.RETRYING, State.PARKED], ids=str)
def test_a_real_time_event_on_its_way_goes_on_under_its_own_key(state: State) -> None:
    row = restored(an_occurrence(state=state, next_attempt_at=NOW, parked_at=NOW if state is State.PARKED else None))
    assert (row.state, row.next_attempt_at, row.parked_at) == (State.PENDING, None, None)


def test_a_real_time_event_whose_key_wix_may_have_forgotten_expires() -> None:
    row = restore_row(an_occurrence(), NOW + IDEMPOTENCY_KEY_TTL, RETENTION)
    assert row.state is State.EXPIRED


def test_a_real_time_event_that_has_ended_stays_as_it_is() -> None:
    event = an_occurrence(state=State.REPORTED, acked_at=NOW)
    row = restored(event)
    assert isinstance(row, RealtimeEvent)
    assert row == replace(event, revision=0, token="")
