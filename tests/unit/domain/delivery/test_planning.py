"""What delivery does about a row, and when: from the row and the time alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.builders import (
    NOW,
    SETTLE_DELAY,
    a_cancelled_row,
    a_reported_row,
    a_tombstone,
    an_entity_row,
    an_occurrence,
)
from trigger_provider.domain.delivery.jobs import make_job
from trigger_provider.domain.delivery.planning import (
    Plan,
    Step,
    plan_occurrence,
    plan_scheduled,
    wait_for_save,
)
from trigger_provider.domain.delivery.sweeps import SweepPlan, plan_sweep
from trigger_provider.domain.durations import SECOND
from trigger_provider.domain.ledger.rows import OccurrencePage, RealtimeEvent, ScheduledEntity, State, Tombstone

NOTHING = range(0)
LATER = NOW + 1
WINDOW = 15 * SECOND


def plan(row: ScheduledEntity, now: int = NOW) -> Plan | None:
    return plan_scheduled(row, now, SETTLE_DELAY)


def planned(row: ScheduledEntity, now: int = NOW) -> Plan:
    made = plan(row, now)
    assert made is not None
    return made


# Scheduled triggers: reporting


@pytest.mark.parametrize("state", [State.PENDING, State.RETRYING], ids=str)
def test_what_is_on_the_way_is_sent(state: State) -> None:
    assert plan(an_entity_row(state=state)) == Plan(NOW, Step.SEND, NOTHING)


@pytest.mark.parametrize(
    "state", [State.REPORTED, State.CANCELLED, State.EXPIRED, State.REJECTED, State.FAILED], ids=str
)
def test_nothing_is_done_about_a_row_at_its_end(state: State) -> None:
    assert plan(an_entity_row(state=state)) is None


def test_a_row_that_waits_is_left_alone_until_its_time_has_come() -> None:
    row = an_entity_row(state=State.RETRYING, next_attempt_at=NOW)

    assert plan(row, NOW - 1) is None
    assert planned(row, NOW).step is Step.SEND


def test_an_event_whose_date_has_passed_is_not_sent() -> None:
    assert planned(an_entity_row(due_at=NOW + 1)).step is Step.SEND
    assert planned(an_entity_row(due_at=NOW)).step is Step.EXPIRE


def test_an_event_whose_date_has_passed_still_cancels_the_older_ones() -> None:
    made = planned(an_entity_row(due_at=NOW - 1, generation=3, oldest_open_generation=1))

    assert (made.step, made.cancels) == (Step.EXPIRE, range(1, 3))


# Scheduled triggers: cancelling what is superseded


def test_every_generation_that_may_be_live_is_cancelled_before_the_newest_is_sent() -> None:
    made = planned(an_entity_row(generation=5, oldest_open_generation=3))

    assert (made.step, made.cancels) == (Step.SEND, range(3, 5))


def test_a_cancel_cancels_and_sends_nothing() -> None:
    made = planned(a_cancelled_row(generation=3, oldest_open_generation=1))

    assert (made.step, made.cancels) == (Step.NONE, range(1, 3))


def test_the_cancelled_event_ids_are_those_of_the_older_generations() -> None:
    row = an_entity_row(generation=3, oldest_open_generation=1)

    assert [event[-12:] for event in make_job(row, planned(row)).cancel_ids] == ["000000000001", "000000000002"]


def superseded(**changes: object) -> ScheduledEntity:
    """Return the row of generation 2, whose generation 1 was acknowledged just long enough ago."""
    return an_entity_row(
        **{
            "generation": 2,
            "oldest_open_generation": 1,
            "acked_generation": 1,
            "acked_at": NOW - SETTLE_DELAY,
            **changes,
        }
    )


def test_one_cancel_closes_what_wix_acknowledged_longer_than_the_settle_delay_ago() -> None:
    assert planned(superseded()).conclusive


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(superseded(acked_at=NOW - SETTLE_DELAY + 1), id="acknowledged too short ago"),
        pytest.param(superseded(acked_generation=0, acked_at=None), id="never acknowledged"),
        pytest.param(superseded(generation=3, oldest_open_generation=2), id="an older one was acknowledged"),
        pytest.param(superseded(generation=3, oldest_open_generation=1), id="one of two was acknowledged"),
    ],
)
def test_one_cancel_does_not_close_what_may_still_be_on_its_way_to_wix(row: ScheduledEntity) -> None:
    made = planned(row)

    assert made.cancels == range(row.oldest_open_generation, row.generation)
    assert not made.conclusive


def once_cancelled(**changes: object) -> ScheduledEntity:
    """Return a row whose older generation was cancelled a first time, to be cancelled once more at NOW."""
    return a_reported_row(
        **{"generation": 2, "oldest_open_generation": 1, "second_cancel_at": NOW, "next_attempt_at": NOW, **changes}
    )


@pytest.mark.parametrize("state", [State.REPORTED, State.EXPIRED, State.REJECTED, State.FAILED], ids=str)
def test_the_second_cancel_comes_after_the_delay_and_is_conclusive_whatever_became_of_the_report(state: State) -> None:
    row = once_cancelled(state=state)

    assert plan(row, NOW - 1) is None
    assert plan(row, NOW) == Plan(NOW, Step.NONE, range(1, 2), conclusive=True)


def test_between_the_first_and_the_second_cancel_a_report_is_tried_again_without_a_cancel() -> None:
    row = once_cancelled(state=State.PENDING, next_attempt_at=None, second_cancel_at=NOW + 1)

    assert plan(row) == Plan(NOW, Step.SEND, NOTHING)


def test_a_row_that_another_wait_has_requeued_before_its_second_cancel_is_to_wait_for_that_again() -> None:
    requeued_early = once_cancelled(next_attempt_at=None, second_cancel_at=NOW + 1)

    assert plan(requeued_early) == Plan(NOW, Step.NONE, NOTHING)


def test_a_report_that_is_still_to_be_sent_goes_with_the_second_cancel() -> None:
    assert plan(once_cancelled(state=State.RETRYING)) == Plan(NOW, Step.SEND, range(1, 2), conclusive=True)


def test_a_cancel_that_was_refused_for_good_is_not_tried_again_and_nothing_is_reported_over_it() -> None:
    assert plan(an_entity_row(state=State.FAILED, generation=2, oldest_open_generation=1)) is None


def test_at_most_100_generations_are_cancelled_in_one_pass() -> None:
    assert planned(a_cancelled_row(generation=300, oldest_open_generation=7)).cancels == range(7, 107)


@pytest.mark.parametrize("open_generations,step", [(100, Step.SEND), (101, Step.LATER)])
def test_nothing_is_reported_until_one_pass_can_cancel_all_that_is_open(open_generations: int, step: Step) -> None:
    made = planned(an_entity_row(generation=open_generations + 1, oldest_open_generation=1))

    assert (made.step, len(made.cancels)) == (step, 100)


def test_a_date_that_passes_while_much_is_open_expires_only_after_all_of_it_is_cancelled() -> None:
    assert planned(an_entity_row(generation=300, oldest_open_generation=1, due_at=NOW)).step is Step.LATER


@given(st.integers(1, 400), st.integers(0, 400), st.sampled_from(State), st.sampled_from([None, NOW, LATER]))
def test_the_newest_generation_is_never_cancelled(
    oldest_open_generation: int, more: int, state: State, second_cancel_at: int | None
) -> None:
    row = an_entity_row(
        oldest_open_generation=oldest_open_generation,
        generation=oldest_open_generation + more,
        state=state,
        second_cancel_at=second_cancel_at,
    )
    made = plan(row)

    assert made is None or row.generation not in made.cancels


# Real-time triggers: an occurrence


@pytest.mark.parametrize("state", [State.PENDING, State.RETRYING], ids=str)
def test_an_occurrence_on_the_way_is_sent(state: State) -> None:
    assert plan_occurrence(an_occurrence(state=state), None, NOW) == Plan(NOW, Step.SEND)


@pytest.mark.parametrize("tombstone,step", [(0, Step.SEND), (1, Step.SUPERSEDE), (2, Step.SUPERSEDE)])
def test_an_occurrence_is_not_sent_once_a_cancel_of_its_version_or_a_newer_one_is_known(
    tombstone: int, step: Step
) -> None:
    assert plan_occurrence(an_occurrence(version=1), a_tombstone(version=tombstone), NOW) == Plan(NOW, step)


def test_an_occurrence_without_an_entity_is_sent() -> None:
    made = plan_occurrence(an_occurrence(entity=None), None, NOW)

    assert made == Plan(NOW, Step.SEND)


@pytest.mark.parametrize(
    "state", [State.REPORTED, State.CANCELLED, State.SUPERSEDED, State.REJECTED, State.FAILED], ids=str
)
def test_nothing_is_done_about_an_occurrence_at_its_end(state: State) -> None:
    assert plan_occurrence(an_occurrence(state=state), a_tombstone(version=9), NOW) is None


def test_an_occurrence_that_waits_is_left_alone_until_its_time_has_come() -> None:
    row = an_occurrence(state=State.RETRYING, next_attempt_at=NOW)

    assert plan_occurrence(row, None, NOW - 1) is None
    assert plan_occurrence(row, None, NOW) is not None


# Real-time triggers: a sweep


def swept_version(tombstone: Tombstone, *occurrences: RealtimeEvent, now: int = NOW) -> SweepPlan:
    made = plan_sweep(tombstone, OccurrencePage(occurrences), now, SETTLE_DELAY)
    assert made is not None
    return made


def acknowledged(occurrence: str, acked_at: int = NOW - SETTLE_DELAY) -> RealtimeEvent:
    """Return an occurrence that Wix acknowledged just long enough ago."""
    return an_occurrence(occurrence, state=State.REPORTED, acked_at=acked_at)


@pytest.mark.parametrize("state", list(State), ids=str)
def test_a_sweep_cancels_every_older_occurrence_whatever_its_state(state: State) -> None:
    row = an_occurrence(state=state)

    assert swept_version(a_tombstone(version=2), row).targets == (row,)


def test_a_sweep_leaves_alone_what_is_closed_or_newer_or_was_swept_before() -> None:
    closed = an_occurrence("closed", version=5, state=State.CANCELLED, closed=True)
    newer = an_occurrence("newer", version=8)
    before = an_occurrence("swept before", version=3)

    made = swept_version(a_tombstone(version=7, swept_version=3), closed, newer, before)
    assert made.targets == ()


def test_a_sweep_covers_the_very_version_of_its_cancel() -> None:
    row = an_occurrence(version=7)

    assert swept_version(a_tombstone(version=7, swept_version=3), row).targets == (row,)


def test_the_first_pass_closes_only_what_wix_acknowledged_longer_than_the_settle_delay_ago() -> None:
    certain = acknowledged("certain")
    others = [acknowledged("fresh", acked_at=NOW - SETTLE_DELAY + 1), an_occurrence("sent perhaps")]

    made = swept_version(a_tombstone(version=2), *others, certain)
    assert made.conclusive == {certain.key}
    assert len(made.targets) == 3


def test_the_second_pass_closes_all_that_is_left() -> None:
    row = an_occurrence("sent perhaps", state=State.SUPERSEDED)
    tombstone = a_tombstone(version=2, second_cancel_at=NOW, next_attempt_at=NOW)

    assert plan_sweep(tombstone, OccurrencePage((row,)), NOW - 1, SETTLE_DELAY) is None
    assert swept_version(tombstone, row).conclusive == {row.key}


def test_an_occurrence_whose_cancel_wix_refused_is_tried_again_by_a_later_cancel_only() -> None:
    row = an_occurrence(state=State.FAILED, cancel_refused_at=NOW, acked_at=NOW)
    same, later = (a_tombstone(version=2, swept_version=1, accepted_at=NOW + more) for more in (0, 1))

    assert swept_version(same, row).targets == ()
    assert swept_version(later, row).targets == (row,)


@pytest.mark.parametrize("state", [State.CANCELLED, State.FAILED], ids=str)
def test_nothing_is_done_about_a_tombstone_at_its_end(state: State) -> None:
    assert (
        plan_sweep(a_tombstone(version=2, state=state), OccurrencePage((an_occurrence(),)), NOW, SETTLE_DELAY) is None
    )


# Messages that come before their row is saved


def test_a_message_before_its_row_waits_longer_each_time() -> None:
    waits = [wait_for_save(NOW, receives, NOW, window=3600 * SECOND) for receives in (1, 2, 3, 4)]

    assert waits == [2 * SECOND, 4 * SECOND, 8 * SECOND, 16 * SECOND]


def test_a_message_before_its_row_comes_back_no_later_than_when_no_save_can_follow_it() -> None:
    assert wait_for_save(NOW, 4, NOW + WINDOW - 3, WINDOW) == 3


def test_a_message_before_its_row_is_dropped_once_no_save_can_follow_it() -> None:
    assert wait_for_save(NOW, 4, NOW + WINDOW - 1, WINDOW) == 1
    assert wait_for_save(NOW, 4, NOW + WINDOW, WINDOW) is None


def test_a_message_before_its_row_is_received_fewer_times_than_a_queue_bears() -> None:
    now, receives = NOW, 1
    while (wait := wait_for_save(NOW, receives, now, WINDOW)) is not None:
        now, receives = now + wait, receives + 1

    assert receives <= 5
    assert now == NOW + WINDOW
