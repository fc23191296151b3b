"""What a request does to a row. The newest version wins, whatever the order in which requests arrive."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.builders import (
    DUE,
    NOW,
    OTHER_PAYLOAD,
    PAYLOAD,
    RETENTION,
    a_cancel,
    a_cancelled_row,
    a_change,
    a_report,
    a_reported_row,
    a_scheduled_cancel,
    a_tombstone,
    an_entity_row,
    an_occurrence,
)
from trigger_provider.domain.durations import DAY
from trigger_provider.domain.intake.acceptance import (
    Acceptance,
    accept_cancel,
    accept_change,
    accept_occurrence,
    accept_request,
)
from trigger_provider.domain.intake.commands import OccurrenceReport, OccurrencesCancel, ScheduledChange, TriggerRequest
from trigger_provider.domain.ledger.generations import LAST_GENERATION, change_count, first_generation
from trigger_provider.domain.ledger.rows import (
    Intent,
    RealtimeEvent,
    RequestOutcome,
    Row,
    ScheduledEntity,
    State,
    Tombstone,
)
from trigger_provider.domain.ledger.tombstones import covers

LATER = NOW + DAY


def accept(change: ScheduledChange, stored: ScheduledEntity | None, now: int = LATER) -> Acceptance:
    return accept_change(change, stored, stored, now=now, retention=RETENTION)


def changed(row: ScheduledEntity | None, *changes: ScheduledChange) -> ScheduledEntity | None:
    """Return the row after these changes, each accepted in a batch of its own."""
    for change in changes:
        accepted = accept(change, row).row
        row = accepted if isinstance(accepted, ScheduledEntity) else row
    return row


def folded(stored: ScheduledEntity | None, *changes: ScheduledChange) -> tuple[list[RequestOutcome], ScheduledEntity]:
    """Return the outcomes of changes in one batch, and the row to save."""
    draft, outcomes = stored, []
    for change in changes:
        acceptance = accept_change(change, stored, draft, now=LATER, retention=RETENTION)
        outcomes.append(acceptance.outcome)
        draft = acceptance.row if isinstance(acceptance.row, ScheduledEntity) else draft
    assert draft is not None
    return outcomes, draft


def row_of(acceptance: Acceptance) -> ScheduledEntity:
    assert isinstance(acceptance.row, ScheduledEntity)
    return acceptance.row


# Scheduled triggers: versions


def test_the_first_report_of_an_entity_begins_a_generation_that_is_born_from_the_clock() -> None:
    acceptance = accept(a_change(version=7), None, now=NOW)

    row = row_of(acceptance)
    assert acceptance.outcome is RequestOutcome.ACCEPTED
    first = first_generation(NOW)
    assert (row.version, row.generation, row.oldest_open_generation, row.acked_generation) == (7, first, first, 0)
    assert (row.state, row.intent, row.payload, row.due_at) == (State.PENDING, Intent.REPORT, PAYLOAD, DUE)
    assert row.accepted_at == NOW


def test_a_newer_version_with_another_payload_begins_the_next_generation() -> None:
    acceptance = accept(a_change(version=2, payload=OTHER_PAYLOAD, due_at=DUE + 1), a_reported_row())

    row = row_of(acceptance)
    assert acceptance.outcome is RequestOutcome.ACCEPTED
    assert (row.version, row.generation, row.state) == (2, 2, State.PENDING)
    assert (row.payload, row.due_at, row.accepted_at) == (OTHER_PAYLOAD, DUE + 1, LATER)


def test_the_generation_before_may_be_live_until_it_is_cancelled() -> None:
    row = row_of(
        accept(a_change(version=2, payload=OTHER_PAYLOAD), a_reported_row(generation=4, oldest_open_generation=3))
    )

    assert (row.generation, row.oldest_open_generation) == (5, 3)
    assert (row.acked_generation, row.acked_at) == (4, NOW)


def test_a_new_generation_forgets_the_troubles_of_the_one_before() -> None:
    before = an_entity_row(
        state=State.RETRYING, attempts=9, next_attempt_at=LATER, second_cancel_at=LATER, activation_ids=("one",)
    )
    row = row_of(accept(a_change(version=2, payload=OTHER_PAYLOAD), before))

    assert (row.attempts, row.next_attempt_at, row.second_cancel_at, row.activation_ids) == (0, None, None, ())


@pytest.mark.parametrize("change", [a_change(version=1, payload=OTHER_PAYLOAD), a_scheduled_cancel(version=1)])
def test_an_older_version_is_stale_and_changes_nothing(change: ScheduledChange) -> None:
    acceptance = accept(change, a_reported_row(version=2))

    assert (acceptance.outcome, acceptance.row) == (RequestOutcome.STALE, None)


def test_the_same_version_and_payload_is_a_duplicate_and_changes_nothing() -> None:
    acceptance = accept(a_change(version=1), changed(None, a_change(version=1)))

    assert (acceptance.outcome, acceptance.row) == (RequestOutcome.DUPLICATE, None)


def test_the_same_version_and_payload_is_a_duplicate_though_its_request_bears_another_id() -> None:
    row = changed(None, a_change(version=1, request_id="one"))

    assert accept(a_change(version=1, request_id="other"), row).outcome is RequestOutcome.DUPLICATE


def test_a_duplicate_by_another_id_does_not_undo_what_came_after_it() -> None:
    """The second says what the first said; when it comes again after the third, the third stands."""
    row: ScheduledEntity | None = None
    again = a_change(request_id="2")
    for change in (a_change(request_id="1"), again, a_change(payload=OTHER_PAYLOAD, request_id="3")):
        row = row_of(accept(change, row))

    assert accept(again, row).outcome is RequestOutcome.DUPLICATE


def test_a_version_that_is_raised_renews_the_rows_lifetime() -> None:
    row = row_of(accept(a_change(2, due_at=NOW), a_reported_row(due_at=NOW), now=NOW + 40 * DAY))

    assert row.expires_at == NOW + 40 * DAY + RETENTION


def test_a_row_is_kept_until_the_date_of_what_may_still_be_live() -> None:
    """A cancel has no date; what it is to cancel has one."""
    row = a_reported_row(due_at=NOW + 400 * DAY)

    assert row_of(accept(a_scheduled_cancel(2), row)).expires_at >= NOW + 400 * DAY


def test_a_failed_generation_is_a_duplicate_at_its_own_version() -> None:
    assert accept(a_change(version=1), an_entity_row(state=State.FAILED)).outcome is RequestOutcome.DUPLICATE


@pytest.mark.parametrize(
    "state", [State.PENDING, State.RETRYING, State.REPORTED, State.EXPIRED, State.CANCELLED], ids=str
)
def test_a_newer_version_that_says_the_same_only_raises_the_version(state: State) -> None:
    before = a_reported_row(state=state, version=1)
    change = a_change(version=2)
    acceptance = accept(change, before)

    assert acceptance.outcome is RequestOutcome.UNCHANGED
    assert replace(row_of(acceptance), expires_at=0) == replace(
        before, version=2, seen_requests=(change.fingerprint,), expires_at=0
    )


def test_an_unchanged_version_makes_what_is_older_stale() -> None:
    row = changed(None, a_change(version=1), a_change(version=3))

    assert accept(a_change(version=2, payload=OTHER_PAYLOAD), row).outcome is RequestOutcome.STALE


@pytest.mark.parametrize("state", [State.FAILED, State.REJECTED], ids=str)
def test_a_generation_that_failed_is_sent_again_by_a_newer_version_that_says_the_same(state: State) -> None:
    acceptance = accept(a_change(version=2), an_entity_row(state=state))

    assert acceptance.outcome is RequestOutcome.ACCEPTED
    assert (row_of(acceptance).generation, row_of(acceptance).state) == (2, State.PENDING)


def test_going_back_to_an_earlier_payload_is_a_change_like_any_other() -> None:
    row = changed(None, a_change(1), a_change(2, payload=OTHER_PAYLOAD), a_change(3))

    assert row is not None
    assert (change_count(row.generation), row.payload) == (3, PAYLOAD)


def test_a_date_that_has_passed_is_accepted_and_supersedes_what_was_there() -> None:
    row = row_of(accept(a_change(version=2, payload=OTHER_PAYLOAD, due_at=NOW - DAY), a_reported_row()))

    assert (row.state, row.generation, row.oldest_open_generation, row.due_at) == (State.PENDING, 2, 1, NOW - DAY)


def test_a_row_outlives_its_date_by_the_retention() -> None:
    assert row_of(accept(a_change(due_at=NOW + 400 * DAY), None)).expires_at == NOW + 400 * DAY + RETENTION
    assert row_of(accept(a_change(due_at=NOW - DAY), None, now=NOW)).expires_at == NOW + RETENTION


def test_an_acceptance_is_a_line_of_the_timeline() -> None:
    row = row_of(accept(a_change(version=2, payload=OTHER_PAYLOAD), row_of(accept(a_change(), None, now=NOW))))

    assert [(line.at, line.state) for line in row.timeline] == [(LATER, State.PENDING)]


# Scheduled triggers: equal versions


def test_at_an_equal_version_the_later_arrival_wins() -> None:
    acceptance = accept(a_change(version=1, payload=OTHER_PAYLOAD), changed(None, a_change(version=1)))

    assert acceptance.outcome is RequestOutcome.ACCEPTED
    assert (row_of(acceptance).payload, change_count(row_of(acceptance).generation)) == (OTHER_PAYLOAD, 2)


def test_at_an_equal_version_a_request_that_comes_again_does_not_win_again() -> None:
    row = changed(None, a_change(version=1), a_change(version=1, payload=OTHER_PAYLOAD))

    assert accept(a_change(version=1), row).outcome is RequestOutcome.DUPLICATE


def test_at_an_equal_version_a_new_request_may_say_what_an_earlier_one_said() -> None:
    first, other = a_change(1, request_id="one"), a_change(1, request_id="two", payload=OTHER_PAYLOAD)
    acceptance = accept(a_change(1, request_id="three"), changed(None, first, other))

    assert (acceptance.outcome, row_of(acceptance).payload) == (RequestOutcome.ACCEPTED, PAYLOAD)


def sixteen_changes() -> ScheduledEntity:
    row = changed(None, *(a_change(version=1, payload=f'{{"amount":{amount}}}') for amount in range(16)))
    assert row is not None
    return row


def test_a_seventeenth_change_at_one_version_is_rejected_and_changes_nothing() -> None:
    assert change_count(sixteen_changes().generation) == 16
    acceptance = accept(a_change(version=1, payload='{"amount":16}'), sixteen_changes())

    assert (acceptance.outcome, acceptance.row) == (RequestOutcome.REJECTED, None)
    assert acceptance.violation is not None
    assert (acceptance.violation.pointer, acceptance.violation.rule) == ("/version", "changes-at-one-version")


def test_each_of_sixteen_requests_at_one_version_is_known_again() -> None:
    again = [accept(a_change(version=1, payload=f'{{"amount":{amount}}}'), sixteen_changes()) for amount in range(16)]

    assert {acceptance.outcome for acceptance in again} == {RequestOutcome.DUPLICATE}


def test_a_newer_version_begins_to_count_its_changes_anew() -> None:
    row = row_of(accept(a_change(version=2, payload='{"amount":16}'), sixteen_changes()))

    assert len(row.seen_requests) == 1


@pytest.mark.parametrize("order", ["cancel first", "report first"])
def test_at_an_equal_version_a_cancel_wins_over_a_report_whichever_came_first(order: str) -> None:
    requests = [a_scheduled_cancel(version=2), a_change(version=2, payload=OTHER_PAYLOAD)]
    row = changed(a_reported_row(), *(requests if order == "cancel first" else reversed(requests)))

    assert row is not None
    assert (row.intent, row.version, row.payload, row.due_at) == (Intent.CANCEL, 2, None, None)


def test_a_report_at_the_version_of_a_cancel_is_stale() -> None:
    assert accept(a_change(version=2), a_cancelled_row(version=2)).outcome is RequestOutcome.STALE


def test_a_cancel_is_taken_though_its_version_has_seen_sixteen_changes() -> None:
    acceptance = accept(a_scheduled_cancel(version=1), sixteen_changes())

    assert (acceptance.outcome, row_of(acceptance).intent) == (RequestOutcome.ACCEPTED, Intent.CANCEL)


# Scheduled triggers: cancels


def test_a_cancel_of_what_may_be_live_is_to_be_delivered() -> None:
    row = row_of(accept(a_scheduled_cancel(version=2), a_reported_row()))

    assert (row.state, row.intent, row.generation, row.oldest_open_generation) == (State.PENDING, Intent.CANCEL, 2, 1)


def test_a_cancel_of_an_entity_never_seen_has_nothing_to_deliver() -> None:
    row = row_of(accept(a_scheduled_cancel(version=2), None))

    assert (row.state, row.reason) == (State.CANCELLED, "nothing was reported")
    assert row.oldest_open_generation > row.generation


@pytest.mark.parametrize("version", [1, 2])
def test_the_report_that_a_cancel_overtook_is_stale(version: int) -> None:
    row = changed(None, a_scheduled_cancel(version=2))

    assert accept(a_change(version=version), row).outcome is RequestOutcome.STALE


def test_a_report_after_a_cancel_that_had_nothing_to_do_has_nothing_to_cancel() -> None:
    row = changed(None, a_scheduled_cancel(version=1), a_change(version=2))

    assert row is not None
    assert (row.state, row.intent) == (State.PENDING, Intent.REPORT)
    assert row.oldest_open_generation == row.generation


def test_a_second_cancel_is_unchanged() -> None:
    row = changed(None, a_scheduled_cancel(version=1))

    assert accept(a_scheduled_cancel(version=2), row).outcome is RequestOutcome.UNCHANGED


def test_a_cancel_that_failed_is_tried_again_by_a_newer_cancel() -> None:
    acceptance = accept(a_scheduled_cancel(version=3), a_cancelled_row(state=State.FAILED))

    assert acceptance.outcome is RequestOutcome.ACCEPTED
    assert (row_of(acceptance).state, row_of(acceptance).oldest_open_generation) == (State.PENDING, 1)


# Scheduled triggers: generations


@pytest.mark.parametrize("change", [a_change(2, payload=OTHER_PAYLOAD), a_scheduled_cancel(2)])
def test_a_change_is_rejected_once_no_generation_is_left(change: ScheduledChange) -> None:
    acceptance = accept(change, a_reported_row(generation=LAST_GENERATION))

    assert (acceptance.outcome, acceptance.row) == (RequestOutcome.REJECTED, None)
    assert acceptance.violation is not None
    assert (acceptance.violation.pointer, acceptance.violation.rule) == ("/entityId", "generations")


def test_the_last_generation_can_be_used() -> None:
    row = row_of(accept(a_change(2, payload=OTHER_PAYLOAD), a_reported_row(generation=LAST_GENERATION - 1)))

    assert row.generation == LAST_GENERATION


def test_what_needs_no_generation_is_taken_though_none_is_left() -> None:
    row = a_reported_row(generation=LAST_GENERATION, version=2)

    assert accept(a_change(version=1), row).outcome is RequestOutcome.STALE
    assert accept(a_change(version=2), row).outcome is RequestOutcome.DUPLICATE
    assert accept(a_change(version=3), row).outcome is RequestOutcome.UNCHANGED


# Scheduled triggers: several requests in one batch


def test_the_changes_of_one_batch_begin_one_generation() -> None:
    changes = [a_change(version, payload=f'{{"amount":{version}}}') for version in (2, 3, 4)]
    outcomes, row = folded(a_reported_row(), *changes)

    assert outcomes == [RequestOutcome.ACCEPTED] * 3
    assert (row.generation, row.oldest_open_generation, row.payload) == (2, 1, '{"amount":4}')


def test_each_request_of_a_batch_is_judged_by_those_before_it() -> None:
    changes = [a_change(3), a_change(2, payload=OTHER_PAYLOAD), a_change(3), a_change(4), a_scheduled_cancel(4)]
    outcomes, row = folded(None, *changes)

    accepted, stale, duplicate, unchanged = (
        RequestOutcome.ACCEPTED,
        RequestOutcome.STALE,
        RequestOutcome.DUPLICATE,
        RequestOutcome.UNCHANGED,
    )
    assert outcomes == [accepted, stale, duplicate, unchanged, accepted]
    assert (row.version, row.intent, change_count(row.generation)) == (4, Intent.CANCEL, 1)


def test_a_report_and_its_cancel_in_one_batch_leave_nothing_to_deliver() -> None:
    _, row = folded(None, a_change(version=1), a_scheduled_cancel(version=2))

    assert row.state is State.CANCELLED


def test_a_report_that_follows_a_cancel_in_one_batch_still_cancels_what_was_there() -> None:
    _, row = folded(a_reported_row(), a_scheduled_cancel(2), a_change(3, payload=OTHER_PAYLOAD))

    assert (row.state, row.generation, row.oldest_open_generation) == (State.PENDING, 2, 1)


def test_what_was_never_saved_was_never_sent_and_leaves_nothing_open() -> None:
    _, row = folded(None, a_change(1), a_scheduled_cancel(2), a_change(3))

    assert (row.state, change_count(row.generation)) == (State.PENDING, 1)
    assert row.oldest_open_generation == row.generation


versions = st.lists(st.integers(-3, 30), unique=True, min_size=1, max_size=7)


@st.composite
def distinct_changes(draw: st.DrawFn) -> list[ScheduledChange]:
    """Return changes whose versions differ, in any order; payloads may repeat."""
    made = []
    for version in draw(versions):
        payload = draw(st.sampled_from([None, PAYLOAD, OTHER_PAYLOAD]))
        report = a_change(version, payload=payload)
        made.append(a_scheduled_cancel(version) if payload is None else report)
    return draw(st.permutations(made))


@given(distinct_changes())
def test_whatever_the_order_of_arrival_the_newest_version_stands_in_the_end(changes: list[ScheduledChange]) -> None:
    newest = max(changes, key=lambda change: change.version)
    row = changed(None, *changes)

    assert row is not None
    assert (row.version, row.intent, row.payload) == (newest.version, newest.intent, newest.payload)


@given(distinct_changes(), st.data())
def test_however_requests_are_cut_into_batches_the_same_stands_in_the_end(
    changes: list[ScheduledChange], data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(changes)))
    _, one_batch = folded(None, *changes)
    _, two_batches = folded(folded(None, *changes[:cut])[1] if cut else None, *changes[cut:])

    for row in (one_batch, two_batches):
        assert (row.version, row.intent, row.payload) == (
            max(changes, key=lambda change: change.version).version,
            one_batch.intent,
            one_batch.payload,
        )
    assert change_count(one_batch.generation) == 1
    assert change_count(two_batches.generation) <= 2


@given(distinct_changes())
def test_every_request_that_comes_again_changes_neither_intent_nor_payload(changes: list[ScheduledChange]) -> None:
    row = changed(None, *changes)

    assert row is not None
    assert changed(row, *changes) == row


# Real-time triggers


def report(
    request: OccurrenceReport, stored: RealtimeEvent | None = None, tombstone: Tombstone | None = None
) -> Acceptance:
    return accept_occurrence(request, stored, tombstone, now=NOW, retention=RETENTION)


def cancel(request: OccurrencesCancel, stored: Tombstone | None = None) -> Acceptance:
    return accept_cancel(request, stored, now=LATER, retention=RETENTION)


def tombstone_of(acceptance: Acceptance) -> Tombstone:
    assert isinstance(acceptance.row, Tombstone)
    return acceptance.row


def test_a_real_time_event_is_accepted_and_kept_whole() -> None:
    acceptance = report(a_report("visit 1", version=4))

    row = acceptance.row
    assert isinstance(row, RealtimeEvent)
    assert (acceptance.outcome, row.state) == (RequestOutcome.ACCEPTED, State.PENDING)
    assert (row.occurrence, row.version, row.payload) == ("visit 1", 4, PAYLOAD)
    assert row.expires_at == NOW + RETENTION


def test_a_real_time_event_that_is_known_is_a_duplicate_though_a_newer_cancel_is_known_too() -> None:
    acceptance = report(a_report(version=1), an_occurrence(version=1), a_tombstone(version=2))

    assert (acceptance.outcome, acceptance.row) == (RequestOutcome.DUPLICATE, None)


@pytest.mark.parametrize("version", [1, 2])
def test_a_real_time_event_that_its_cancel_overtook_is_stale_and_leaves_no_row(version: int) -> None:
    acceptance = report(a_report(version=version), None, a_tombstone(version=2))

    assert (acceptance.outcome, acceptance.row) == (RequestOutcome.STALE, None)


def test_a_real_time_event_newer_than_the_cancel_is_accepted() -> None:
    assert report(a_report(version=3), None, a_tombstone(version=2)).outcome is RequestOutcome.ACCEPTED


def test_no_cancel_covers_an_event_without_an_entity() -> None:
    assert not covers(a_tombstone(version=2), an_occurrence(entity=None).version)


def test_a_cancel_leaves_a_tombstone_of_its_version() -> None:
    acceptance = cancel(a_cancel(version=3))

    row = tombstone_of(acceptance)
    assert (acceptance.outcome, row.state, row.version) == (RequestOutcome.ACCEPTED, State.PENDING, 3)
    assert row.swept_version is None


def test_a_newer_cancel_raises_the_tombstone_and_keeps_what_is_swept() -> None:
    before = a_tombstone(
        version=2, swept_version=2, state=State.CANCELLED, attempts=3, next_attempt_at=LATER, second_cancel_at=LATER
    )
    row = tombstone_of(cancel(a_cancel(version=5), before))

    assert (row.version, row.swept_version, row.state) == (5, 2, State.PENDING)
    assert (row.next_attempt_at, row.second_cancel_at, row.attempts) == (None, None, 0)


def test_a_cancel_of_the_tombstones_version_is_a_duplicate() -> None:
    acceptance = cancel(a_cancel(version=2), a_tombstone(version=2))

    assert (acceptance.outcome, acceptance.row) == (RequestOutcome.DUPLICATE, None)


def test_a_cancel_older_than_the_tombstone_is_stale() -> None:
    acceptance = cancel(a_cancel(version=1), a_tombstone(version=2))

    assert (acceptance.outcome, acceptance.row) == (RequestOutcome.STALE, None)


# Triggers whose kind has changed


@pytest.mark.parametrize(
    "request_, row",
    [(a_change(2), a_tombstone()), (a_cancel(version=2), an_entity_row())],
    ids=["now scheduled", "now real-time"],
)
def test_an_entity_of_another_kind_of_its_trigger_is_rejected_by_name(request_: TriggerRequest, row: Row) -> None:
    acceptance = accept_request(request_, row, row, {}, NOW, RETENTION)

    assert acceptance.violation is not None
    assert (acceptance.outcome, acceptance.row) == (RequestOutcome.REJECTED, None)
    assert (acceptance.violation.pointer, acceptance.violation.rule) == ("/triggerKey", "kind")
