"""Taking requests into the ledger: each is judged, its message is sent, and only then its row is saved."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import count

import pytest

from tests.support.builders import (
    NOW,
    OTHER_PAYLOAD,
    PAYLOAD,
    RETENTION,
    a_cancel,
    a_change,
    a_report,
    a_reported_row,
    a_scheduled_cancel,
    a_tombstone,
    an_entity_row,
    an_occurrence,
)
from tests.support.fixed_clock import FixedClock
from tests.support.memory_sites import MemorySites
from tests.support.rows import SITE
from tests.support.spies import Journal, SpyLedger, SpyOutbox
from trigger_provider.domain.delivery.messages import Message
from trigger_provider.domain.durations import MINUTE
from trigger_provider.domain.intake.commands import TriggerRequest
from trigger_provider.domain.ledger.generations import change_count, first_generation
from trigger_provider.domain.ledger.ids import generation_id
from trigger_provider.domain.ledger.rows import Intent, RealtimeEvent, RequestOutcome, ScheduledEntity, State
from trigger_provider.domain.sites.suspension import uninstall
from trigger_provider.errors import LedgerUnavailable, QueueUnavailable
from trigger_provider.use_cases.intake.accept import Accept, Accepted

MANY = 50


@dataclass
class Intake:
    """The use case with all it needs."""

    journal: Journal = field(default_factory=Journal)

    def __post_init__(self) -> None:
        self.ledger = SpyLedger(self.journal)
        self.outbox = SpyOutbox(self.journal)
        tokens = count(1)
        self.accept = Accept(self.ledger, self.outbox, FixedClock(), lambda: f"token {next(tokens)}", RETENTION)

    def __call__(self, *requests: TriggerRequest) -> list[Accepted]:
        return self.accept.submit(requests)

    def outcomes(self, *requests: TriggerRequest) -> list[RequestOutcome]:
        return [result.outcome for result in self(*requests)]

    def entity(self) -> ScheduledEntity:
        row = self.ledger.rows[a_change().key]
        assert isinstance(row, ScheduledEntity)
        return row


@pytest.fixture
def intake() -> Intake:
    return Intake()


# One request


def test_an_accepted_request_is_in_the_ledger_and_its_message_names_the_revision_it_is_saved_as(
    intake: Intake,
) -> None:
    intake(a_change())

    row = intake.entity()
    assert (row.revision, row.state, row.accepted_at) == (1, State.PENDING, NOW)
    assert intake.outbox.sent == [Message(row.key, 1, SITE)]


def test_a_change_is_saved_over_the_revision_before_its_own(intake: Intake) -> None:
    intake.ledger.put(a_reported_row(revision=6))
    intake(a_change(2, payload=OTHER_PAYLOAD))

    assert (intake.entity().revision, intake.outbox.sent[0].revision) == (7, 7)


def test_the_message_is_sent_before_the_row_is_saved(intake: Intake) -> None:
    intake(a_change())

    assert intake.journal.lines == ["load", "send", "save"]


def test_the_answer_names_the_event_that_the_request_stands_for(intake: Intake) -> None:
    (result,) = intake(a_change())

    assert result.event_id == generation_id(a_change().key, first_generation(NOW))


@pytest.mark.parametrize(
    "request_,outcome",
    [
        (a_change(version=2, fingerprint="a request"), RequestOutcome.DUPLICATE),
        (a_change(version=1), RequestOutcome.STALE),
    ],
)
def test_what_changes_nothing_sends_and_saves_nothing(
    intake: Intake, request_: TriggerRequest, outcome: RequestOutcome
) -> None:
    intake.ledger.put(a_reported_row(version=2))

    assert intake.outcomes(request_) == [outcome]
    assert intake.journal.lines == ["load"]


def test_a_duplicate_is_answered_with_the_row_that_is_known(intake: Intake) -> None:
    known = a_reported_row(version=1)
    intake.ledger.put(known)

    assert [result.row for result in intake(a_change(version=1, fingerprint="a request"))] == [known]


def test_an_unchanged_version_is_saved_without_a_message_since_there_is_nothing_to_deliver(intake: Intake) -> None:
    for stored in (an_entity_row(version=1), a_reported_row(version=1)):
        intake.ledger.put(stored)

        assert intake.outcomes(a_change(version=2)) == [RequestOutcome.UNCHANGED]
        assert (intake.entity().version, intake.entity().generation) == (2, 1)
    assert intake.outbox.sent == []


def test_a_cancel_for_an_entity_never_seen_is_remembered_without_a_message(intake: Intake) -> None:
    assert intake.outcomes(a_scheduled_cancel(2), a_change(1)) == [RequestOutcome.ACCEPTED, RequestOutcome.STALE]
    assert intake.entity().intent is Intent.CANCEL
    assert intake.outbox.sent == []


def test_a_rejected_request_changes_nothing_and_says_where_and_why(intake: Intake) -> None:
    intake.ledger.put(an_entity_row(seen_requests=tuple("abcdefghijklmnop")))
    (result,) = intake(a_change(version=1, payload=OTHER_PAYLOAD))

    assert result.outcome is RequestOutcome.REJECTED
    assert result.violation is not None
    assert result.violation.pointer == "/version"
    assert intake.journal.lines == ["load"]


def test_no_request_at_all_asks_nobody_anything(intake: Intake) -> None:
    assert intake() == []
    assert intake.journal.lines == []


# Batches


def test_a_batch_is_loaded_once_sent_once_and_saved_once(intake: Intake) -> None:
    requests = [
        a_change(entity=f"invoice {number}", key=an_entity_row(f"invoice {number}").key) for number in range(MANY)
    ]
    results = intake(*requests)

    assert [result.row.entity if result.row else None for result in results] == [request.entity for request in requests]
    assert intake.journal.lines == ["load", "send", "save"]
    assert len(intake.outbox.sent) == len(intake.ledger.rows) == MANY


def test_requests_for_one_row_are_folded_in_order_into_one_save_and_one_generation(intake: Intake) -> None:
    outcomes = intake.outcomes(a_change(2), a_change(1), a_change(2), a_change(3, payload=OTHER_PAYLOAD), a_change(4))

    accepted, stale, duplicate = RequestOutcome.ACCEPTED, RequestOutcome.STALE, RequestOutcome.DUPLICATE
    assert outcomes == [accepted, stale, duplicate, accepted, accepted]
    assert [len(rows) for rows in intake.ledger.saved] == [1]
    entity = intake.entity()
    assert (change_count(entity.generation), entity.version, entity.revision) == (1, 4, 1)
    assert len(intake.outbox.sent) == 1


def test_a_change_and_a_mere_version_above_it_still_send_the_message_of_the_change(intake: Intake) -> None:
    assert intake.outcomes(a_change(1), a_change(2)) == [RequestOutcome.ACCEPTED, RequestOutcome.UNCHANGED]
    assert len(intake.outbox.sent) == 1


def test_a_report_and_its_cancel_in_one_batch_send_nothing_to_deliver(intake: Intake) -> None:
    assert intake.outcomes(a_change(1), a_scheduled_cancel(2)) == [RequestOutcome.ACCEPTED, RequestOutcome.ACCEPTED]
    assert intake.entity().state is State.CANCELLED
    assert intake.outbox.sent == []


# Real-time triggers


def test_a_real_time_event_is_looked_up_together_with_the_tombstone_of_its_entity(intake: Intake) -> None:
    intake.ledger.put(a_tombstone(version=2))

    assert intake.outcomes(a_report(version=2), a_report("visit 2", version=3)) == [
        RequestOutcome.STALE,
        RequestOutcome.ACCEPTED,
    ]
    assert a_report(version=2).key not in intake.ledger.rows


def test_equal_real_time_events_in_one_batch_are_one_event(intake: Intake) -> None:
    assert intake.outcomes(a_report(), a_report()) == [RequestOutcome.ACCEPTED, RequestOutcome.DUPLICATE]
    assert len(intake.outbox.sent) == 1


def test_real_time_events_without_an_entity_are_accepted_each_on_its_own(intake: Intake) -> None:
    assert intake.outcomes(a_report("form 1", None), a_report("form 2", None)) == [RequestOutcome.ACCEPTED] * 2


@pytest.mark.parametrize("report_first", [True, False])
def test_reports_beside_a_cancel_are_judged_by_the_saved_tombstone_and_answers_keep_their_order(
    intake: Intake, *, report_first: bool
) -> None:
    requests: list[TriggerRequest] = [a_report(version=1), a_cancel(version=1)]
    outcomes = [RequestOutcome.STALE, RequestOutcome.ACCEPTED]

    if report_first:
        assert intake.outcomes(*requests) == outcomes
    else:
        assert intake.outcomes(*reversed(requests)) == outcomes[::-1]
    assert intake.journal.lines == ["load", "send", "save", "load"]


# Other writers


def test_a_request_that_loses_to_another_writer_is_judged_again_by_what_the_other_wrote(intake: Intake) -> None:
    intake.ledger.meanwhile = [intake.ledger.change(an_entity_row(version=5))]

    assert intake.outcomes(a_change(version=1, payload=OTHER_PAYLOAD)) == [RequestOutcome.STALE]
    assert intake.entity().version == 5


def test_a_change_that_loses_to_another_writer_begins_the_generation_after_the_others(intake: Intake) -> None:
    intake.ledger.meanwhile = [intake.ledger.change(an_entity_row(version=1))]

    assert intake.outcomes(a_change(version=2, payload=OTHER_PAYLOAD)) == [RequestOutcome.ACCEPTED]
    assert (intake.entity().generation, intake.entity().revision, intake.entity().payload) == (2, 2, OTHER_PAYLOAD)


def test_an_equal_event_that_another_writer_saved_first_is_a_duplicate(intake: Intake) -> None:
    intake.ledger.meanwhile = [intake.ledger.change(an_occurrence())]

    assert intake.outcomes(a_report()) == [RequestOutcome.DUPLICATE]


def test_a_change_that_a_settlement_crossed_keeps_what_was_settled(intake: Intake) -> None:
    intake.ledger.put(an_entity_row(version=1))
    intake.ledger.meanwhile = [intake.ledger.change(a_reported_row(version=1))]
    intake(a_change(version=2, payload=OTHER_PAYLOAD))

    row = intake.entity()
    assert (row.generation, row.acked_generation, row.oldest_open_generation) == (2, 1, 1)


def test_only_rows_that_others_changed_are_judged_again(intake: Intake) -> None:
    calm = a_change(entity="invoice 2", key=an_entity_row("invoice 2").key)
    intake.ledger.meanwhile = [intake.ledger.change(an_entity_row(version=1))]
    results = intake(a_change(2, payload=OTHER_PAYLOAD), calm)

    assert [result.outcome for result in results] == [RequestOutcome.ACCEPTED, RequestOutcome.ACCEPTED]
    assert [len(rows) for rows in intake.ledger.saved] == [2, 1]
    assert intake.ledger.rows[calm.key].revision == 1


def test_a_row_that_others_keep_changing_is_left_for_later_and_its_neighbours_are_taken(intake: Intake) -> None:
    other = an_entity_row(version=1)
    intake.ledger.meanwhile = [intake.ledger.change(replace(other, version=version)) for version in range(100)]
    calm = a_change(entity="invoice 2", key=an_entity_row("invoice 2").key)
    results = intake(a_change(1000, payload=OTHER_PAYLOAD), calm)

    assert [result.outcome for result in results] == [RequestOutcome.RETRY, RequestOutcome.ACCEPTED]
    assert results[0].event_id is None
    assert len(intake.ledger.saved) < 20


def test_every_save_has_a_message_before_it_also_after_a_conflict(intake: Intake) -> None:
    intake.ledger.meanwhile = [intake.ledger.change(an_entity_row(version=1))]
    intake(a_change(version=2, payload=OTHER_PAYLOAD))

    assert intake.journal.lines == ["load", "send", "save"] * 2
    assert [message.revision for message in intake.outbox.sent] == [1, 2]


def test_a_first_save_whose_answer_was_lost_is_known_again_as_our_own(intake: Intake) -> None:
    def apply_but_lose_the_answer() -> None:
        row = replace(an_entity_row(version=1), token="token 1")
        intake.ledger.put(row)

    intake.ledger.meanwhile = [apply_but_lose_the_answer]

    assert intake.outcomes(a_change(version=1)) == [RequestOutcome.ACCEPTED]


def test_each_round_saves_under_a_token_of_its_own(intake: Intake) -> None:
    intake.ledger.meanwhile = [intake.ledger.change(an_entity_row(version=1))]
    intake(a_change(version=2, payload=OTHER_PAYLOAD))

    assert [row.token for rows in intake.ledger.saved for row in rows] == ["token 1", "token 2"]


# Crashes


def test_nothing_is_saved_whose_message_could_not_be_sent(intake: Intake) -> None:
    intake.outbox.down = True

    with pytest.raises(QueueUnavailable):
        intake(a_change())
    assert intake.ledger.rows == {}


def test_a_crash_between_message_and_save_loses_nothing_once_the_request_comes_again(intake: Intake) -> None:
    def crash() -> None:
        raise LedgerUnavailable("crash")

    intake.ledger.meanwhile = [crash]
    with pytest.raises(LedgerUnavailable):
        intake(a_change())

    assert intake.outcomes(a_change()) == [RequestOutcome.ACCEPTED]
    assert [message.revision for message in intake.outbox.sent] == [1, 1]


def test_taking_the_same_batch_again_changes_nothing(intake: Intake) -> None:
    batch: list[TriggerRequest] = [
        a_change(2),
        a_change(3, payload=OTHER_PAYLOAD),
        a_report("form 1", None),
        a_cancel(4, "customer"),
    ]
    intake(*batch)
    rows = dict(intake.ledger.rows)

    assert intake.outcomes(*batch) == [
        RequestOutcome.STALE,
        RequestOutcome.DUPLICATE,
        RequestOutcome.DUPLICATE,
        RequestOutcome.DUPLICATE,
    ]
    assert intake.ledger.rows == rows


def test_what_is_accepted_is_what_was_asked_for(intake: Intake) -> None:
    intake(a_change(), a_report("form 1", None))

    occurrence = intake.ledger.rows[a_report("form 1", None).key]
    assert isinstance(occurrence, RealtimeEvent)
    assert (intake.entity().payload, occurrence.payload) == (PAYLOAD, PAYLOAD)


def a_removal(at: int) -> MemorySites:
    sites, row = MemorySites(), uninstall(None, SITE, at, at)
    assert row is not None
    sites.rows[SITE] = row
    return sites


def test_what_was_reported_before_its_site_removed_the_app_is_accepted_anew_and_not_unchanged() -> None:
    intake = Intake()
    reported = a_reported_row()
    intake.ledger.rows[reported.key] = reported
    again = a_change(version=2, payload=reported.payload, due_at=reported.due_at)
    assert intake.accept.submit([again])[0].outcome is RequestOutcome.UNCHANGED

    intake.ledger.rows[reported.key] = reported
    accept = replace(intake.accept, sites=a_removal(NOW + 1))
    assert accept.submit([again])[0].outcome is RequestOutcome.ACCEPTED
    row = intake.ledger.rows[reported.key]
    assert isinstance(row, ScheduledEntity)
    assert (row.state, row.generation) == (State.PENDING, reported.generation + 1)
    assert [message.key for message in intake.outbox.sent] == [reported.key]


def test_what_was_accepted_after_its_site_removed_the_app_is_unchanged() -> None:
    intake = Intake()
    reported = a_reported_row()
    intake.ledger.rows[reported.key] = reported
    accept = replace(intake.accept, sites=a_removal(reported.accepted_at - MINUTE - 1))
    again = a_change(version=2, payload=reported.payload, due_at=reported.due_at)
    assert accept.submit([again])[0].outcome is RequestOutcome.UNCHANGED


def test_the_site_is_read_only_if_a_reported_event_is_left_as_it_is() -> None:
    intake, sites = Intake(), MemorySites()
    sites.down = True
    reported = a_reported_row()
    intake.ledger.rows[reported.key] = reported
    accept = replace(intake.accept, sites=sites)
    assert accept.submit([a_change(version=2, payload="{}")])[0].outcome is RequestOutcome.ACCEPTED
