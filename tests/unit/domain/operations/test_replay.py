"""What a replay does to a row: always under a new key, and never twice under two."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.builders import (
    DONE,
    DUE,
    NOW,
    RETENTION,
    SETTLE_DELAY,
    a_cancel,
    a_cancelled_row,
    a_change,
    a_moment,
    a_reported_row,
    a_tombstone,
    an_entity_row,
    an_occurrence,
)
from tests.support.rows import APP
from trigger_provider.domain.delivery.planning import Plan, Step, plan_scheduled
from trigger_provider.domain.delivery.policy import IDEMPOTENCY_KEY_TTL
from trigger_provider.domain.delivery.settlement import settle_occurrence
from trigger_provider.domain.delivery.sweeps import plan_sweep
from trigger_provider.domain.durations import DAY
from trigger_provider.domain.intake.acceptance import accept_cancel, accept_change, accept_occurrence
from trigger_provider.domain.ledger.generations import LAST_GENERATION
from trigger_provider.domain.ledger.ids import event_id, idempotency_key
from trigger_provider.domain.ledger.replay_mark import name_of_replay
from trigger_provider.domain.ledger.rows import (
    Intent,
    OccurrencePage,
    RealtimeEvent,
    Row,
    ScheduledEntity,
    State,
    Tombstone,
)
from trigger_provider.domain.operations.replay import (
    Proposal,
    Way,
    derive_request,
    has_moved_on,
    mark,
    next_generation,
    propose,
    sweep_again,
)

LATER = NOW + DAY


def proposed(row: Row, tombstone: Tombstone | None = None, successor: RealtimeEvent | None = None) -> Proposal:
    return propose(row, tombstone, successor, LATER)


def successor_of(row: RealtimeEvent, name: str = "monday") -> RealtimeEvent:
    row_ = accept_occurrence(derive_request(row, APP, name), None, None, now=LATER, retention=RETENTION).row
    assert isinstance(row_, RealtimeEvent)
    return row_


# An entity of a scheduled trigger


def test_a_replay_begins_the_next_generation_of_the_same_version_intent_and_payload() -> None:
    before = a_reported_row(generation=4, oldest_open_generation=4, version=7, attempts=9, activation_ids=("one",))
    row = next_generation(before, LATER, RETENTION)

    assert (row.generation, row.version, row.intent, row.payload, row.due_at) == (
        5,
        7,
        Intent.REPORT,
        before.payload,
        DUE,
    )
    assert (row.state, row.accepted_at, row.attempts, row.activation_ids) == (State.PENDING, LATER, 0, ())
    assert row.timeline[-1].reason == "replayed by a person"
    assert idempotency_key(APP, row) != idempotency_key(APP, before)


def test_it_is_the_very_generation_that_an_accepted_change_would_begin() -> None:
    before = an_entity_row(
        state=State.FAILED,
        generation=4,
        oldest_open_generation=2,
        acked_generation=3,
        second_cancel_at=NOW,
        next_attempt_at=NOW,
    )
    accepted = accept_change(a_change(version=2), before, before, now=LATER, retention=RETENTION).row
    row = next_generation(before, LATER, RETENTION)

    assert isinstance(accepted, ScheduledEntity)
    assert replace(
        row, version=2, seen_requests=accepted.seen_requests, reason=accepted.reason, timeline=accepted.timeline
    ) == accepted  # fmt: skip


def test_the_generation_before_is_cancelled_and_then_the_new_one_reported() -> None:
    row = next_generation(a_reported_row(generation=4, oldest_open_generation=4), LATER, RETENTION)

    assert plan_scheduled(row, LATER, SETTLE_DELAY) == Plan(LATER, Step.SEND, range(4, 5), conclusive=True)


def test_a_failed_cancel_is_replayed_as_a_cancel_of_all_that_is_open() -> None:
    row = next_generation(a_cancelled_row(state=State.FAILED, attempts=3), LATER, RETENTION)
    plan = plan_scheduled(row, LATER, SETTLE_DELAY)

    assert (row.intent, row.payload) == (Intent.CANCEL, None)
    assert plan is not None
    assert (plan.step, plan.cancels) == (Step.NONE, range(1, 3))


def test_a_row_that_waits_waits_no_more() -> None:
    before = an_entity_row(state=State.RETRYING, next_attempt_at=LATER + DAY, second_cancel_at=LATER + DAY)
    row = next_generation(before, LATER, RETENTION)

    assert (row.next_attempt_at, row.second_cancel_at) == (None, None)


@pytest.mark.parametrize(
    "row,proposal",
    [
        (an_entity_row(state=State.FAILED), Proposal(Way.GENERATION)),
        (an_entity_row(state=State.REJECTED), Proposal(Way.GENERATION)),
        (a_reported_row(), Proposal(Way.GENERATION, "what Wix may hold of it is cancelled first")),
        (an_entity_row(), Proposal(Way.GENERATION, "what Wix may hold of it is cancelled first")),
        (
            an_entity_row(state=State.EXPIRED, due_at=LATER),
            Proposal(Way.GENERATION, "its date has passed: it will end expired"),
        ),
        (an_entity_row(state=State.FAILED, due_at=LATER + 1), Proposal(Way.GENERATION)),
        (a_cancelled_row(state=State.FAILED), Proposal(Way.GENERATION, "it is cancelled again")),
        (a_cancelled_row(state=State.CANCELLED), Proposal(Way.NONE, "nothing of it is open at Wix")),
        (
            an_entity_row(state=State.FAILED, generation=LAST_GENERATION),
            Proposal(Way.NONE, "no generation of this entity is left"),
        ),
    ],
)
def test_a_person_is_told_before_what_a_scheduled_event_will_come_to(row: ScheduledEntity, proposal: Proposal) -> None:
    assert proposed(row) == proposal


# A real-time event


def test_an_occurrence_is_reported_anew_as_it_was_but_for_its_id() -> None:
    row = an_occurrence(state=State.REJECTED, version=7)
    report = derive_request(row, APP, "monday")

    assert report.occurrence == "visit 1~monday"
    assert (report.site, report.trigger, report.entity, report.version) == (row.site, row.trigger, row.entity, 7)
    assert report.payload == row.payload
    assert (report.key.partition, report.key) != (row.key.partition, row.key)
    assert idempotency_key(APP, successor_of(row)) != idempotency_key(APP, row)


def test_the_same_name_derives_the_same_id_and_another_name_another() -> None:
    row = an_occurrence(entity=None)

    assert derive_request(row, APP, "monday") == derive_request(row, APP, "monday")
    assert derive_request(row, APP, "monday").key != derive_request(row, APP, "tuesday").key


@pytest.mark.parametrize(
    "row,note",
    [
        (an_occurrence(state=State.REJECTED), ""),
        (an_occurrence(state=State.FAILED), "if Wix took it without an answer, this is a second event"),
        (an_occurrence(state=State.EXPIRED), "if Wix took it without an answer, this is a second event"),
        (an_occurrence(state=State.REPORTED, acked_at=NOW), "Wix has acknowledged it: this is a second event"),
    ],
)
def test_a_person_is_told_before_whether_it_may_be_a_second_event(row: RealtimeEvent, note: str) -> None:
    assert proposed(row) == Proposal(Way.OCCURRENCE, note)


def test_a_parked_real_time_event_is_not_reported_under_another_id_since_its_own_goes_on_when_the_site_is_resumed() -> (
    None
):
    proposal = proposed(an_occurrence(state=State.PARKED, parked_at=NOW, next_attempt_at=NOW))
    assert proposal == Proposal(Way.NONE, "it is parked, and continues when its site is resumed")


def test_a_mark_tells_the_name_and_the_event_and_leaves_the_state_what_it_was() -> None:
    row = mark(an_occurrence(state=State.FAILED), APP, "monday", LATER, RETENTION)

    assert row.state is State.FAILED
    assert row.reason == f"replayed as {event_id(successor_of(row))} by monday"
    assert name_of_replay(row) == "monday"
    assert name_of_replay(an_occurrence(state=State.FAILED)) is None


def test_a_mark_outlives_an_acknowledgement_that_comes_late() -> None:
    row = mark(an_occurrence(state=State.FAILED), APP, "monday", LATER, RETENTION)
    late = settle_occurrence(row, DONE, a_moment(LATER)).row

    assert late.state is State.REPORTED
    assert name_of_replay(late) == "monday"


def test_what_was_replayed_is_not_replayed_again_but_what_came_of_it_is() -> None:
    first = mark(an_occurrence(state=State.FAILED), APP, "monday", LATER, RETENTION)
    second = replace(successor_of(first), state=State.FAILED)

    assert proposed(first, successor=second) == Proposal(Way.NONE, f"it was replayed: see {event_id(second)}")
    assert proposed(second).way is Way.OCCURRENCE


def test_a_replay_that_died_between_its_mark_and_its_report_is_taken_up_again() -> None:
    row = mark(an_occurrence(state=State.FAILED), APP, "monday", LATER, RETENTION)

    assert proposed(row) == Proposal(Way.OCCURRENCE)


def test_but_not_once_wix_may_have_forgotten_the_key_of_that_report() -> None:
    row = mark(an_occurrence(state=State.FAILED), APP, "monday", LATER - IDEMPOTENCY_KEY_TTL, RETENTION)

    assert proposed(row) == Proposal(Way.NONE, "it was replayed too long ago to repeat that")


@pytest.mark.parametrize(
    "row,tombstone",
    [
        (an_occurrence(state=State.FAILED, version=2), a_tombstone(version=2)),
        (an_occurrence(state=State.SUPERSEDED), None),
        (an_occurrence(state=State.CANCELLED, closed=True), None),
        (an_occurrence(state=State.FAILED, closed=True), None),
    ],
)
def test_what_was_cancelled_is_left_out(row: RealtimeEvent, tombstone: Tombstone | None) -> None:
    assert proposed(row, tombstone) == Proposal(Way.NONE, "it was cancelled")


def test_an_older_cancel_is_no_hindrance() -> None:
    assert proposed(an_occurrence(state=State.FAILED, version=3), a_tombstone(version=2)).way is Way.OCCURRENCE


def test_an_occurrence_on_its_way_keeps_its_id_since_two_of_them_would_be_two_events() -> None:
    assert proposed(an_occurrence()) == Proposal(Way.LOOK, "it is still on its way")
    assert proposed(an_occurrence(state=State.RETRYING, next_attempt_at=LATER)).way is Way.NONE


def test_nor_is_it_sent_again_once_wix_may_have_forgotten_its_key() -> None:
    old = an_occurrence(accepted_at=LATER - IDEMPOTENCY_KEY_TTL)

    assert proposed(old) == Proposal(Way.NONE, "Wix may have forgotten its key")
    assert proposed(replace(old, accepted_at=old.accepted_at + 1)).way is Way.LOOK


# A cancel of real-time events


def test_a_sweep_is_begun_anew_over_all_that_is_not_closed_for_good() -> None:
    row = sweep_again(
        a_tombstone(version=5, state=State.CANCELLED, swept_version=5, second_cancel_at=NOW), LATER, RETENTION
    )
    left, closed = an_occurrence("left", version=3), an_occurrence("closed", version=4, closed=True)
    plan = plan_sweep(row, OccurrencePage((left, closed)), LATER, SETTLE_DELAY)

    assert (row.state, row.version, row.swept_version, row.second_cancel_at) == (State.PENDING, 5, None, None)
    assert plan is not None
    assert (plan.targets, plan.conclusive) == ((left,), frozenset())


def test_but_for_what_was_swept_it_is_the_sweep_that_an_accepted_cancel_would_begin() -> None:
    before = a_tombstone(version=5, state=State.FAILED, swept_version=3, second_cancel_at=NOW, attempts=4)
    accepted = accept_cancel(a_cancel(6), before, now=LATER, retention=RETENTION).row
    row = sweep_again(before, LATER, RETENTION)

    assert isinstance(accepted, Tombstone)
    assert (accepted.swept_version, row.swept_version) == (3, None)
    assert replace(row, version=6, swept_version=3, reason=accepted.reason, timeline=accepted.timeline) == accepted


@pytest.mark.parametrize("state", [State.CANCELLED, State.FAILED])
def test_a_sweep_that_has_ended_may_be_replayed(state: State) -> None:
    assert proposed(a_tombstone(state=state)).way is Way.SWEEP


def test_a_sweep_under_way_is_only_looked_at_again() -> None:
    assert proposed(a_tombstone()).way is Way.LOOK
    assert proposed(a_tombstone(next_attempt_at=LATER)).way is Way.NONE


# What has moved on


@pytest.mark.parametrize(
    "change", [{"state": State.REPORTED}, {"generation": 2}, {"version": 2}, {"payload": '{"amount":2}'}]
)
def test_a_row_has_moved_on_once_a_person_would_decide_anew(change: dict[str, object]) -> None:
    seen = an_entity_row(state=State.FAILED)

    assert has_moved_on(replace(seen, **change), seen)  # type: ignore[arg-type]
    assert has_moved_on(None, seen)


def test_what_only_delivery_notes_is_no_reason_to_ask_again() -> None:
    seen = an_entity_row(state=State.FAILED)

    assert not has_moved_on(replace(seen, revision=9, attempts=3, token="another's"), seen)
