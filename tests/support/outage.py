"""The use cases over a clock that is turned by hand, while Wix or the ledger is away."""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count

from tests.support.builders import POLICY, RETENTION
from tests.support.fixed_clock import FixedClock
from tests.support.memory_automations import MemoryAutomations
from tests.support.memory_ledger import MemoryLedger
from tests.support.rows import APP
from tests.support.site_builders import a_recovery, an_admission
from tests.support.template import properties, timing
from trigger_provider.domain.delivery.messages import Message
from trigger_provider.domain.delivery.results import EventReport, ItemResult, ResultKind
from trigger_provider.domain.durations import MINUTE, SECOND
from trigger_provider.errors import LedgerUnavailable
from trigger_provider.use_cases.delivery.dead_letters import DeadLetters
from trigger_provider.use_cases.delivery.deliver import Deliver, Delivery
from trigger_provider.use_cases.intake.accept import Accept

BATCH = 100
MOST_RECEIVES: int = properties("DeliveryQueue")["RedrivePolicy"]["maxReceiveCount"]
HIDDEN: int = timing("DeliveryVisibility") * SECOND


@dataclass(eq=False)
class QueuedMessage:
    """A message on the queue; each is itself, however alike another is."""

    message: Message
    sent_at: int
    visible_at: int
    receives: int = 0


@dataclass
class Queue:
    """The delivery queue and its dead letters, until somebody sees to them; `died` counts all. It keeps `Outbox`."""

    clock: FixedClock
    letters: list[QueuedMessage] = field(default_factory=list)
    dead: list[QueuedMessage] = field(default_factory=list)
    died: int = 0

    def send(self, messages: Sequence[Message]) -> None:
        now = self.clock.now()
        self.letters += [QueuedMessage(message, now, now) for message in messages]

    def received(self) -> list[QueuedMessage]:
        visible = [letter for letter in self.letters if letter.visible_at <= self.clock.now()]
        dead = [letter for letter in visible if letter.receives >= MOST_RECEIVES]
        self.dead, self.died = self.dead + dead, self.died + len(dead)
        batch = [letter for letter in visible if letter.receives < MOST_RECEIVES][:BATCH]
        gone = {*batch, *dead}
        self.letters = [letter for letter in self.letters if letter not in gone]
        return batch


@dataclass
class Wix:
    """Wix, which answers 503 to everything until a certain time. It keeps `AutomationsApi`."""

    clock: FixedClock
    is_back_at: int
    wix: MemoryAutomations = field(default_factory=MemoryAutomations)
    calls: int = 0

    def report(self, site: str, trigger: str, reports: Sequence[EventReport], deadline: int) -> Sequence[ItemResult]:
        self.calls += 1
        if self.clock.now() < self.is_back_at:
            return [ItemResult(ResultKind.RETRY, "wix 503")] * len(reports)
        return self.wix.report(site, trigger, reports, deadline)

    def cancel(self, site: str, trigger: str, event_ids: Sequence[str], deadline: int) -> Sequence[ItemResult]:
        self.calls += 1
        if self.clock.now() < self.is_back_at:
            return [ItemResult(ResultKind.RETRY, "wix 503")] * len(event_ids)
        return self.wix.cancel(site, trigger, event_ids, deadline)


class World:
    """The use cases, and the time that passes second by second; `wix` and `ledger` are away for so long each."""

    def __init__(self, *, wix: int = 0, ledger: int = 0) -> None:
        chance, tokens = random.Random(1), count()  # noqa: S311 - to be the same in every run
        self.clock = FixedClock()
        self.ledger, self.queue = MemoryLedger(), Queue(self.clock)
        self.wix = Wix(self.clock, self.clock.now() + wix)
        self.ledger_is_back_at = self.clock.now() + ledger
        new_token = lambda: str(next(tokens))  # noqa: E731 - a name for what three of them take
        self.accept = Accept(self.ledger, self.queue, self.clock, new_token, RETENTION)
        self.recover = a_recovery(self.ledger, self.queue, self.clock, new_token, 500)
        self.dead_letters = DeadLetters(self.ledger, self.clock, new_token, RETENTION)
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
        """Let the time pass; delivery has ten workers, recovery runs each minute, and dead letters are seen to."""
        while self.clock.now() < end:
            self.ledger.down = self.clock.now() < self.ledger_is_back_at
            for _ in range(10):
                self._deliver_a_batch()
            if self.clock.now() % MINUTE < SECOND:
                with suppress(LedgerUnavailable):
                    self.recover.run()
                with suppress(LedgerUnavailable):
                    self._dead_letters()
            self.clock.wait(SECOND)

    def _deliver_a_batch(self) -> None:
        if not (batch := self.queue.received()):
            return
        now = self.clock.now()
        deliveries = [
            Delivery(letter.message.key, letter.message.revision, letter.sent_at, letter.receives + 1)
            for letter in batch
        ]
        for letter, wait in zip(batch, self._waits(deliveries), strict=True):
            if wait is not None:
                again = QueuedMessage(letter.message, letter.sent_at, now + wait, letter.receives + 1)
                self.queue.letters.append(again)

    def _waits(self, deliveries: list[Delivery]) -> Sequence[int | None]:
        try:
            return self.deliver.process(deliveries, self.clock.now() + 30 * SECOND).give_back
        except LedgerUnavailable:
            return [HIDDEN] * len(deliveries)

    def _dead_letters(self) -> None:
        self.dead_letters.handle([(letter.message.key, letter.message.revision) for letter in self.queue.dead])
        self.queue.dead = []
