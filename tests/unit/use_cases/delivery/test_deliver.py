"""Delivering: what is done with Wix about the rows that messages name, and what is written down of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from threading import Barrier
from typing import Any

import pytest

from tests.support.builders import (
    DONE,
    NOW,
    OTHER_SITE,
    POLICY,
    REFUSED,
    RETRY,
    SETTLE_DELAY,
    a_cancelled_row,
    a_reported_row,
    a_tombstone,
    an_entity_row,
    an_occurrence,
)
from tests.support.fixed_clock import FixedClock
from tests.support.memory_automations import MemoryAutomations
from tests.support.rows import APP, SITE, TRIGGER
from tests.support.site_builders import an_admission
from tests.support.spies import SpyLedger
from tests.support.waiting import PATIENCE_SECONDS
from trigger_provider.domain.delivery.messages import OutcomeEvent
from trigger_provider.domain.delivery.results import EventReport, ItemResult
from trigger_provider.domain.durations import HOUR, SECOND
from trigger_provider.domain.ledger.ids import event_id, generation_id, idempotency_key, occurrence_id
from trigger_provider.domain.ledger.rows import Intent, RealtimeEvent, Row, RowKey, ScheduledEntity, State, Tombstone
from trigger_provider.errors import OutcomesUnavailable
from trigger_provider.use_cases.delivery.deliver import Deliver, Delivered, Delivery
from trigger_provider.use_cases.ports.wix import AutomationsApi

WINDOW = 15 * SECOND
MOST_ITEMS_A_CALL = 100


@dataclass
class Worker:
    """The use case with all it needs; `wix` is what is live there."""

    clock: FixedClock = field(default_factory=FixedClock)
    ledger: SpyLedger = field(default_factory=SpyLedger)

    def __post_init__(self) -> None:
        self.wix = MemoryAutomations(self.clock)
        self.tokens = count(1)

    def deliver(
        self, *deliveries: Delivery, time_left: int = 30 * SECOND, automations: AutomationsApi | None = None
    ) -> Delivered:
        return replace(self.use_case(), automations=automations or self.wix).process(
            deliveries, self.clock.now() + time_left
        )

    def use_case(self) -> Deliver:
        return Deliver(
            ledger=self.ledger,
            automations=self.wix,
            clock=self.clock,
            jitter=lambda: 0.5,
            new_token=lambda: f"token {next(self.tokens)}",
            policy=POLICY,
            app_id=APP,
            intake_window=WINDOW,
            admission=an_admission(self.clock),
        )

    def deliver_rows(self, *rows: Row) -> Delivered:
        """Store the rows and deliver a message for each."""
        self.ledger.put(*rows)
        return self.deliver(*map(a_message, rows))

    def again(self, row: Row) -> Delivered:
        """Deliver one more message for a row as it is now."""
        return self.deliver(a_message(self.ledger.rows[row.key]))

    def entity(self, row: Row) -> ScheduledEntity:
        stored = self.ledger.rows[row.key]
        assert isinstance(stored, ScheduledEntity)
        return stored

    def tombstone(self, row: Row) -> Tombstone:
        stored = self.ledger.rows[row.key]
        assert isinstance(stored, Tombstone)
        return stored

    def occurrence(self, row: Row) -> RealtimeEvent:
        stored = self.ledger.rows[row.key]
        assert isinstance(stored, RealtimeEvent)
        return stored

    def live(self, site: str = SITE) -> list[str]:
        return [report.event_id for report in self.wix.live(site, TRIGGER)]

    def called(self) -> list[tuple[str, str, int]]:
        return [(call.operation, call.site, len(call.event_ids)) for call in self.wix.calls]


def a_message(row: Row, revision: int | None = None, receives: int = 1) -> Delivery:
    return Delivery(row.key, row.revision if revision is None else revision, NOW, receives)


def keys_of(rows: Sequence[Row]) -> set[RowKey]:
    return {row.key for row in rows}


@pytest.fixture
def worker() -> Worker:
    return Worker()


# Scheduled triggers


def test_an_accepted_report_is_reported_to_wix_as_it_was_accepted(worker: Worker) -> None:
    row = an_entity_row()
    delivered = worker.deliver_rows(row)

    expected = EventReport(event_id(row), idempotency_key(APP, row), row.payload or "")
    assert worker.wix.live(SITE, TRIGGER) == [expected]
    assert (worker.entity(row).state, worker.entity(row).revision) == (State.REPORTED, 2)
    assert delivered.give_back == (None,)


def test_a_change_cancels_the_older_generation_before_it_reports_the_newer_one(worker: Worker) -> None:
    row = an_entity_row()
    worker.deliver_rows(row)
    changed = replace(worker.entity(row), generation=2, state=State.PENDING, revision=3)
    worker.deliver_rows(changed)

    assert worker.live() == [generation_id(row.key, 2)]
    assert [call.operation for call in worker.wix.calls] == ["report", "cancel", "report"]
    assert worker.wix.calls[1].event_ids == (generation_id(row.key, 1),)


def test_nothing_is_reported_over_a_generation_that_could_not_be_cancelled(worker: Worker) -> None:
    row = an_entity_row(generation=2, oldest_open_generation=1)
    worker.wix.script("cancel", RETRY)
    worker.deliver_rows(row)

    assert worker.called() == [("cancel", SITE, 1)]
    assert worker.entity(row).state is State.PENDING
    worker.again(row)
    assert worker.live() == [generation_id(row.key, 2)]


def test_a_refused_cancel_of_what_wix_has_acknowledged_stops_there(worker: Worker) -> None:
    row = an_entity_row(generation=2, oldest_open_generation=1, acked_generation=1, acked_before=1)
    worker.wix.script("cancel", REFUSED)
    worker.deliver_rows(row)
    worker.again(row)

    assert worker.called() == [("cancel", SITE, 1)]
    assert (worker.entity(row).state, worker.entity(row).oldest_open_generation) == (State.FAILED, 1)


def test_a_refused_cancel_of_what_wix_has_never_acknowledged_blocks_nothing(worker: Worker) -> None:
    row = an_entity_row(generation=2, oldest_open_generation=1)
    worker.wix.script("cancel", REFUSED)
    worker.deliver_rows(row)
    worker.wix.script("cancel", REFUSED)
    worker.clock.wait(SETTLE_DELAY)
    worker.again(row)

    assert worker.called() == [("cancel", SITE, 1), ("report", SITE, 1), ("cancel", SITE, 1)]
    assert (worker.entity(row).state, worker.entity(row).oldest_open_generation) == (State.REPORTED, 2)


def test_a_report_that_reaches_wix_after_its_cancel_is_cancelled_once_more(worker: Worker) -> None:
    row = an_entity_row(generation=2, oldest_open_generation=1)
    worker.deliver_rows(row)
    late = EventReport(generation_id(row.key, 1), "the key of generation 1", "{}")
    worker.wix.report(SITE, TRIGGER, [late], worker.clock.now() + 1)
    assert len(worker.live()) == 2

    worker.clock.wait(SETTLE_DELAY)
    worker.again(row)

    assert worker.live() == [generation_id(row.key, 2)]
    assert (worker.entity(row).oldest_open_generation, worker.entity(row).next_attempt_at) == (2, None)


def test_a_cancelled_entity_leaves_nothing_live(worker: Worker) -> None:
    row = a_cancelled_row(acked_generation=1, acked_at=NOW - SETTLE_DELAY)
    worker.wix.report(SITE, TRIGGER, [EventReport(generation_id(row.key, 1), "key", "{}")], NOW + 1)
    worker.deliver_rows(row)

    assert worker.live() == []
    assert (worker.entity(row).state, worker.entity(row).oldest_open_generation) == (State.CANCELLED, 3)


def test_an_event_whose_date_has_passed_is_never_sent(worker: Worker) -> None:
    row = an_entity_row(due_at=NOW)
    worker.deliver_rows(row)

    assert worker.wix.calls == []
    assert worker.entity(row).state is State.EXPIRED


@pytest.mark.parametrize("takes_effect", [True, False])
def test_a_report_whose_answer_was_lost_is_one_event_however_often_it_is_tried(
    worker: Worker, *, takes_effect: bool
) -> None:
    row = an_entity_row()
    for _ in range(2):
        worker.wix.script("report", RETRY, takes_effect=takes_effect)
    assert worker.deliver_rows(row).give_back == (POLICY.quick_delay(1, 0.5),)
    assert worker.again(row).give_back == (POLICY.quick_delay(2, 0.5),)
    assert worker.again(row).give_back == (None,)

    assert worker.live() == [event_id(row)]
    assert (worker.entity(row).state, worker.entity(row).attempts) == (State.REPORTED, 2)


def test_after_two_quick_retries_the_message_is_done_and_the_row_waits(worker: Worker) -> None:
    row = an_entity_row(attempts=2)
    worker.wix.script("report", RETRY)

    assert worker.deliver_rows(row).give_back == (None,)
    assert worker.entity(row).state is State.RETRYING
    assert worker.entity(row).next_attempt_at == NOW + POLICY.wait(3, 0.5)


# Messages


def test_a_message_for_a_row_at_its_end_does_nothing(worker: Worker) -> None:
    delivered = worker.deliver_rows(a_reported_row(), an_occurrence(state=State.REJECTED))

    assert delivered == Delivered((None, None), (), (), {})
    assert (worker.wix.calls, worker.ledger.saved) == ([], [])


def test_a_message_for_a_row_that_waits_does_nothing_since_recovery_will_bring_another(worker: Worker) -> None:
    delivered = worker.deliver_rows(an_entity_row(state=State.RETRYING, next_attempt_at=NOW + 1))

    assert delivered.give_back == (None,)
    assert worker.wix.calls == []


@pytest.mark.parametrize("intent", Intent)
def test_a_row_that_was_requeued_before_its_second_cancel_waits_for_it_again(worker: Worker, intent: Intent) -> None:
    """Else nothing would bring it back, and a late report of the older generation would stay."""
    state = State.REPORTED if intent is Intent.REPORT else State.PENDING
    acked_generation = 2 if intent is Intent.REPORT else 1
    row = a_reported_row(
        state=state,
        intent=intent,
        generation=2,
        acked_generation=acked_generation,
        oldest_open_generation=1,
        second_cancel_at=NOW + HOUR,
    )
    worker.deliver_rows(row)

    assert (worker.entity(row).next_attempt_at, worker.wix.calls) == (NOW + HOUR, [])


def test_messages_for_one_row_in_one_batch_are_one_piece_of_work(worker: Worker) -> None:
    row = an_entity_row()
    worker.ledger.put(row)
    delivered = worker.deliver(a_message(row), a_message(row, receives=2), a_message(row, revision=0))

    assert delivered.give_back == (None, None, None)
    assert worker.called() == [("report", SITE, 1)]
    assert worker.entity(row).revision == 2


def test_a_batch_of_no_messages_does_nothing(worker: Worker) -> None:
    assert worker.deliver() == Delivered((), (), (), {})
    assert worker.wix.calls == []


def test_a_row_of_a_kind_that_delivery_does_not_know_is_left_alone(worker: Worker) -> None:
    fields = ("key", "site", "trigger", "state", "reason", "accepted_at", "expires_at", "revision")
    strange = Row(**{name: getattr(an_entity_row(), name) for name in fields})

    assert worker.deliver_rows(strange) == Delivered((None,), (), (), {})


@pytest.mark.parametrize("stored", [None, an_entity_row(revision=1)], ids=["no row", "an older revision"])
def test_a_message_before_its_save_is_given_back_and_nothing_is_done(
    worker: Worker, stored: ScheduledEntity | None
) -> None:
    if stored:
        worker.ledger.put(stored)
    early = a_message(an_entity_row(revision=2))
    waits = [worker.deliver(early._replace(receives=receives)).give_back[0] for receives in (1, 2, 3)]

    assert waits == [2 * SECOND, 4 * SECOND, 8 * SECOND]
    assert (worker.wix.calls, worker.ledger.saved) == ([], [])


def test_a_message_before_its_save_is_dropped_once_no_save_can_follow_it(worker: Worker) -> None:
    early = a_message(an_entity_row(revision=2))
    worker.clock.wait(WINDOW - 1)
    assert worker.deliver(early).give_back == (1,)

    worker.clock.wait(1)
    assert worker.deliver(early).give_back == (None,)


def test_a_message_before_its_save_is_delivered_once_the_row_is_there(worker: Worker) -> None:
    row = an_entity_row()
    worker.deliver(a_message(row))
    worker.ledger.put(row)
    worker.deliver(a_message(row, receives=2))

    assert worker.live() == [event_id(row)]


def test_each_message_is_given_back_for_its_own_reason(worker: Worker) -> None:
    done, in_trouble = an_entity_row("invoice 1"), an_entity_row("invoice 2")
    early = an_entity_row("invoice 3")
    worker.ledger.put(done, in_trouble)
    worker.wix.script("report", RETRY, event_id=event_id(in_trouble))
    delivered = worker.deliver(*map(a_message, (in_trouble, early, done)), a_message(done, revision=2))

    assert delivered.give_back == (POLICY.quick_delay(1, 0.5), 2 * SECOND, None, 2 * SECOND)


def test_no_call_starts_after_the_deadline_and_what_was_not_tried_comes_back_in_a_second(worker: Worker) -> None:
    row, other = an_entity_row(), an_entity_row("invoice 2", site=OTHER_SITE, generation=2, oldest_open_generation=1)
    worker.ledger.put(row, other)
    delivered = worker.deliver(a_message(row), a_message(other), time_left=0)

    assert delivered.give_back == (SECOND, SECOND)
    assert (worker.wix.calls, worker.ledger.saved) == ([], [])
    assert worker.again(row).give_back == (None,)
    assert worker.live() == [event_id(row)]


# Calls


def test_one_call_is_made_for_each_trigger_of_each_site_and_cancels_come_before_reports(worker: Worker) -> None:
    rows = [
        an_entity_row(f"{site} {trigger} {number}", site=site, trigger=trigger, generation=2, oldest_open_generation=1)
        for site in (SITE, OTHER_SITE)
        for trigger in ("invoice-due", "visit-starting")
        for number in range(3)
    ]
    worker.deliver_rows(*rows)

    for site in (SITE, OTHER_SITE):
        for trigger in ("invoice-due", "visit-starting"):
            calls = [call for call in worker.wix.calls if (call.site, call.trigger) == (site, trigger)]
            assert [(call.operation, len(call.event_ids)) for call in calls] == [("cancel", 3), ("report", 3)]


def test_answers_find_their_way_back_to_rows_that_cancel_different_numbers_of_generations(worker: Worker) -> None:
    rows = [
        an_entity_row(f"invoice {more}", generation=1 + more, oldest_open_generation=1, acked_before=more)
        for more in range(4)
    ]
    refused = rows[2]
    worker.wix.script("cancel", REFUSED, event_id=generation_id(refused.key, 2))
    worker.deliver_rows(*rows)

    states = {row.entity: worker.entity(row).state for row in rows}
    assert states.pop(refused.entity) is State.FAILED
    assert set(states.values()) == {State.REPORTED}
    assert set(worker.live()) == {event_id(row) for row in rows if row is not refused}


def test_an_item_that_wix_rejects_leaves_its_neighbours_in_the_same_call_untouched(worker: Worker) -> None:
    rows = [an_occurrence(f"form {number}", None) for number in range(5)]
    worker.wix.script("report", REFUSED, event_id=event_id(rows[3]))
    worker.deliver_rows(*rows)

    states = [worker.occurrence(row).state for row in rows]
    assert states == [State.REPORTED] * 3 + [State.REJECTED, State.REPORTED]
    assert worker.called() == [("report", SITE, 5)]


def test_the_trouble_of_one_site_is_no_other_sites(worker: Worker) -> None:
    here, there = an_entity_row("invoice 1"), an_entity_row("invoice 2", site=OTHER_SITE)
    worker.wix.script("report", RETRY, event_id=event_id(here))
    worker.deliver_rows(here, there)

    assert (worker.entity(here).state, worker.entity(there).state) == (State.PENDING, State.REPORTED)


@pytest.mark.parametrize("batch,most_calls", [(250, 4), (100, 6)])
def test_250_events_of_two_sites_need_few_calls(worker: Worker, batch: int, most_calls: int) -> None:
    sites = [SITE, OTHER_SITE]
    rows = [an_occurrence(f"form {number}", None, site=sites[number % 2]) for number in range(250)]
    for start in range(0, len(rows), batch):
        worker.deliver_rows(*rows[start : start + batch])

    calls = sum(math.ceil(len(call.event_ids) / MOST_ITEMS_A_CALL) for call in worker.wix.calls)
    assert calls == most_calls
    assert [len(worker.live(site)) for site in sites] == [125, 125]


class MeetingPlace:
    """Wix, where a call ends only once a call for another site is under way too; it counts those that go on."""

    def __init__(self) -> None:
        self.barrier = Barrier(2)
        self.under_way: list[str] = []

    def report(self, site: str, trigger: str, reports: Sequence[EventReport], deadline: int) -> Sequence[ItemResult]:
        del trigger, deadline
        self.under_way.append(site)
        self.barrier.wait(PATIENCE_SECONDS)
        self.under_way.remove(site)
        return [DONE] * len(reports)

    def cancel(self, site: str, trigger: str, event_ids: Sequence[str], deadline: int) -> Sequence[ItemResult]:
        raise NotImplementedError


def test_sites_do_not_wait_for_one_another_and_no_call_outlives_the_delivery(worker: Worker) -> None:
    rows, wix = [an_entity_row("invoice 1"), an_entity_row("invoice 2", site=OTHER_SITE)], MeetingPlace()
    worker.ledger.put(*rows)
    worker.deliver(*map(a_message, rows), automations=wix)

    assert {worker.entity(row).state for row in rows} == {State.REPORTED}
    assert wix.under_way == []


# Settling over what others have saved


def test_a_settlement_is_written_over_the_row_it_was_planned_for(worker: Worker) -> None:
    row = an_entity_row(revision=4)
    worker.deliver_rows(row)

    assert [(row.revision, row.token) for rows in worker.ledger.saved for row in rows] == [
        (5, worker.entity(row).token)
    ]


def test_a_newer_generation_that_came_meanwhile_is_left_as_it_is_and_the_message_is_done(worker: Worker) -> None:
    row = an_entity_row()
    newer = an_entity_row(generation=2, oldest_open_generation=1, version=2)
    worker.ledger.meanwhile = [worker.ledger.change(newer)]
    delivered = worker.deliver_rows(row)

    stored = worker.entity(row)
    assert (stored.generation, stored.state, stored.acked_generation, stored.oldest_open_generation) == (
        2,
        State.PENDING,
        0,
        1,
    )
    assert (delivered.give_back, delivered.settled) == ((None,), ())


def test_what_others_made_of_the_same_generation_is_merged_with_the_acknowledgement(worker: Worker) -> None:
    row = an_entity_row()
    worker.ledger.meanwhile = [
        worker.ledger.change(an_entity_row(version=7, state=State.RETRYING, next_attempt_at=NOW + 1))
    ]
    worker.deliver_rows(row)

    stored = worker.entity(row)
    assert (stored.version, stored.state, stored.next_attempt_at, stored.revision) == (7, State.REPORTED, None, 3)


def test_a_row_that_others_keep_changing_is_left_as_it_is_and_its_message_comes_back(worker: Worker) -> None:
    row = an_entity_row()
    worker.ledger.meanwhile = [worker.ledger.change(an_entity_row(version=version)) for version in range(1, 100)]
    delivered = worker.deliver_rows(row)

    assert delivered.give_back == (SECOND,)
    assert worker.entity(row).state is State.PENDING
    assert len(worker.ledger.saved) < 20


def test_a_row_that_vanished_meanwhile_stays_away(worker: Worker) -> None:
    row = an_entity_row()
    worker.ledger.meanwhile = [worker.ledger.rows.clear]

    assert worker.deliver_rows(row).give_back == (None,)
    assert worker.ledger.rows == {}


def test_the_conflict_of_one_row_does_not_undo_the_settlement_of_another(worker: Worker) -> None:
    row, other = an_entity_row(), an_entity_row("invoice 2")
    worker.ledger.meanwhile = [worker.ledger.change(an_entity_row(version=7))]
    worker.deliver_rows(row, other)

    assert {worker.entity(key).state for key in (row, other)} == {State.REPORTED}
    assert [len(rows) for rows in worker.ledger.saved] == [2, 1]


# Real-time triggers


def test_an_occurrence_is_read_together_with_its_entitys_row_after_its_message_came(worker: Worker) -> None:
    row, tombstone = an_occurrence(version=1), a_tombstone(version=1)
    worker.ledger.put(tombstone)
    worker.deliver_rows(row)

    assert worker.wix.calls == []
    assert (worker.occurrence(row).state, worker.occurrence(row).closed) == (State.SUPERSEDED, False)


def test_an_occurrence_newer_than_the_tombstone_is_reported(worker: Worker) -> None:
    row = an_occurrence(version=3)
    worker.ledger.put(a_tombstone(version=2))
    worker.deliver_rows(row)

    assert worker.live() == [event_id(row)]


def test_a_report_never_closes_another(worker: Worker) -> None:
    rows = [an_occurrence(f"visit {number}", version=number) for number in range(3)]
    for row in rows:
        worker.deliver_rows(row)

    assert worker.live() == [event_id(row) for row in rows]


def test_a_sweep_reads_the_occurrences_after_the_tombstone(worker: Worker) -> None:
    worker.deliver_rows(a_tombstone(version=2))

    assert worker.ledger.journal.lines[:2] == ["load", "query"]


def test_a_sweep_cancels_what_was_reported_before_and_nothing_newer(worker: Worker) -> None:
    older, newer = an_occurrence("visit 1", version=1), an_occurrence("visit 2", version=5)
    worker.deliver_rows(older, newer)
    worker.clock.wait(SETTLE_DELAY)
    tombstone = a_tombstone(version=3)
    worker.deliver_rows(tombstone)

    assert worker.live() == [event_id(newer)]
    assert (worker.occurrence(older).state, worker.occurrence(newer).state) == (State.CANCELLED, State.REPORTED)
    assert (worker.tombstone(tombstone).state, worker.tombstone(tombstone).swept_version) == (State.CANCELLED, 3)


def test_a_sweep_saves_the_occurrences_first_and_the_entitys_row_last(worker: Worker) -> None:
    older, tombstone = an_occurrence(acked_at=NOW - SETTLE_DELAY, state=State.REPORTED), a_tombstone(version=3)
    worker.ledger.put(older)
    worker.deliver_rows(tombstone)

    assert [keys_of(rows) for rows in worker.ledger.saved] == [{older.key}, {tombstone.key}]


def test_an_entitys_row_is_not_settled_while_its_occurrences_could_not_be_saved(worker: Worker) -> None:
    older, tombstone = an_occurrence(acked_at=NOW - SETTLE_DELAY, state=State.REPORTED), a_tombstone(version=3)
    worker.ledger.put(older)
    worker.ledger.meanwhile = [worker.ledger.change(older)] * 100
    delivered = worker.deliver_rows(tombstone)

    assert delivered.give_back == (SECOND,)
    assert worker.tombstone(tombstone) == tombstone


def test_what_a_sweep_could_close_is_closed_though_another_cancel_was_in_trouble(worker: Worker) -> None:
    acked_generation: dict[str, Any] = {"acked_at": NOW - SETTLE_DELAY, "state": State.REPORTED}
    row, other = an_occurrence("visit 1", **acked_generation), an_occurrence("visit 2", **acked_generation)
    worker.ledger.put(row, other)
    worker.wix.script("cancel", RETRY, event_id=event_id(other))
    tombstone = a_tombstone(version=3)
    worker.deliver_rows(tombstone)

    assert (worker.occurrence(row).closed, worker.occurrence(other).closed) == (True, False)
    assert worker.tombstone(tombstone).state is State.PENDING
    worker.again(tombstone)
    assert worker.occurrence(other).closed
    assert worker.tombstone(tombstone).swept_version == 3


def test_a_late_report_of_an_occurrence_is_cancelled_by_the_second_pass(worker: Worker) -> None:
    row, tombstone = an_occurrence(version=1), a_tombstone(version=2)
    worker.ledger.put(row)
    worker.deliver_rows(tombstone)
    worker.wix.report(SITE, TRIGGER, [EventReport(event_id(row), idempotency_key(APP, row), "{}")], NOW + HOUR)
    assert worker.live() == [event_id(row)]

    worker.clock.wait(SETTLE_DELAY)
    worker.again(tombstone)

    assert worker.live() == []
    assert (worker.occurrence(row).state, worker.occurrence(row).closed) == (State.SUPERSEDED, True)
    assert (worker.tombstone(tombstone).state, worker.tombstone(tombstone).next_attempt_at) == (State.CANCELLED, None)


def test_an_occurrence_and_its_cancel_in_one_batch_send_nothing(worker: Worker) -> None:
    row, tombstone = an_occurrence(version=1), a_tombstone(version=1)
    worker.deliver_rows(row, tombstone)

    assert worker.live() == []
    assert worker.occurrence(row).state is State.SUPERSEDED
    assert {call.operation for call in worker.wix.calls} == {"cancel"}


def test_an_occurrence_that_the_same_batch_has_closed_stays_closed(worker: Worker) -> None:
    row, tombstone = an_occurrence(version=1), a_tombstone(version=1, second_cancel_at=NOW, next_attempt_at=NOW)
    worker.deliver_rows(row, tombstone)

    assert (worker.occurrence(row).state, worker.occurrence(row).closed) == (State.SUPERSEDED, True)
    assert worker.tombstone(tombstone).swept_version == 1


def test_a_newer_cancel_that_came_meanwhile_is_swept_by_its_own_message(worker: Worker) -> None:
    tombstone = a_tombstone(version=3)
    worker.ledger.meanwhile = [worker.ledger.change(a_tombstone(version=9))]
    worker.deliver_rows(tombstone)

    row = worker.tombstone(tombstone)
    assert (row.version, row.state, row.swept_version) == (9, State.PENDING, None)


def test_a_sweep_of_250_occurrences_calls_wix_a_hundred_at_a_time_and_reads_each_once(worker: Worker) -> None:
    rows = [
        an_occurrence(f"visit {number}", acked_at=NOW - SETTLE_DELAY, state=State.REPORTED) for number in range(250)
    ]
    worker.ledger.put(*rows)
    tombstone = a_tombstone(version=2)
    worker.deliver_rows(tombstone)

    assert worker.tombstone(tombstone).state is State.CANCELLED
    assert worker.ledger.journal.lines.count("query") == 3
    assert worker.called() == [("cancel", SITE, 100), ("cancel", SITE, 100), ("cancel", SITE, 50)]
    assert all(worker.occurrence(row).closed for row in rows)


def test_a_sweep_stops_when_half_of_its_time_is_over_and_leaves_the_rest_to_recovery(worker: Worker) -> None:
    rows = [
        an_occurrence(f"visit {number}", acked_at=NOW - SETTLE_DELAY, state=State.REPORTED) for number in range(150)
    ]
    worker.ledger.put(*rows)
    tombstone = a_tombstone(version=2)
    worker.ledger.put(tombstone)

    class SlowWix(MemoryAutomations):
        def cancel(self, site: str, trigger: str, event_ids: Sequence[str], deadline: int) -> Sequence[ItemResult]:
            worker.clock.wait(20 * SECOND)
            return worker.wix.cancel(site, trigger, event_ids, deadline)

    worker.deliver(a_message(tombstone), time_left=30 * SECOND, automations=SlowWix())
    after = worker.tombstone(tombstone)
    assert (after.state, after.next_attempt_at, after.second_cancel_at) == (
        State.PENDING,
        NOW + 20 * SECOND,
        NOW + SETTLE_DELAY,
    )
    worker.again(tombstone)
    assert worker.tombstone(tombstone).state is State.CANCELLED
    assert worker.called() == [("cancel", SITE, 100), ("cancel", SITE, 50)]


def test_one_refused_cancel_of_a_sweep_fails_its_event_alone_and_a_later_cancel_tries_it_again(worker: Worker) -> None:
    rows = [an_occurrence(f"visit {number}", acked_at=NOW - SETTLE_DELAY, state=State.REPORTED) for number in range(3)]
    worker.ledger.put(*rows)
    worker.wix.script("cancel", REFUSED, event_id=occurrence_id(rows[1].key))
    tombstone = a_tombstone(version=2)
    worker.deliver_rows(tombstone)

    assert worker.tombstone(tombstone).state is State.CANCELLED
    assert [worker.occurrence(row).closed for row in rows] == [True, False, True]
    assert worker.occurrence(rows[1]).state is State.FAILED
    worker.deliver_rows(a_tombstone(version=3, accepted_at=NOW + SECOND, revision=9, swept_version=2))
    assert worker.occurrence(rows[1]).state is State.CANCELLED


def test_a_message_is_not_dropped_because_its_batch_took_long(worker: Worker) -> None:
    """The row may have been saved since it was looked for; only what is too old before that has no save to come."""
    other, late = an_entity_row("other"), an_entity_row("late")
    worker.ledger.put(other)

    class SlowWix(MemoryAutomations):
        def report(
            self, site: str, trigger: str, reports: Sequence[EventReport], deadline: int
        ) -> Sequence[ItemResult]:
            worker.clock.wait(2 * WINDOW)
            return super().report(site, trigger, reports, deadline)

    delivered = worker.deliver(a_message(other), a_message(late), automations=SlowWix())

    assert delivered.give_back[1] is not None


# Outcomes


@dataclass
class Listener:
    """Keeps `Outcomes`: takes them all, or is unavailable for a while."""

    heard: list[tuple[str, State]] = field(default_factory=list)
    is_unavailable: bool = False

    def publish(self, outcomes: Sequence[OutcomeEvent]) -> None:
        if self.is_unavailable:
            raise OutcomesUnavailable
        self.heard += [(outcome.event_id, outcome.state) for outcome in outcomes]


def listening(worker: Worker, listener: Listener, *deliveries: Delivery) -> Delivered:
    deliver = replace(worker.use_case(), outcomes=listener)
    return deliver.process(deliveries, worker.clock.now() + 30 * SECOND)


def test_an_end_is_published_once_it_is_saved(worker: Worker) -> None:
    listener, row, occurrence = Listener(), an_entity_row(), an_occurrence(entity=None)
    worker.ledger.put(row, occurrence)
    listening(worker, listener, a_message(row), a_message(occurrence))

    assert listener.heard == [(event_id(row), State.REPORTED), (event_id(occurrence), State.REPORTED)]


def test_a_first_message_for_a_row_that_has_ended_publishes_nothing(worker: Worker) -> None:
    listener, row = Listener(), a_reported_row()
    worker.ledger.put(row)
    listening(worker, listener, a_message(row))

    assert listener.heard == []


def test_a_message_that_comes_again_publishes_what_its_worker_may_have_died_before(worker: Worker) -> None:
    listener, row = Listener(is_unavailable=True), an_entity_row()
    worker.ledger.put(row)
    with pytest.raises(OutcomesUnavailable):
        listening(worker, listener, a_message(row))
    assert worker.entity(row).state is State.REPORTED

    listener.is_unavailable = False
    listening(worker, listener, a_message(row, receives=2))
    assert listener.heard == [(event_id(row), State.REPORTED)]


def test_a_message_that_two_received_publishes_what_the_other_may_have_died_before(worker: Worker) -> None:
    """Each has received it for the first time, as far as it knows; the row was saved since the message was sent."""
    listener, row = Listener(), an_entity_row()
    saved_by_the_other = a_reported_row(revision=row.revision + 1)
    worker.ledger.put(saved_by_the_other)
    listening(worker, listener, a_message(row))

    assert listener.heard == [(event_id(row), State.REPORTED)]


@pytest.mark.parametrize("before", [True, False], ids=["before it was loaded", "after it was loaded"])
def test_an_end_over_what_another_worker_has_saved_is_published_before_it_is_saved(
    worker: Worker, *, before: bool
) -> None:
    """The other may have had the same message, and be done with it: then none comes again."""
    listener, row = Listener(is_unavailable=True), an_occurrence(entity=None)
    worker.ledger.put(row)
    save = worker.ledger.change(replace(row, state=State.RETRYING, next_attempt_at=worker.clock.now()))
    if before:
        save()
    else:
        worker.ledger.meanwhile = [save]
    with pytest.raises(OutcomesUnavailable):
        listening(worker, listener, a_message(row))

    stored = worker.occurrence(row)
    assert (stored.state, stored.next_attempt_at) == (State.RETRYING, worker.clock.now())


def test_a_generation_is_superseded_only_once_a_cancel_has_closed_it_for_good(worker: Worker) -> None:
    listener, row = Listener(), an_entity_row(generation=2, oldest_open_generation=1)
    worker.ledger.put(row)
    listening(worker, listener, a_message(row))
    assert listener.heard == [(event_id(row), State.REPORTED)]

    listener, certain = Listener(), replace(row, acked_generation=1, acked_at=worker.clock.now() - SETTLE_DELAY)
    worker.ledger.put(certain)
    listening(worker, listener, a_message(certain))
    assert listener.heard == [(generation_id(row.key, 1), State.SUPERSEDED), (event_id(row), State.REPORTED)]


def test_what_a_sweep_has_closed_is_published_before_it_is_saved_as_closed(worker: Worker) -> None:
    """Else a worker that dies in between would leave nothing to be swept, and nobody told."""
    listener, tombstone = Listener(is_unavailable=True), a_tombstone(version=4)
    row = an_occurrence(state=State.REPORTED, acked_at=worker.clock.now() - SETTLE_DELAY)
    worker.ledger.put(tombstone, row)
    with pytest.raises(OutcomesUnavailable):
        listening(worker, listener, a_message(tombstone))
    assert not worker.occurrence(row).closed

    listener.is_unavailable = False
    listening(worker, listener, a_message(tombstone))
    assert listener.heard == [(event_id(row), State.CANCELLED)]
