"""The gate over a whole life: what is accepted and delivered, and what Wix is told when it asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

import pytest

from tests.support.builders import (
    DUE,
    OTHER_PAYLOAD,
    PAYLOAD,
    POLICY,
    REFUSED,
    RETENTION,
    RETRY,
    a_cancel,
    a_change,
    a_report,
    a_scheduled_cancel,
)
from tests.support.fixed_clock import FixedClock
from tests.support.memory_automations import MemoryAutomations
from tests.support.memory_event_finder import MemoryEvents
from tests.support.memory_ledger import MemoryLedger
from tests.support.memory_outbox import MemoryOutbox
from tests.support.rows import APP, SITE, TRIGGER
from tests.support.site_builders import an_admission
from trigger_provider.domain.durations import SECOND
from trigger_provider.domain.gate import GateAnswer, Reason, RefreshQuery
from trigger_provider.domain.intake.commands import TriggerRequest
from trigger_provider.domain.ledger.rows import RequestOutcome, State
from trigger_provider.errors import LedgerUnavailable
from trigger_provider.use_cases.concurrency import Item, Result
from trigger_provider.use_cases.delivery.dead_letters import DeadLetters
from trigger_provider.use_cases.delivery.deliver import Deliver, Delivery
from trigger_provider.use_cases.gate import RefreshPayload
from trigger_provider.use_cases.intake.accept import Accept, Accepted

THIRD_PAYLOAD = '{"amount":3}'


@dataclass
class Provider:
    """Intake, delivery and the gate over one ledger."""

    clock: FixedClock = field(default_factory=FixedClock)
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    outbox: MemoryOutbox = field(default_factory=MemoryOutbox)

    def __post_init__(self) -> None:
        tokens = (f"token {number}" for number in count())
        self.wix = MemoryAutomations(self.clock)
        self.accept = Accept(self.ledger, self.outbox, self.clock, lambda: next(tokens), RETENTION)
        self.deliver_batch = Deliver(
            self.ledger,
            self.wix,
            self.clock,
            lambda: 0.5,
            lambda: next(tokens),
            POLICY,
            APP,
            15 * SECOND,
            an_admission(self.clock),
        )
        self.refresh = RefreshPayload(MemoryEvents(self.ledger))

    def take(self, *requests: TriggerRequest) -> list[Accepted]:
        return self.accept.submit(requests)

    def deliver(self) -> None:
        """Deliver every row that is on its way or waits for something, as its message would ask for."""
        rows = list(self.ledger.rows.values())
        self.deliver_batch.process(
            [Delivery(row.key, row.revision, self.clock.now()) for row in rows], self.clock.now() + 30 * SECOND
        )

    def live(self) -> list[str]:
        return [report.event_id for report in self.wix.live(SITE, TRIGGER)]

    def ask(self, event: str) -> GateAnswer:
        return self.refresh.answer(RefreshQuery(event, TRIGGER, SITE))

    def states(self) -> list[State]:
        return [row.state for row in self.ledger.rows.values()]


def gated(version: int, payload: str = PAYLOAD, due_at: int = DUE) -> TriggerRequest:
    return a_change(version, payload=payload, due_at=due_at, is_gated=True)


def test_a_payload_that_changes_after_the_report_is_given_at_the_gate_and_wix_is_not_called_again() -> None:
    provider = Provider()
    provider.take(gated(1))
    provider.deliver()
    (accepted,) = provider.take(gated(2, OTHER_PAYLOAD))
    provider.deliver()

    assert (accepted.outcome, accepted.reason) == (RequestOutcome.ACCEPTED, "the gate will give this payload")
    assert [call.operation for call in provider.wix.calls] == ["report"]
    (event,) = provider.live()
    assert accepted.event_id == event
    assert provider.ask(event) == GateAnswer(Reason.NEWEST, OTHER_PAYLOAD)
    assert [message.revision for message in provider.outbox.sent] == [1]


def test_a_payload_that_changes_before_the_report_begins_a_generation_after_a_cancel_of_the_one_before() -> None:
    provider = Provider()
    provider.take(gated(1))
    provider.take(gated(2, OTHER_PAYLOAD))
    provider.deliver()

    assert [report.payload for report in provider.wix.live(SITE, TRIGGER)] == [OTHER_PAYLOAD]
    assert [call.operation for call in provider.wix.calls] == ["cancel", "report"]


def test_a_payload_that_changes_before_the_report_survives_the_workers_that_died_on_the_one_before() -> None:
    provider = Provider()
    provider.take(gated(1))
    (row,) = provider.ledger.rows.values()
    provider.take(gated(2, OTHER_PAYLOAD))
    DeadLetters(provider.ledger, provider.clock, lambda: "token", RETENTION).handle([(row.key, row.revision)])

    assert provider.states() == [State.PENDING]
    assert [message.revision for message in provider.outbox.sent] == [1, 2]


def test_a_payload_that_changes_in_the_same_batch_is_reported_at_once_and_has_its_message() -> None:
    provider = Provider()
    provider.take(gated(1), gated(2, OTHER_PAYLOAD))
    provider.deliver()

    assert len(provider.outbox.sent) == 1
    assert [report.payload for report in provider.wix.live(SITE, TRIGGER)] == [OTHER_PAYLOAD]


def test_after_a_lost_answer_another_payload_is_another_event_and_the_one_before_is_cancelled() -> None:
    """Under the same key Wix would take the second report for a copy of the first, and keep its payload."""
    provider = Provider()
    provider.wix.script("report", RETRY, takes_effect=True)
    provider.take(gated(1))
    provider.deliver()
    provider.take(gated(2, OTHER_PAYLOAD))
    provider.deliver()

    assert [report.payload for report in provider.wix.live(SITE, TRIGGER)] == [OTHER_PAYLOAD]
    assert provider.states() == [State.REPORTED]
    assert provider.ask(provider.live()[0]) == GateAnswer(Reason.NEWEST, OTHER_PAYLOAD)


def test_a_payload_that_wix_refuses_makes_way_for_the_one_that_came_meanwhile() -> None:
    provider = Provider()
    provider.take(gated(1))
    (row,) = provider.ledger.rows.values()

    def slowly(do: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
        """Call Wix, while the next change comes in."""
        provider.take(gated(2, OTHER_PAYLOAD))
        return [do(item) for item in items]

    provider.wix.script("report", REFUSED)
    slow = replace(provider.deliver_batch, spread=slowly)
    slow.process([Delivery(row.key, 1, provider.clock.now())], provider.clock.now() + 30 * SECOND)
    assert provider.states() == [State.PENDING]
    provider.deliver()

    (live,) = provider.wix.live(SITE, TRIGGER)
    assert live.payload == OTHER_PAYLOAD
    assert provider.states() == [State.REPORTED]


def test_a_date_that_moves_is_cancelled_and_reported_and_the_older_event_does_not_pass() -> None:
    provider = Provider()
    provider.take(gated(1))
    provider.deliver()
    (first,) = provider.live()
    provider.take(gated(2, OTHER_PAYLOAD, DUE + SECOND))

    assert provider.ask(first) == GateAnswer(Reason.SUPERSEDED)
    provider.deliver()
    (second,) = provider.live()
    assert (provider.ask(first).payload, provider.ask(second).payload) == (None, OTHER_PAYLOAD)


def test_a_cancel_that_wix_has_not_heard_of_yet_holds_at_the_gate() -> None:
    provider = Provider()
    provider.take(a_change(1))
    provider.deliver()
    (event,) = provider.live()
    provider.take(a_scheduled_cancel(2))

    assert provider.ask(event) == GateAnswer(Reason.CANCELLED)


def test_a_change_that_wix_can_not_be_told_of_holds_at_the_gate() -> None:
    """Its cancel is refused, so the older event stays live and nothing is reported over it."""
    provider = Provider()
    provider.take(a_change(1))
    provider.deliver()
    (event,) = provider.live()
    provider.wix.script("cancel", REFUSED)
    provider.take(a_change(2, payload=THIRD_PAYLOAD))
    provider.deliver()

    assert provider.states() == [State.FAILED]
    assert (provider.live(), provider.ask(event)) == ([event], GateAnswer(Reason.SUPERSEDED))


def test_a_cancel_of_occurrences_holds_at_the_gate_for_all_up_to_its_version() -> None:
    provider = Provider()
    provider.take(a_report("visit 1", version=1), a_report("visit 2", version=5))
    provider.deliver()
    first, second = provider.live()
    provider.take(a_cancel(3))

    assert (provider.ask(first), provider.ask(second).because) == (GateAnswer(Reason.CANCELLED), Reason.NEWEST)


@pytest.mark.parametrize("event", ["", "invoice 1", "not-a-guid", "2f1a0273-9d0c-5d0a-8f5e-00000000000g"])
def test_an_id_that_is_no_guid_is_not_looked_for(event: str) -> None:
    provider = Provider()
    provider.ledger.down = True

    assert provider.ask(event).because is Reason.UNKNOWN


def test_without_the_ledger_there_is_no_answer() -> None:
    provider = Provider()
    provider.ledger.down = True

    with pytest.raises(LedgerUnavailable):
        provider.ask("2f1a0273-9d0c-5d0a-8f5e-000000000003")
