"""Sites that refuse us, that Wix lets wait, that are called too often, and that come back: delivery and recovery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count

import pytest

from tests.support.builders import (
    DUE,
    OTHER_SITE,
    POLICY,
    RETRY,
    SETTLE_DELAY,
    a_change,
    a_reported_row,
    a_scheduled_cancel,
    a_tombstone,
    an_entity_row,
    an_occurrence,
)
from tests.support.fixed_clock import FixedClock
from tests.support.memory_automations import MemoryAutomations
from tests.support.memory_ledger import MemoryLedger
from tests.support.memory_sites import MemorySites
from tests.support.rows import APP, SITE, TRIGGER
from tests.support.site_builders import MOST, a_recovery
from trigger_provider.domain.delivery.messages import Message, OutcomeEvent
from trigger_provider.domain.delivery.policy import IDEMPOTENCY_KEY_TTL
from trigger_provider.domain.delivery.results import TIMED_OUT, ItemResult, ResultKind
from trigger_provider.domain.delivery.resumption import ANEW, FORGOTTEN
from trigger_provider.domain.durations import DAY, HOUR, MINUTE, SECOND
from trigger_provider.domain.ledger.ids import event_id
from trigger_provider.domain.ledger.rows import RealtimeEvent, Row, ScheduledEntity, State
from trigger_provider.domain.sites.site import SiteRow, SiteState
from trigger_provider.domain.sites.suspension import REMOVED, install, uninstall
from trigger_provider.use_cases.delivery.admission import Admission
from trigger_provider.use_cases.delivery.deliver import Deliver, Delivered, Delivery
from trigger_provider.use_cases.intake.accept import Accept
from trigger_provider.use_cases.recovery.resume_sites import ResumedSites

FORBIDDEN = ItemResult(ResultKind.FORBIDDEN, "forbidden", "request 1")
RETENTION = POLICY.retention


class Outcomes:
    """Keeps the port `Outcomes`."""

    def __init__(self) -> None:
        self.published: list[OutcomeEvent] = []

    def publish(self, outcomes: Sequence[OutcomeEvent]) -> None:
        self.published += outcomes


@dataclass
class Provider:
    """Intake, delivery and recovery over one ledger; `queue` holds what has been sent and not yet delivered."""

    clock: FixedClock = field(default_factory=FixedClock)
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    sites: MemorySites = field(default_factory=MemorySites)
    outcomes: Outcomes = field(default_factory=Outcomes)
    queue: list[Message] = field(default_factory=list)

    def __post_init__(self) -> None:
        tokens = (f"token {number}" for number in count())
        self.wix = MemoryAutomations(self.clock)
        self.accept = Accept(self.ledger, self, self.clock, lambda: next(tokens), RETENTION)
        admission = Admission(self.sites, self.clock, lambda: next(tokens), MOST, RETENTION)
        self.deliver_batch = Deliver(
            ledger=self.ledger, automations=self.wix, clock=self.clock, jitter=lambda: 0.5,
            new_token=lambda: next(tokens), policy=POLICY, app_id=APP, intake_window=15 * SECOND,
            admission=admission, outcomes=self.outcomes,
        )  # fmt: skip
        self.recover = a_recovery(
            self.ledger, self, self.clock, lambda: next(tokens), 1_000, sites=self.sites, ahead=MINUTE
        )

    def send(self, messages: Sequence[Message]) -> None:
        self.queue += messages

    def knows(self, *rows: Row) -> None:
        self.ledger.rows |= {row.key: row for row in rows}

    def deliver(self) -> Delivered:
        """Deliver all that is on the queue in one batch."""
        batch, self.queue = self.queue, []
        deliveries = [Delivery(message.key, message.revision, self.clock.now()) for message in batch]
        return self.deliver_batch.process(deliveries, self.clock.now() + 30 * SECOND)

    def delivers(self, *rows: Row) -> Delivered:
        """Deliver rows as they are."""
        self.knows(*rows)
        self.queue += [Message(row.key, row.revision, row.site) for row in rows]
        return self.deliver()

    def minute(self) -> None:
        """Let a minute pass, at the end of which recovery runs and its messages are delivered."""
        self.clock.wait(MINUTE)
        self.recover.run()
        self.deliver()

    def site(self, site: str = SITE) -> SiteRow:
        return self.sites.rows[site]

    def hears(self, news: SiteRow | None) -> None:
        """Save what a webhook makes of the site."""
        assert news is not None
        self.sites.rows[SITE] = replace(news, revision=news.revision + 1)

    def entity(self, row: Row) -> ScheduledEntity:
        stored = self.ledger.rows[row.key]
        assert isinstance(stored, ScheduledEntity)
        return stored

    def states(self) -> list[State]:
        return [row.state for row in self.ledger.rows.values()]

    def live(self, site: str = SITE) -> list[str]:
        return [report.event_id for report in self.wix.live(site, TRIGGER)]


@pytest.fixture
def provider() -> Provider:
    return Provider()


def suspend_site(provider: Provider, *rows: Row) -> None:
    """Suspend the site by the first of the rows, and park the others with it; forget the calls that it took."""
    provider.wix.script("report", FORBIDDEN)
    provider.delivers(rows[0])
    provider.delivers(*rows[1:])
    assert provider.site().state is SiteState.SUSPENDED
    provider.wix.calls.clear()


# Parking


def test_a_site_that_refuses_us_is_parked_with_its_event_which_is_no_failure(provider: Provider) -> None:
    row = an_entity_row()
    provider.wix.script("report", FORBIDDEN)
    delivered = provider.delivers(row)
    after = provider.entity(row)
    assert (after.state, after.reason, after.parked_at) == (State.PARKED, "report: forbidden", provider.clock.now())
    assert after.timeline[-1].wix_request_id == "request 1"
    assert (provider.site().state, provider.site().reason) == (SiteState.SUSPENDED, "forbidden")
    assert delivered.give_back == (None,)
    assert [(event.event_id, event.state) for event in provider.outcomes.published] == [(event_id(row), State.PARKED)]


def test_while_a_site_is_parked_no_call_is_made_for_it_and_others_are_called_as_ever(provider: Provider) -> None:
    suspend_site(provider, an_entity_row())
    other = an_occurrence("elsewhere", None, site=OTHER_SITE)
    provider.delivers(an_entity_row("invoice 2"), other)
    assert [call.site for call in provider.wix.calls] == [OTHER_SITE]
    assert provider.entity(an_entity_row("invoice 2")).state is State.PARKED
    assert provider.ledger.rows[other.key].state is State.REPORTED


def test_what_is_parked_is_kept_with_its_site_in_the_order_it_came_and_is_not_among_what_waits(
    provider: Provider,
) -> None:
    first, second = an_entity_row("invoice 1", accepted_at=1), an_entity_row("invoice 2", accepted_at=2)
    suspend_site(provider, second, first)
    assert [entry.key for entry in provider.ledger.parked(SITE, 10)] == [first.key, second.key]
    assert provider.recover.run().oldest == 0


def test_a_parked_row_is_left_alone_by_its_messages_and_by_recovery(provider: Provider) -> None:
    row = an_entity_row()
    suspend_site(provider, row)
    parked = provider.entity(row)
    provider.queue.append(Message(row.key, parked.revision, SITE))
    provider.recover.run()
    provider.deliver()
    assert provider.entity(row) == parked
    assert provider.wix.calls == []


def test_what_needs_no_call_comes_to_its_end_though_the_site_is_suspended(provider: Provider) -> None:
    suspend_site(provider, an_entity_row())
    late = an_entity_row("late", due_at=provider.clock.now() - 1)
    provider.delivers(late)
    assert provider.entity(late).state is State.EXPIRED


def test_a_request_for_a_parked_row_begins_a_new_generation_which_is_parked_in_turn(provider: Provider) -> None:
    provider.accept.submit([a_change(1)])
    provider.wix.script("report", FORBIDDEN)
    provider.deliver()
    provider.wix.calls.clear()
    provider.accept.submit([a_change(2, payload='{"amount":2}')])
    (row,) = provider.ledger.rows.values()
    assert (row.state, row.parked_at) == (State.PENDING, None)
    provider.deliver()
    after = provider.entity(row)
    assert (after.state, after.generation - 1) == (State.PARKED, after.oldest_open_generation)
    assert provider.wix.calls == []


def test_a_second_cancel_is_parked_too_but_what_was_reported_stays_so(provider: Provider) -> None:
    suspend_site(provider, an_entity_row())
    row = a_reported_row(
        "older ones open", generation=3, oldest_open_generation=2, second_cancel_at=provider.clock.now()
    )
    provider.delivers(row)
    after = provider.entity(row)
    assert (after.state, after.oldest_open_generation) == (State.REPORTED, 2)
    assert after.parked_at is not None
    assert [event.state for event in provider.outcomes.published] == [State.PARKED]


def test_a_site_is_parked_before_its_rows_are(provider: Provider) -> None:
    provider.wix.script("report", FORBIDDEN)
    save_rows = provider.ledger.save_many

    def saving(rows: Sequence[Row]) -> frozenset[object]:
        assert provider.site().state is SiteState.SUSPENDED
        return save_rows(rows)

    provider.ledger.save_many = saving  # type: ignore[method-assign, assignment]
    provider.delivers(an_entity_row())
    assert provider.states() == [State.PARKED]


def test_a_refusal_from_before_the_install_parks_nothing_and_the_event_is_tried_again(provider: Provider) -> None:
    row = an_entity_row()

    class Slow(MemoryAutomations):
        def report(self, *args: object) -> Sequence[ItemResult]:
            del args
            provider.clock.wait(SECOND)
            provider.hears(uninstall(provider.site(), SITE, 1, provider.clock.now() - 1))
            provider.hears(install(provider.site(), SITE, 2, provider.clock.now(), RETENTION))
            return [FORBIDDEN]

    provider.deliver_batch = replace(provider.deliver_batch, automations=Slow())
    provider.delivers(row)
    assert provider.site().state is SiteState.RESUMING
    assert provider.entity(row).state is State.PENDING
    assert provider.entity(row).attempts == 1


# Resuming


def test_a_probe_is_one_call_and_resumes_the_site_and_all_parked_rows_are_delivered(provider: Provider) -> None:
    rows = [an_entity_row(f"invoice {number}") for number in range(5)]
    suspend_site(provider, *rows)
    provider.minute()
    assert [call.event_ids for call in provider.wix.calls] == [(event_id(rows[0]),)]
    assert provider.site().state is SiteState.RESUMING
    provider.minute()
    assert set(provider.states()) == {State.REPORTED}
    assert sorted(provider.live()) == sorted(map(event_id, rows))


def test_a_probe_that_is_refused_parks_its_row_again_and_the_next_comes_later(provider: Provider) -> None:
    suspend_site(provider, an_entity_row(), an_entity_row("invoice 2"))
    calls = []
    for _ in range(40):
        provider.wix.script("report", FORBIDDEN)
        before = len(provider.wix.calls)
        provider.minute()
        calls.append(len(provider.wix.calls) - before)
    assert [at for at, number in enumerate(calls) if number] == [0, 2, 6, 14, 30]
    assert set(calls) == {0, 1}
    assert provider.states() == [State.PARKED] * 2


def test_a_probe_that_tells_nothing_is_tried_as_any_event_while_the_others_stay_parked(provider: Provider) -> None:
    suspend_site(provider, an_entity_row(), an_entity_row("invoice 2"))
    provider.wix.script("report", RETRY)
    provider.wix.script("report", RETRY)
    provider.wix.script("report", RETRY)
    for _ in range(2):
        provider.minute()
    assert provider.site().state is SiteState.SUSPENDED
    assert len(provider.wix.calls) <= 2
    for _ in range(10):
        if provider.queue == []:
            row = provider.ledger.rows[an_entity_row().key]
            provider.queue.append(Message(row.key, row.revision, SITE))
        provider.minute()
    assert set(provider.states()) == {State.REPORTED}


def test_a_probe_whose_message_was_never_sent_is_sent_by_the_next_run(provider: Provider) -> None:
    suspend_site(provider, an_entity_row())
    provider.clock.wait(MINUTE)
    sent = provider.recover.requeue
    broken = replace(
        provider.recover, resume_sites=replace(provider.recover.resume_sites, requeue=replace(sent, outbox=Dead()))
    )
    assert [type(error) for error in broken.run().errors] == [ConnectionError]
    assert provider.site().probe == an_entity_row().key
    provider.minute()
    assert provider.states() == [State.REPORTED]


class Dead:
    """A function that dies as it sends. It keeps the port `Outbox`."""

    def send(self, messages: Sequence[Message]) -> None:
        raise ConnectionError(len(messages))


def test_a_removed_app_is_not_probed_but_resumed_by_its_install(provider: Provider) -> None:
    provider.hears(uninstall(None, SITE, 1, provider.clock.now()))
    row = an_entity_row()
    provider.delivers(row)
    assert (provider.entity(row).state, provider.entity(row).reason) == (State.PARKED, f"report: {REMOVED}")
    for _ in range(10):
        provider.minute()
    assert provider.wix.calls == []
    provider.hears(install(provider.site(), SITE, 2, provider.clock.now(), RETENTION))
    provider.minute()
    assert provider.live() == [event_id(row)]


def test_what_is_taken_up_goes_through_the_protocol_past_dates_expire_and_what_was_replaced_is_not_sent(
    provider: Provider,
) -> None:
    provider.hears(uninstall(None, SITE, 1, provider.clock.now()))
    provider.accept.submit([a_change(1, entity="changed"), a_change(1, entity="paid"), a_change(1, entity="missed")])
    provider.deliver()
    provider.accept.submit(
        [a_change(2, entity="changed", payload='{"amount":2}'), a_scheduled_cancel(2, entity="paid")]
    )
    provider.deliver()
    by_name = {row.entity: row for row in provider.ledger.rows.values()}
    missed = provider.entity(by_name["missed"])
    provider.knows(replace(missed, due_at=provider.clock.now() + SECOND))
    provider.hears(install(provider.site(), SITE, 2, provider.clock.now(), RETENTION))
    for _ in range(5):
        provider.minute()
    by_name = {row.entity: row for row in provider.ledger.rows.values()}
    assert {name: row.state for name, row in by_name.items()} == {
        "changed": State.REPORTED, "paid": State.CANCELLED, "missed": State.EXPIRED,
    }  # fmt: skip
    assert provider.live() == [event_id(by_name["changed"])]
    assert provider.site().state is SiteState.ACTIVE


def test_a_generation_that_was_open_when_its_site_was_suspended_is_cancelled_when_it_is_resumed(
    provider: Provider,
) -> None:
    provider.accept.submit([a_change(1)])
    provider.deliver()
    (old,) = provider.live()
    provider.hears(
        uninstall(None, SITE, 1, provider.clock.now())
        and replace(provider.site(), state=SiteState.SUSPENDED, reason=REMOVED, next_attempt_at=None)
    )
    provider.accept.submit([a_change(2, payload='{"amount":2}')])
    provider.deliver()
    assert provider.live() == [old]
    provider.hears(install(provider.site(), SITE, 2, provider.clock.now(), RETENTION))
    for _ in range(5):
        provider.minute()
    (row,) = provider.ledger.rows.values()
    assert provider.live() == [event_id(row)] != [old]


def test_more_than_a_run_can_take_is_taken_up_by_the_next(provider: Provider) -> None:
    provider.hears(uninstall(None, SITE, 1, provider.clock.now()))
    provider.delivers(*[an_entity_row(f"invoice {number}") for number in range(25)])
    provider.hears(install(provider.site(), SITE, 2, provider.clock.now(), RETENTION))
    small = replace(provider.recover, resume_sites=replace(provider.recover.resume_sites, most=10))
    assert [small.run().rows for _ in range(4)] == [10, 10, 5, 0]


def test_a_site_counts_as_suspended_until_it_is_active_again(provider: Provider) -> None:
    suspend_site(provider, an_entity_row())
    assert provider.recover.run().sites == ResumedSites(parked=1, removed=0)
    provider.minute()
    provider.clock.wait(SETTLE_DELAY)
    provider.minute()
    assert provider.recover.run().sites == ResumedSites(parked=0, removed=0)


def test_a_site_that_has_removed_the_app_counts_apart_since_most_never_come_back(provider: Provider) -> None:
    provider.hears(uninstall(None, SITE, 1, provider.clock.now()))
    assert provider.recover.run().sites == ResumedSites(parked=0, removed=1)


def test_patience_begins_anew_when_a_row_is_taken_up(provider: Provider) -> None:
    row = an_entity_row()
    provider.hears(uninstall(None, SITE, 1, provider.clock.now()))
    provider.delivers(row)
    provider.clock.wait(5 * DAY)
    provider.hears(install(provider.site(), SITE, 2, provider.clock.now(), RETENTION))
    provider.wix.script("report", RETRY)
    provider.minute()
    assert provider.entity(row).state in (State.PENDING, State.RETRYING)
    assert provider.entity(row).attempts == 1


# Rows that were parked longer than Wix remembers a key


def parked_for(provider: Provider, age: int, *rows: Row) -> None:
    provider.hears(uninstall(None, SITE, 1, provider.clock.now()))
    provider.delivers(*rows)
    provider.clock.wait(age)
    provider.hears(install(provider.site(), SITE, 2, provider.clock.now(), RETENTION))
    for _ in range(5):
        provider.minute()


def test_a_scheduled_event_that_was_parked_for_too_long_begins_a_new_generation_and_is_live_once(
    provider: Provider,
) -> None:
    row = an_entity_row(due_at=DUE + 90 * DAY)
    provider.wix.script("report", RETRY, takes_effect=True)
    provider.delivers(row)
    (live,) = provider.live()
    provider.knows(replace(provider.entity(row), next_attempt_at=None))
    parked_for(provider, IDEMPOTENCY_KEY_TTL, provider.entity(row))
    after = provider.entity(row)
    assert (after.state, after.generation) == (State.REPORTED, 2)
    assert ANEW in [line.reason for line in after.timeline]
    assert provider.live() == [event_id(after)] != [live]


def test_a_real_time_event_that_was_parked_for_too_long_is_not_sent_since_it_might_be_a_second_one(
    provider: Provider,
) -> None:
    row = an_occurrence()
    parked_for(provider, IDEMPOTENCY_KEY_TTL, row)
    after = provider.ledger.rows[row.key]
    assert (after.state, after.reason) == (State.EXPIRED, FORGOTTEN)
    assert provider.wix.calls == []
    assert [event.state for event in provider.outcomes.published] == [State.PARKED, State.EXPIRED]


def test_what_was_parked_for_less_keeps_its_key_and_cancels_are_never_too_old(provider: Provider) -> None:
    row = an_occurrence(entity=None)
    parked_for(provider, IDEMPOTENCY_KEY_TTL - 3 * DAY, row)
    assert provider.ledger.rows[row.key].state is State.REPORTED
    tombstone = a_tombstone("visitor")
    other = Provider()
    parked_for(other, IDEMPOTENCY_KEY_TTL, an_occurrence("visit 2", "visitor"), tombstone)
    assert other.ledger.rows[tombstone.key].state is State.CANCELLED


# The budget


def test_a_site_without_calls_left_waits_in_the_ledger_and_no_attempt_is_counted(provider: Provider) -> None:
    rows = [an_occurrence(f"visit {number}", None, trigger=f"trigger {number}") for number in range(MOST + 5)]
    delivered = provider.delivers(*rows, an_occurrence("elsewhere", None, site=OTHER_SITE))
    assert len(provider.wix.calls) == MOST + 1
    waiting = [provider.ledger.rows[row.key] for row in rows[MOST:]]
    assert {(row.state, row.attempts) for row in waiting} == {(State.RETRYING, 0)}
    assert all(
        row.next_attempt_at is not None and row.next_attempt_at > provider.clock.now() + MINUTE for row in waiting
    )
    assert set(delivered.give_back) == {None}


def test_what_waited_for_its_sites_budget_is_put_back_in_time_for_it(provider: Provider) -> None:
    rows = [an_occurrence(f"visit {number}", None, trigger=f"trigger {number}") for number in range(MOST + 5)]
    provider.delivers(*rows)
    provider.clock.wait(MINUTE)
    provider.recover.run()
    assert [0 < message.delay < 10 for message in provider.queue] == [True] * 5
    provider.clock.wait(10 * SECOND)
    provider.deliver()
    assert set(provider.states()) == {State.REPORTED}


def test_a_batch_of_many_sites_is_loaded_and_saved_once() -> None:
    loads: list[int] = []
    saves: list[int] = []

    class Counted(MemorySites):
        def load_many(self, sites: Sequence[str]) -> dict[str, SiteRow]:  # type: ignore[override]
            asked = list(sites)
            loads.append(len(asked))
            return dict(super().load_many(asked))

        def save_many(self, rows: Sequence[SiteRow]) -> frozenset[str]:
            saves.append(len(rows))
            return super().save_many(rows)

    provider = Provider(sites=Counted())
    provider.delivers(*[an_occurrence(f"visit {at}", None, site=f"site {at}") for at in range(100)])
    assert (loads, saves) == ([100], [100])


# Wix says: wait


def test_a_429_lets_the_site_wait_as_long_as_wix_says_and_no_other_one(provider: Provider) -> None:
    row, later = an_entity_row(), an_entity_row("invoice 2")
    provider.wix.script("report", ItemResult(ResultKind.RATE_LIMITED, "wix 429", "request 1", retry_after=90.0))
    provider.delivers(row)
    now = provider.clock.now()
    assert (provider.site().waits_until, provider.site().state) == (now + 90 * SECOND, SiteState.ACTIVE)
    after = provider.entity(row)
    assert (after.state, after.attempts, after.next_attempt_at) == (State.RETRYING, 0, now + 90 * SECOND)
    provider.wix.calls.clear()
    provider.delivers(later, an_occurrence("elsewhere", None, site=OTHER_SITE))
    assert [call.site for call in provider.wix.calls] == [OTHER_SITE]
    assert (provider.entity(later).next_attempt_at or 0) >= now + 90 * SECOND


def test_however_long_wix_lets_a_site_wait_no_event_of_it_is_given_up(provider: Provider) -> None:
    row = an_entity_row(due_at=DUE + 90 * DAY)
    provider.knows(row)
    provider.queue.append(Message(row.key, row.revision, SITE))
    for _ in range(60):
        provider.wix.script("report", ItemResult(ResultKind.RATE_LIMITED, "wix 429"))
        provider.deliver()
        provider.clock.wait(HOUR)
        provider.recover.run()
    assert provider.entity(row).state is State.RETRYING
    assert not isinstance(row, RealtimeEvent)


# Wix says nothing


def test_a_site_for_which_no_answer_comes_in_time_holds_up_one_worker_and_no_more(provider: Provider) -> None:
    row, later = an_entity_row(), an_entity_row("invoice 2")
    provider.wix.script("report", ItemResult(ResultKind.RETRY, TIMED_OUT))
    provider.delivers(row)
    waits_until = provider.clock.now() + 15 * SECOND
    after = provider.entity(row)
    assert (after.state, after.attempts) == (State.RETRYING, 1)
    assert (after.next_attempt_at or 0) >= waits_until
    provider.wix.calls.clear()
    provider.delivers(later, an_occurrence("elsewhere", None, site=OTHER_SITE))
    assert [call.site for call in provider.wix.calls] == [OTHER_SITE]
    assert provider.entity(later).attempts == 0
    assert (provider.entity(later).next_attempt_at or 0) >= waits_until


def test_a_site_that_was_silent_is_tried_again_and_all_that_waited_goes_out(provider: Provider) -> None:
    rows = [an_entity_row(f"invoice {number}") for number in range(3)]
    provider.wix.script("report", ItemResult(ResultKind.RETRY, TIMED_OUT))
    provider.delivers(rows[0])
    provider.delivers(*rows[1:])
    for _ in range(3):
        provider.minute()
    assert {provider.entity(row).state for row in rows} == {State.REPORTED}
    assert provider.site().consecutive_timeouts == 0
