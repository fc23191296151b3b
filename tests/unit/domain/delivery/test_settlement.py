"""What Wix's answers make of a row, as it was planned or as others have left it since."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.support.builders import (
    DONE,
    NOT_TRIED,
    NOW,
    OTHER_PAYLOAD,
    POLICY,
    REFUSED,
    RETENTION,
    RETRY,
    SETTLE_DELAY,
    UNSURE,
    a_cancelled_row,
    a_moment,
    a_reported_row,
    a_tombstone,
    an_entity_row,
    an_occurrence,
)
from trigger_provider.domain.delivery.planning import Step, plan_scheduled
from trigger_provider.domain.delivery.policy import LAST_REPORT_AFTER
from trigger_provider.domain.delivery.results import ItemResult, ResultKind
from trigger_provider.domain.delivery.retry import NEVER_CALLED, Settlement
from trigger_provider.domain.delivery.settlement import (
    settle_occurrence,
    settle_scheduled,
)
from trigger_provider.domain.delivery.sweeps import end_occurrence, is_to_go_on, plan_sweep, settle_sweep
from trigger_provider.domain.durations import DAY, HOUR, SECOND
from trigger_provider.domain.ledger.rows import (
    ON_THE_WAY,
    OccurrencePage,
    RealtimeEvent,
    ScheduledEntity,
    State,
    Tombstone,
)

LATER = NOW + 5 * SECOND
GIVEN_UP = NOW + POLICY.give_up_after


def settle(
    planned: ScheduledEntity,
    *answers: ItemResult,
    report: ItemResult | None = None,
    row: ScheduledEntity | None = None,
    now: int = NOW,
    settled_at: int | None = None,
    jitter: float = 0.5,
    receives: int = 1,
) -> Settlement[ScheduledEntity]:
    """Settle what was planned for a row; `found` is the row as others left it meanwhile, `answers` the cancels'.

    One answer stands for each of the cancels if there is but one.
    """
    plan = plan_scheduled(planned, now, SETTLE_DELAY)
    assert plan is not None
    cancels = answers if len(answers) > 1 else answers * len(plan.cancels)
    assert len(cancels) == len(plan.cancels)
    return settle_scheduled(row or planned, plan, cancels, report, a_moment(settled_at or now, jitter, receives))


def settled(
    planned: ScheduledEntity, *answers: ItemResult, report: ItemResult | None = None, now: int = NOW
) -> ScheduledEntity:
    return settle(planned, *answers, report=report, now=now).row


def changing(**changes: object) -> ScheduledEntity:
    """Return the row of generation 2, while generation 1 may be live."""
    return an_entity_row(**{"generation": 2, "oldest_open_generation": 1, **changes})


# Reports under a scheduled trigger


def test_an_acknowledged_report_is_reported_with_what_wix_said_of_it() -> None:
    settlement = settle(an_entity_row(), report=DONE, settled_at=LATER)

    row = settlement.row
    assert (row.state, row.acked_generation, row.acked_at, row.activation_ids) == (
        State.REPORTED,
        1,
        LATER,
        ("activation 1",),
    )
    assert (row.next_attempt_at, settlement.give_back) == (None, None)
    assert row.timeline[-1].wix_request_id == "request 1"


def test_a_report_that_wix_refuses_is_rejected_with_the_reason() -> None:
    settlement = settle(an_entity_row(), report=REFUSED)

    row = settlement.row
    assert (row.state, row.reason, row.attempts) == (State.REJECTED, "report: wix 428", 1)
    assert (row.acked_generation, row.next_attempt_at, settlement.give_back) == (0, None, None)


@pytest.mark.parametrize("answer", [RETRY, UNSURE], ids=["retry", "unsure"])
@pytest.mark.parametrize("attempts", [0, 1])
def test_a_report_in_trouble_is_retried_quickly_twice_by_its_message(answer: ItemResult, attempts: int) -> None:
    settlement = settle(an_entity_row(attempts=attempts), report=answer)

    row = settlement.row
    assert (row.state, row.attempts, row.next_attempt_at) == (State.PENDING, attempts + 1, None)
    assert settlement.give_back == POLICY.quick_delay(attempts + 1, 0.5)


def test_a_report_still_in_trouble_waits_in_its_row_and_its_message_is_done() -> None:
    settlement = settle(an_entity_row(attempts=2), report=RETRY)

    row = settlement.row
    assert (row.state, row.attempts, row.reason) == (State.RETRYING, 3, "report: wix 503")
    assert (row.next_attempt_at, settlement.give_back) == (NOW + POLICY.wait(3, 0.5), None)


def test_what_wix_asks_to_wait_wins_over_a_quick_retry() -> None:
    settlement = settle(an_entity_row(), report=RETRY._replace(retry_after=60.0), jitter=0)

    assert (settlement.row.state, settlement.row.next_attempt_at) == (State.RETRYING, NOW + 60 * SECOND)
    assert settlement.give_back is None


def test_a_few_seconds_that_wix_asks_for_are_still_a_quick_retry() -> None:
    settlement = settle(an_entity_row(), report=RETRY._replace(retry_after=3.5), jitter=0)

    assert (settlement.row.state, settlement.give_back) == (State.PENDING, 3500)


def test_what_wix_asks_to_wait_wins_over_our_own_wait_and_never_shortens_it() -> None:
    long, short = RETRY._replace(retry_after=3000.0), RETRY._replace(retry_after=5.0)

    assert settle(an_entity_row(attempts=2), report=long).row.next_attempt_at == NOW + 3000 * SECOND
    assert settle(an_entity_row(attempts=2), report=short).row.next_attempt_at == NOW + POLICY.wait(3, 0.5)


def test_a_failure_that_nobody_documents_is_taken_for_a_refusal_after_some_tries() -> None:
    tries = POLICY.unsure_tries - 2
    before = settled(
        an_entity_row(attempts=tries, same_failure_count=tries, reason="report: wix item NEWS"), report=UNSURE
    )
    after = settled(replace(before, next_attempt_at=None), report=UNSURE)

    assert (before.state, after.state) == (State.RETRYING, State.REJECTED)


def test_retries_end_in_failed_once_they_have_gone_on_for_long_enough() -> None:
    row = an_entity_row(attempts=40, first_attempt_at=NOW, due_at=NOW + 30 * DAY)

    assert settle(row, report=RETRY, now=GIVEN_UP - 1).row.state is State.RETRYING
    failed = settle(row, report=RETRY, now=GIVEN_UP)
    assert (failed.row.state, failed.row.reason) == (State.FAILED, "report: wix 503")
    assert (failed.row.next_attempt_at, failed.give_back) == (None, None)


def test_the_time_to_give_up_counts_from_the_first_attempt() -> None:
    row = an_entity_row(due_at=NOW + 30 * DAY)

    first = settle(row, report=RETRY, now=NOW + 3 * DAY).row
    assert (first.state, first.first_attempt_at) == (State.PENDING, NOW + 3 * DAY)
    last = replace(first, attempts=40)
    assert settle(last, report=RETRY, now=NOW + 3 * DAY + POLICY.give_up_after - 1).row.state is State.RETRYING
    assert settle(last, report=RETRY, now=NOW + 3 * DAY + POLICY.give_up_after).row.state is State.FAILED


def test_a_report_is_not_tried_when_wix_may_have_forgotten_its_key_however_late_its_first_attempt_was() -> None:
    row = an_entity_row(accepted_at=NOW, due_at=NOW + 90 * DAY)

    assert settle(row, report=RETRY, now=NOW + LAST_REPORT_AFTER - 1).row.state is State.PENDING
    assert settle(row, report=RETRY, now=NOW + LAST_REPORT_AFTER).row.state is State.FAILED


@pytest.mark.parametrize("kind", [ResultKind.SKIPPED, ResultKind.THROTTLED_LOCALLY, ResultKind.RATE_LIMITED], ids=str)
def test_a_report_that_waits_for_a_call_for_weeks_ends_by_name_before_wix_forgets_its_key(kind: ResultKind) -> None:
    row = an_entity_row(accepted_at=NOW, due_at=NOW + 90 * DAY)
    answer = ItemResult(kind, "no call is left")

    assert settle(row, report=answer, now=NOW + LAST_REPORT_AFTER - 1).row.state in ON_THE_WAY
    ended = settle(row, report=answer, now=NOW + LAST_REPORT_AFTER).row
    assert (ended.state, ended.reason, ended.next_attempt_at) == (State.FAILED, NEVER_CALLED, None)


def test_a_cancel_that_waits_for_a_call_waits_on() -> None:
    row = a_cancelled_row(accepted_at=NOW)
    answer = ItemResult(ResultKind.THROTTLED_LOCALLY, "no call is left")

    assert settle(row, answer, now=NOW + LAST_REPORT_AFTER).row.state is State.RETRYING


def test_what_was_not_tried_leaves_the_row_as_it_is_and_comes_back_in_a_second() -> None:
    row = an_entity_row(attempts=1)

    assert settle(row, report=NOT_TRIED) == Settlement(row, give_back=SECOND)


def test_an_event_whose_date_has_passed_expires() -> None:
    row = settled(an_entity_row(due_at=NOW))

    assert (row.state, row.reason, row.next_attempt_at) == (State.EXPIRED, "its date has passed", None)


# Cancelling what is superseded


def test_a_conclusive_cancel_closes_what_was_superseded() -> None:
    row = settled(changing(acked_generation=1, acked_at=NOW - SETTLE_DELAY), DONE, report=DONE)

    assert (row.state, row.acked_generation, row.oldest_open_generation) == (State.REPORTED, 2, 2)
    assert (row.second_cancel_at, row.next_attempt_at) == (None, None)


def test_what_may_be_on_its_way_to_wix_is_to_be_cancelled_once_more_after_the_settle_delay() -> None:
    row = settle(changing(), DONE, report=DONE, settled_at=LATER).row

    assert (row.state, row.acked_generation, row.oldest_open_generation) == (State.REPORTED, 2, 1)
    assert row.second_cancel_at == row.next_attempt_at == NOW + SETTLE_DELAY


def test_the_second_cancel_closes_it_and_leaves_the_report_as_it_was() -> None:
    first = settled(changing(), DONE, report=DONE)
    second = settled(first, DONE, now=NOW + SETTLE_DELAY)

    assert (second.state, second.reason, second.oldest_open_generation) == (
        State.REPORTED,
        "older generations are closed",
        2,
    )
    assert (second.second_cancel_at, second.next_attempt_at) == (None, None)
    assert (second.acked_at, second.activation_ids) == (first.acked_at, first.activation_ids)


@pytest.mark.parametrize("state", [State.EXPIRED, State.REJECTED, State.FAILED], ids=str)
def test_the_second_cancel_does_not_change_how_the_report_ended(state: State) -> None:
    row = settled(changing(state=state, second_cancel_at=NOW, next_attempt_at=NOW), DONE)

    assert (row.state, row.oldest_open_generation, row.second_cancel_at, row.next_attempt_at) == (state, 2, None, None)


@pytest.mark.parametrize(
    "row,report,state",
    [
        (changing(), REFUSED, State.REJECTED),
        (changing(due_at=NOW), None, State.EXPIRED),
        (changing(attempts=9, first_attempt_at=NOW - POLICY.give_up_after), RETRY, State.FAILED),
    ],
)
def test_however_a_report_ends_the_second_cancel_still_comes(
    row: ScheduledEntity, report: ItemResult | None, state: State
) -> None:
    after = settled(row, DONE, report=report)

    assert (after.state, after.next_attempt_at) == (state, NOW + SETTLE_DELAY)
    assert plan_scheduled(after, NOW + SETTLE_DELAY, SETTLE_DELAY) is not None


def test_a_report_in_trouble_keeps_what_its_cancels_have_proved() -> None:
    closed = settled(changing(acked_generation=1, acked_at=NOW - SETTLE_DELAY), DONE, report=RETRY)
    open_still = settled(changing(), DONE, report=NOT_TRIED)

    assert (closed.state, closed.oldest_open_generation) == (State.PENDING, 2)
    assert (open_still.state, open_still.oldest_open_generation, open_still.second_cancel_at) == (
        State.PENDING,
        1,
        NOW + SETTLE_DELAY,
    )


def test_a_cancel_in_trouble_closes_nothing_and_comes_again() -> None:
    settlement = settle(changing(acked_generation=1, acked_at=NOW - SETTLE_DELAY), RETRY)

    row = settlement.row
    assert (row.state, row.reason, row.oldest_open_generation) == (State.PENDING, "cancel: wix 503", 1)
    assert settlement.give_back == POLICY.quick_delay(1, 0.5)


def test_a_cancel_that_wix_refuses_fails_the_row_and_its_generation_stays_open() -> None:
    settlement = settle(changing(), REFUSED)

    row = settlement.row
    assert (row.state, row.reason, row.oldest_open_generation) == (State.FAILED, "cancel: wix 428", 1)
    assert (row.next_attempt_at, settlement.give_back) == (None, None)
    assert plan_scheduled(row, NOW + DAY, SETTLE_DELAY) is None


@pytest.mark.parametrize(
    "answers,state",
    [
        ((DONE, RETRY), State.PENDING),
        ((RETRY, DONE), State.PENDING),
        ((DONE, UNSURE), State.PENDING),
        ((RETRY, REFUSED), State.FAILED),
        ((REFUSED, UNSURE), State.FAILED),
    ],
)
def test_the_worst_answer_to_several_cancels_counts(answers: tuple[ItemResult, ...], state: State) -> None:
    row = settled(changing(generation=3), *answers)

    assert (row.state, row.oldest_open_generation, row.second_cancel_at) == (state, 1, None)


def test_cancels_of_which_some_were_not_tried_leave_the_row_as_it_is() -> None:
    row = changing(generation=3)

    assert settle(row, DONE, NOT_TRIED) == Settlement(row, give_back=SECOND)


def test_a_second_cancel_in_trouble_is_tried_again_and_what_is_reported_stays_reported() -> None:
    row = settled(
        a_reported_row(generation=2, oldest_open_generation=1, second_cancel_at=NOW, next_attempt_at=NOW, attempts=2),
        RETRY,
    )

    assert (row.state, row.oldest_open_generation, row.second_cancel_at) == (State.REPORTED, 1, NOW)
    assert row.next_attempt_at == NOW + POLICY.wait(3, 0.5)


def test_more_than_100_open_generations_are_closed_a_hundred_at_a_time_and_then_the_newest_is_reported() -> None:
    row, passes, now = changing(generation=251), 0, NOW
    while row.state is State.PENDING:
        plan = plan_scheduled(row, now, SETTLE_DELAY)
        assert plan is not None
        report = DONE if plan.step == "send" else None
        row, passes = settled(row, DONE, report=report, now=now), passes + 1
        now = max(now, row.next_attempt_at or now)

    assert (row.state, row.oldest_open_generation, row.acked_generation) == (State.REPORTED, 251, 251)
    assert passes == 4


# Cancels of a scheduled trigger's entity


def test_a_cancel_that_is_certain_is_cancelled_at_once() -> None:
    row = settled(a_cancelled_row(acked_generation=1, acked_at=NOW - SETTLE_DELAY), DONE)

    assert (row.state, row.reason, row.next_attempt_at) == (State.CANCELLED, "cancelled at Wix", None)


def test_a_settled_cancel_leaves_nothing_open_not_even_its_own_generation() -> None:
    row = settled(a_cancelled_row(generation=2, acked_generation=1, acked_at=NOW - SETTLE_DELAY), DONE)

    assert row.oldest_open_generation == 3


def test_a_cancel_of_what_may_be_on_its_way_waits_for_its_second_cancel() -> None:
    first = settled(a_cancelled_row(), DONE)
    second = settled(first, DONE, now=NOW + SETTLE_DELAY)

    assert (first.state, first.next_attempt_at, first.oldest_open_generation) == (State.PENDING, NOW + SETTLE_DELAY, 1)
    assert (second.state, second.next_attempt_at, second.oldest_open_generation) == (State.CANCELLED, None, 3)


# Merging into a row of the same generation that others have saved


@pytest.mark.parametrize("state", [State.RETRYING, State.EXPIRED, State.FAILED, State.REJECTED], ids=str)
def test_an_acknowledgement_beats_whatever_others_have_made_of_the_row(state: State) -> None:
    row = settle(an_entity_row(), report=DONE, row=an_entity_row(state=state, next_attempt_at=LATER, revision=2)).row

    assert (row.state, row.acked_generation, row.next_attempt_at) == (State.REPORTED, 1, None)


@pytest.mark.parametrize("report", [RETRY, UNSURE, REFUSED, NOT_TRIED], ids=["retry", "unsure", "refused", "not tried"])
def test_no_trouble_beats_an_acknowledgement(report: ItemResult) -> None:
    current = a_reported_row(revision=2)
    settlement = settle(an_entity_row(attempts=2), report=report, row=current)

    row = settlement.row
    assert (row.state, row.acked_generation, row.next_attempt_at, settlement.give_back) == (
        State.REPORTED,
        1,
        None,
        None,
    )


def test_a_date_that_passes_does_not_beat_an_acknowledgement() -> None:
    assert settle(an_entity_row(due_at=NOW), row=a_reported_row(due_at=NOW)).row.state is State.REPORTED


def test_a_version_that_was_raised_meanwhile_stays_raised() -> None:
    assert settle(an_entity_row(), report=DONE, row=an_entity_row(version=9, revision=2)).row.version == 9


def test_what_others_have_closed_stays_closed() -> None:
    current = a_reported_row(generation=2, oldest_open_generation=2)
    row = settle(changing(), DONE, report=DONE, row=current).row

    assert (row.oldest_open_generation, row.second_cancel_at, row.next_attempt_at) == (2, None, None)


def test_a_pass_that_closed_less_than_others_have_opens_nothing_again() -> None:
    planned = changing(generation=151, second_cancel_at=NOW, next_attempt_at=NOW)
    row = a_reported_row(generation=151, oldest_open_generation=151)

    assert settle(planned, DONE, row=row).row.oldest_open_generation == 151


def test_a_cancel_in_trouble_is_forgotten_once_others_have_closed_what_it_was_for() -> None:
    row = a_reported_row(generation=2, oldest_open_generation=2)

    for trouble in (RETRY, REFUSED, NOT_TRIED):
        assert settle(changing(), trouble, row=row) == Settlement(row)


def test_the_earlier_of_two_first_cancels_sets_the_time_of_the_second() -> None:
    earlier, later = (
        changing(second_cancel_at=NOW + SETTLE_DELAY - 7),
        changing(second_cancel_at=NOW + SETTLE_DELAY + 7),
    )

    assert settle(changing(), DONE, report=DONE, row=earlier).row.next_attempt_at == NOW + SETTLE_DELAY - 7
    assert settle(changing(), DONE, report=DONE, row=later).row.next_attempt_at == NOW + SETTLE_DELAY


def test_a_settled_cancel_stays_as_it_is() -> None:
    row = a_cancelled_row(state=State.CANCELLED, oldest_open_generation=3)

    assert settle(a_cancelled_row(), DONE, row=row) == Settlement(row)


# Real-time triggers: an occurrence


def test_an_acknowledged_occurrence_is_reported() -> None:
    row = settle_occurrence(an_occurrence(), DONE, a_moment()).row

    assert (row.state, row.acked_at, row.activation_ids) == (State.REPORTED, NOW, ("activation 1",))
    assert row.next_attempt_at is None


@pytest.mark.parametrize("state", [State.RETRYING, State.FAILED, State.REJECTED, State.SUPERSEDED], ids=str)
def test_an_acknowledgement_beats_whatever_others_have_made_of_the_occurrence(state: State) -> None:
    row = settle_occurrence(an_occurrence(state=state, next_attempt_at=LATER), DONE, a_moment()).row

    assert (row.state, row.next_attempt_at) == (State.REPORTED, None)


def test_an_occurrence_that_was_closed_before_its_acknowledgement_came_is_cancelled() -> None:
    row = settle_occurrence(an_occurrence(state=State.SUPERSEDED, closed=True), DONE, a_moment()).row

    assert (row.state, row.acked_at) == (State.CANCELLED, NOW)


@pytest.mark.parametrize("report", [RETRY, UNSURE, REFUSED, NOT_TRIED, None])
@pytest.mark.parametrize(
    "row",
    [
        an_occurrence(state=State.REPORTED, acked_at=NOW),
        an_occurrence(state=State.CANCELLED, acked_at=NOW, closed=True),
        an_occurrence(state=State.SUPERSEDED, closed=True),
    ],
    ids=["reported", "cancelled", "closed"],
)
def test_no_trouble_touches_an_occurrence_that_is_acknowledged_or_closed(
    row: RealtimeEvent, report: ItemResult | None
) -> None:
    assert settle_occurrence(row, report, a_moment()) == Settlement(row)


def test_an_occurrence_that_a_cancel_stopped_is_superseded() -> None:
    row = settle_occurrence(an_occurrence(state=State.RETRYING, next_attempt_at=NOW), None, a_moment()).row

    assert (row.state, row.next_attempt_at, row.closed) == (State.SUPERSEDED, None, False)


@pytest.mark.parametrize(
    "attempts,report,state",
    [
        (0, REFUSED, State.REJECTED),
        (0, RETRY, State.PENDING),
        (2, RETRY, State.RETRYING),
        (0, UNSURE, State.PENDING),
        (POLICY.unsure_tries - 1, UNSURE, State.REJECTED),
    ],
)
def test_an_occurrence_in_trouble_goes_the_way_of_any_report(attempts: int, report: ItemResult, state: State) -> None:
    row = an_occurrence(attempts=attempts, same_failure_count=attempts, reason=f"report: {report.reason}")

    assert settle_occurrence(row, report, a_moment()).row.state is state


def test_an_occurrence_fails_once_its_retries_have_gone_on_for_long_enough() -> None:
    row = an_occurrence(attempts=9, first_attempt_at=NOW)

    assert settle_occurrence(row, RETRY, a_moment(GIVEN_UP)).row.state is State.FAILED


def test_an_occurrence_is_closed_as_cancelled_if_it_was_ever_acknowledged_else_as_superseded() -> None:
    reported = end_occurrence(an_occurrence(state=State.REPORTED, acked_at=NOW), DONE, a_moment())
    unknown = end_occurrence(an_occurrence(state=State.RETRYING, next_attempt_at=LATER), DONE, a_moment())

    assert (reported.state, reported.closed) == (State.CANCELLED, True)
    assert (unknown.state, unknown.closed, unknown.next_attempt_at) == (State.SUPERSEDED, True, None)


def test_an_occurrence_is_closed_once() -> None:
    closed = end_occurrence(an_occurrence(), DONE, a_moment())

    assert end_occurrence(closed, DONE, a_moment(LATER)) is closed


def test_an_occurrence_whose_cancel_wix_refuses_fails_alone_and_keeps_what_wix_said() -> None:
    row = end_occurrence(an_occurrence(state=State.REPORTED, acked_at=NOW), REFUSED, a_moment())

    assert (row.state, row.closed, row.cancel_refused_at) == (State.FAILED, False, NOW)
    assert row.reason == f"cancel: {REFUSED.reason}"


# Real-time triggers: a sweep


def sweep(
    tombstone: Tombstone,
    occurrences: list[RealtimeEvent],
    *answers: ItemResult,
    now: int = NOW,
    next_position: str | None = None,
) -> Settlement[Tombstone]:
    plan = plan_sweep(tombstone, OccurrencePage(tuple(occurrences), next_position), now, SETTLE_DELAY)
    assert plan is not None
    cancels = answers if len(answers) > 1 else answers * len(plan.targets)
    return settle_sweep(tombstone, tombstone, plan, cancels, a_moment(now))


CERTAIN = an_occurrence("certain", state=State.REPORTED, acked_at=NOW - SETTLE_DELAY)
UNCERTAIN = an_occurrence("uncertain")


@pytest.mark.parametrize("occurrences", [[], [CERTAIN]], ids=["nothing", "certain"])
def test_a_sweep_that_leaves_nothing_open_is_done(occurrences: list[RealtimeEvent]) -> None:
    row = sweep(a_tombstone(version=4), occurrences, DONE).row

    assert (row.state, row.swept_version) == (State.CANCELLED, 4)
    assert (row.second_cancel_at, row.next_attempt_at) == (None, None)


def test_a_sweep_that_leaves_something_open_comes_again_after_the_settle_delay() -> None:
    row = sweep(a_tombstone(version=4, swept_version=0), [CERTAIN, UNCERTAIN], DONE).row

    assert (row.state, row.swept_version) == (State.PENDING, 0)
    assert row.second_cancel_at == row.next_attempt_at == NOW + SETTLE_DELAY


def test_the_second_pass_of_a_sweep_is_the_last() -> None:
    first = sweep(a_tombstone(version=4), [UNCERTAIN], DONE).row
    second = sweep(first, [UNCERTAIN], DONE, now=NOW + SETTLE_DELAY).row

    assert (second.state, second.swept_version, second.next_attempt_at) == (State.CANCELLED, 4, None)


def test_a_sweep_goes_on_at_once_with_its_next_page() -> None:
    row = sweep(a_tombstone(version=4), [CERTAIN], DONE, next_position="a key").row

    assert (row.state, row.next_attempt_at, row.sweep_position) == (State.PENDING, NOW, "a key")
    assert is_to_go_on(row, NOW)


def test_the_second_pass_begins_at_the_first_page_that_left_something_open() -> None:
    first = sweep(a_tombstone(version=4), [CERTAIN], DONE, next_position="page 2").row
    second = sweep(first, [UNCERTAIN], DONE, next_position="page 3").row
    third = sweep(second, [CERTAIN, UNCERTAIN], DONE).row

    assert (third.state, third.sweep_position, third.first_open_position) == (State.PENDING, "page 2", None)
    assert third.second_cancel_at == third.next_attempt_at == NOW + SETTLE_DELAY
    last = sweep(third, [UNCERTAIN], DONE, now=NOW + SETTLE_DELAY, next_position="page 3").row
    assert sweep(last, [UNCERTAIN], DONE, now=NOW + SETTLE_DELAY).row.state is State.CANCELLED


@pytest.mark.parametrize("trouble", [RETRY, UNSURE])
def test_a_page_in_trouble_is_tried_again_from_its_beginning(trouble: ItemResult) -> None:
    row = sweep(a_tombstone(version=4, sweep_position="page 2"), [CERTAIN, UNCERTAIN], DONE, trouble).row

    assert (row.state, row.swept_version, row.attempts, row.sweep_position) == (State.PENDING, None, 1, "page 2")


def test_a_refused_cancel_does_not_stop_the_sweep() -> None:
    row = sweep(a_tombstone(version=4), [CERTAIN, CERTAIN], DONE, REFUSED).row

    assert (row.state, row.swept_version) == (State.CANCELLED, 4)


def test_an_undocumented_answer_counts_as_a_refusal_after_some_tries() -> None:
    row = a_tombstone(version=4, reason=f"cancel: {UNSURE.reason}", same_failure_count=POLICY.unsure_tries - 1)

    assert sweep(row, [CERTAIN, CERTAIN], DONE, UNSURE).row.state is State.CANCELLED


def test_a_sweep_that_was_not_tried_leaves_the_tombstone_as_it_is() -> None:
    tombstone = a_tombstone(version=4)

    assert sweep(tombstone, [CERTAIN, UNCERTAIN], DONE, NOT_TRIED) == Settlement(tombstone, give_back=SECOND)


# The history of a row


def test_the_timeline_keeps_the_last_ten_transitions() -> None:
    row = an_entity_row(attempts=2)
    for number in range(12):
        row = settle(row, report=RETRY._replace(reason=f"trouble {number}")).row
        row = replace(row, next_attempt_at=None)

    assert [line.reason for line in row.timeline] == [f"report: trouble {number}" for number in range(2, 12)]


def test_a_trouble_that_repeats_itself_keeps_one_line_the_latest() -> None:
    once = settled(an_entity_row(attempts=2), report=RETRY)
    twice = settled(replace(once, next_attempt_at=None), report=RETRY._replace(wix_request_id="request 2"), now=LATER)

    assert [(line.at, line.wix_request_id) for line in twice.timeline] == [(LATER, "request 2")]


def test_a_trouble_that_comes_back_after_something_else_has_a_line_of_its_own() -> None:
    row = an_entity_row(attempts=2)
    for answer in (RETRY, UNSURE, RETRY):
        row = replace(settled(row, report=answer), next_attempt_at=None)

    assert len(row.timeline) == 3


@pytest.mark.parametrize("report", [DONE, RETRY, REFUSED], ids=["done", "retry", "refused"])
def test_a_row_never_expires_before_its_date_nor_before_the_retention_has_passed(report: ItemResult) -> None:
    far, near = an_entity_row(due_at=NOW + 400 * DAY), an_entity_row(due_at=NOW + HOUR)

    assert settled(far, report=report).expires_at == NOW + 400 * DAY + RETENTION
    assert settled(near, report=report, now=NOW + 1000).expires_at == NOW + HOUR + RETENTION


def test_an_expired_row_is_kept_for_the_retention_from_then_on() -> None:
    row = settled(an_entity_row(due_at=NOW + HOUR), now=NOW + 2 * HOUR)

    assert (row.state, row.expires_at) == (State.EXPIRED, NOW + 2 * HOUR + RETENTION)


# What others have ended meanwhile


def once_cancelled(**changes: object) -> ScheduledEntity:
    """Return a reported row whose older generation is due for its second cancel."""
    return a_reported_row(
        **{"generation": 2, "oldest_open_generation": 1, "second_cancel_at": NOW, "next_attempt_at": NOW, **changes}
    )


def test_a_second_cancel_that_wix_refuses_stops_there() -> None:
    row = settle(once_cancelled(), REFUSED).row

    assert (row.state, row.next_attempt_at) == (State.FAILED, None)
    assert plan_scheduled(row, NOW + DAY, SETTLE_DELAY) is None


def test_a_second_cancel_that_was_given_up_stops_there() -> None:
    row = once_cancelled(attempts=9, first_attempt_at=NOW)

    assert settle(row, RETRY, now=GIVEN_UP).row.next_attempt_at is None


def test_a_second_cancel_is_tried_again_however_long_the_report_took() -> None:
    row = once_cancelled(accepted_at=NOW - POLICY.give_up_after)

    assert settle(row, RETRY).row.state is State.REPORTED


def test_a_refused_first_cancel_does_not_beat_an_acknowledgement() -> None:
    """Somebody else's first cancel was answered; the second decides anyway."""
    waits = {"second_cancel_at": NOW + SETTLE_DELAY, "next_attempt_at": NOW + SETTLE_DELAY}
    row = a_reported_row(generation=2, oldest_open_generation=1, **waits)

    assert settle(changing(), REFUSED, row=row).row.state is State.REPORTED


@pytest.mark.parametrize("state", [State.EXPIRED, State.REJECTED, State.FAILED], ids=str)
def test_trouble_does_not_make_a_row_wait_that_others_have_ended(state: State) -> None:
    row = an_entity_row(state=state, attempts=2, revision=2)

    assert settle(an_entity_row(attempts=2), report=RETRY, row=row) == Settlement(row)


@pytest.mark.parametrize("state", [State.SUPERSEDED, State.REJECTED, State.FAILED], ids=str)
def test_trouble_does_not_make_an_occurrence_wait_that_others_have_ended(state: State) -> None:
    row = an_occurrence(state=state, attempts=2)

    assert settle_occurrence(row, RETRY, a_moment()) == Settlement(row)


@pytest.mark.parametrize("answer", [DONE, RETRY, REFUSED], ids=["done", "retry", "refused"])
def test_a_sweep_that_others_have_finished_stays_finished(answer: ItemResult) -> None:
    row = an_occurrence(acked_at=NOW - SETTLE_DELAY + 1, state=State.REPORTED)
    planned = a_tombstone(version=4)
    plan = plan_sweep(planned, OccurrencePage((row,)), NOW, SETTLE_DELAY)
    assert plan is not None
    finished = a_tombstone(version=4, state=State.CANCELLED, swept_version=4, revision=2, attempts=2)

    assert settle_sweep(finished, planned, plan, [answer], a_moment(LATER)) == Settlement(finished)


def test_a_pass_that_only_cancels_leaves_the_wait_that_others_have_set() -> None:
    planned = changing(generation=151, second_cancel_at=NOW, next_attempt_at=NOW)
    row = changing(generation=151, oldest_open_generation=151, state=State.RETRYING, next_attempt_at=NOW + HOUR)

    assert settle(planned, DONE, row=row).row.next_attempt_at == NOW + HOUR


def test_trouble_leaves_an_acknowledged_row_as_it_is() -> None:
    row = a_reported_row(revision=2, reason="acknowledged")

    assert settle(an_entity_row(), report=RETRY, row=row) == Settlement(row)


def test_only_unsure_answers_in_succession_are_taken_for_a_refusal_however_many_other_troubles_came_before() -> None:
    troubles = [RETRY] * POLICY.unsure_tries + [UNSURE] * (POLICY.unsure_tries - 1)
    row = an_entity_row()
    for answer in [*troubles, RETRY, *troubles]:
        row = settled(replace(row, next_attempt_at=None), report=answer)

    assert row.state is State.RETRYING
    assert settled(replace(row, next_attempt_at=None), report=UNSURE).state is State.REJECTED


def test_the_second_cancel_is_not_put_off_by_a_report_that_waits() -> None:
    second_cancel_at = NOW + SETTLE_DELAY
    row = settle(changing(attempts=12), DONE, report=RETRY, jitter=0.99).row

    assert (row.state, row.next_attempt_at) == (State.RETRYING, second_cancel_at)


def test_what_wix_asks_to_wait_wins_over_the_second_cancel() -> None:
    row = settle(changing(attempts=12), DONE, report=RETRY._replace(retry_after=600.0)).row

    assert row.next_attempt_at == NOW + 600 * SECOND


def test_a_message_is_kept_while_nothing_else_would_bring_its_row_back() -> None:
    """Another worker's first cancel was answered and its report was not; its own message may be gone by now."""
    row = changing(second_cancel_at=NOW + SETTLE_DELAY, attempts=1, revision=2)

    settlement = settle(changing(), RETRY, row=row)

    assert settlement.row == row
    assert settlement.give_back is not None


# What the queue would give up


@pytest.mark.parametrize("answer", [NOT_TRIED, RETRY], ids=["not tried", "retry"])
def test_from_its_last_receive_on_a_message_comes_back_no_more_and_its_row_waits(answer: ItemResult) -> None:
    before = settle(an_entity_row(), report=answer, receives=POLICY.last_receive - 1)
    settlement = settle(an_entity_row(), report=answer, receives=POLICY.last_receive)

    assert before.give_back is not None
    assert (settlement.give_back, settlement.row.state) == (None, State.RETRYING)
    assert settlement.row.next_attempt_at is not None


@st.composite
def rows_of_one_generation(draw: st.DrawFn, planned: ScheduledEntity | None = None) -> ScheduledEntity:
    """Return a row that can be planned for, or one of the same generation that others have made of it."""
    generation = planned.generation if planned else draw(st.sampled_from([1, 2, 3, 150]))
    lowest = planned.oldest_open_generation if planned else 1
    oldest_open_generation = draw(st.sampled_from(sorted({lowest, min(lowest + 100, generation), generation})))
    states = [State.REPORTED, State.EXPIRED, State.REJECTED, State.FAILED]
    if planned is None or planned.state in ON_THE_WAY:
        states += ON_THE_WAY
    state = draw(st.sampled_from(states))
    second_cancel_at = (
        draw(st.sampled_from([None, NOW, NOW + SETTLE_DELAY])) if oldest_open_generation < generation else None
    )
    next_attempt_at = second_cancel_at if state is not State.PENDING else None
    if state is State.RETRYING:
        next_attempt_at = NOW + HOUR if planned else NOW
    acked_generation = generation if state is State.REPORTED else draw(st.sampled_from([0, generation - 1]))
    return an_entity_row(
        generation=generation,
        oldest_open_generation=oldest_open_generation,
        state=state,
        second_cancel_at=second_cancel_at,
        next_attempt_at=next_attempt_at,
        acked_generation=acked_generation,
        acked_at=NOW - HOUR if acked_generation else None,
        attempts=draw(st.integers(0, 6)),
        due_at=draw(st.sampled_from([NOW - 1, NOW + DAY])),
    )


@given(st.data())
def test_whatever_others_have_saved_no_row_waits_for_nothing_and_none_is_lost(data: st.DataObject) -> None:
    planned = data.draw(rows_of_one_generation())
    plan = plan_scheduled(planned, NOW, SETTLE_DELAY)
    assume(plan is not None)
    assert plan is not None
    cancel, report = (data.draw(st.sampled_from([DONE, RETRY, UNSURE, REFUSED, NOT_TRIED])) for _ in range(2))
    is_sent = plan.step is Step.SEND and (cancel is DONE or not plan.cancels)
    current = data.draw(rows_of_one_generation(planned))
    cancels = [cancel] * len(plan.cancels)

    after = settle_scheduled(current, plan, cancels, report if is_sent else None, a_moment())

    row = after.row
    if row.next_attempt_at is not None:
        due_at = max(row.next_attempt_at, row.second_cancel_at or 0)
        assert plan_scheduled(row, due_at, SETTLE_DELAY) is not None, "it waits in the index for nothing"
    if row.state is State.RETRYING:
        assert row.next_attempt_at is not None or after.give_back is not None, "it is lost"


# A payload that has been replaced meanwhile, under a trigger with a gate


def test_an_acknowledgement_keeps_the_payload_that_came_meanwhile() -> None:
    current = a_reported_row(payload=OTHER_PAYLOAD, version=2)
    row = settle(an_entity_row(), report=DONE, row=current).row

    assert (row.state, row.payload, row.version) == (State.REPORTED, OTHER_PAYLOAD, 2)
