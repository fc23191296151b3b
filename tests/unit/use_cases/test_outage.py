"""Half an hour without Wix, at a thousand events: the use cases over a clock that is turned by hand."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

import pytest

from tests.support.builders import POLICY, RETENTION, a_change, a_report
from tests.support.fixed_clock import FixedClock
from tests.support.memory_automations import MemoryAutomations
from tests.support.memory_ledger import MemoryLedger
from tests.support.rows import APP
from tests.support.site_care import a_recovery, an_admission
from tests.support.template import properties
from trigger_provider.decisions.policy import HOUR, MINUTE, SECOND
from trigger_provider.events import State
from trigger_provider.outgoing import Message
from trigger_provider.trigger_requests import TriggerRequest
from trigger_provider.use_cases.accept import Accept
from trigger_provider.use_cases.deliver import Deliver, Delivery
from trigger_provider.wix_calls import Answer, EventReport, Verdict

EVENTS = 1_000
OUTAGE = 30 * MINUTE
BATCH = 100
MOST_RECEIVES: int = properties("DeliveryQueue")["RedrivePolicy"]["maxReceiveCount"]


@dataclass
class Letter:
    """A message on the queue."""

    message: Message
    sent_at: int
    visible_at: int
    receives: int = 0


@dataclass
class Queue:
    """The delivery queue and its dead letters. It keeps `Outbox`."""

    clock: FixedClock
    letters: list[Letter] = field(default_factory=list)
    dead: list[Letter] = field(default_factory=list)

    def send(self, messages: Sequence[Message]) -> None:
        now = self.clock.now()
        self.letters += [Letter(message, now, now) for message in messages]

    def received(self) -> list[Letter]:
        visible = [letter for letter in self.letters if letter.visible_at <= self.clock.now()]
        self.dead += [letter for letter in visible if letter.receives >= MOST_RECEIVES]
        batch = [letter for letter in visible if letter.receives < MOST_RECEIVES][:BATCH]
        self.letters = [letter for letter in self.letters if letter not in batch and letter not in self.dead]
        return batch


@dataclass
class Wix:
    """Wix, which answers 503 to everything until a certain time. It keeps `AutomationsApi`."""

    clock: FixedClock
    is_back_at: int
    wix: MemoryAutomations = field(default_factory=MemoryAutomations)
    calls: int = 0

    def report(self, site: str, trigger: str, reports: Sequence[EventReport], deadline: int) -> Sequence[Answer]:
        self.calls += 1
        if self.clock.now() < self.is_back_at:
            return [Answer(Verdict.RETRY, "wix 503")] * len(reports)
        return self.wix.report(site, trigger, reports, deadline)

    def cancel(self, site: str, trigger: str, event_ids: Sequence[str], deadline: int) -> Sequence[Answer]:
        self.calls += 1
        if self.clock.now() < self.is_back_at:
            return [Answer(Verdict.RETRY, "wix 503")] * len(event_ids)
        return self.wix.cancel(site, trigger, event_ids, deadline)


class World:
    """The use cases, and the time that passes second by second."""

    def __init__(self) -> None:
        chance, tokens = random.Random(1), count()  # noqa: S311 - to be the same in every run
        self.clock = FixedClock()
        self.ledger, self.queue = MemoryLedger(), Queue(self.clock)
        self.wix = Wix(self.clock, self.clock.now() + OUTAGE)
        new_token = lambda: str(next(tokens))  # noqa: E731 - a name for what three of them take
        self.accept = Accept(self.ledger, self.queue, self.clock, new_token, RETENTION)
        self.recover = a_recovery(self.ledger, self.queue, self.clock, new_token, 500)
        self.deliver = Deliver(
            ledger=self.ledger,
            automations=self.wix,
            clock=self.clock,
            jitter=chance.random,
            new_token=new_token,
            policy=POLICY,
            app_id=APP,
            intake_window=15 * SECOND,
            admission=an_admission(self.clock),
        )

    def pass_until(self, end: int) -> None:
        """Let the time pass; delivery has ten workers, and recovery runs each minute."""
        while self.clock.now() < end:
            for _ in range(10):
                self._deliver_a_batch()
            if self.clock.now() % MINUTE < SECOND:
                self.recover()
            self.clock.wait(SECOND)

    def _deliver_a_batch(self) -> None:
        if not (batch := self.queue.received()):
            return
        now = self.clock.now()
        deliveries = [Delivery(one.message.key, one.message.revision, one.sent_at, one.receives + 1) for one in batch]
        for letter, wait in zip(batch, self.deliver(deliveries, now + 30 * SECOND).give_back, strict=True):
            if wait is not None:
                again = Letter(letter.message, letter.sent_at, now + wait, letter.receives + 1)
                self.queue.letters.append(again)


@pytest.fixture(scope="module")
def world() -> World:
    """Give the world an hour after Wix has come back."""
    world = World()
    half = EVENTS // 2
    requests: list[TriggerRequest] = [a_report(f"visit {number}", None) for number in range(half)]
    requests += [a_change(entity=f"invoice {number}") for number in range(half)]
    for start in range(0, EVENTS, BATCH):
        world.accept(requests[start : start + BATCH])
    world.pass_until(world.wix.is_back_at + HOUR)
    return world


def test_an_outage_of_half_an_hour_ends_with_every_event_reported(world: World) -> None:
    assert len(world.ledger.rows) == EVENTS
    assert {row.state for row in world.ledger.rows.values()} == {State.REPORTED}
    assert all(row.again_at is None for row in world.ledger.rows.values())


def test_no_message_lies_in_a_dead_letter_queue_after_it_and_none_is_left(world: World) -> None:
    assert (world.queue.dead, world.queue.letters) == ([], [])


def test_the_back_off_keeps_the_calls_far_below_the_events(world: World) -> None:
    """One site and one trigger: all that wait at the same time go in one call."""
    assert world.wix.calls < EVENTS
