"""The world of one seed: it constructs all parts, runs them, and observes them until they are at rest."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import count
from random import Random
from typing import Final

from tests.proof.simulation.call_rules import CallRules
from tests.proof.simulation.connection import Connection
from tests.proof.simulation.fault_injection import FaultInjection, Place
from tests.proof.simulation.figures import (
    DEAD_LETTERS_TIMEOUT,
    DEAD_VISIBILITY,
    DELIVER_TIMEOUT,
    DELIVERY_RECEIVES,
    DELIVERY_VISIBILITY,
    PATIENCE,
    RECOVER_TIMEOUT,
    RETENTION,
    SETTLE_RESERVE,
    WORKERS,
)
from tests.proof.simulation.functions import Handler, ObservedDeliver, SimulatedOutbox, SimulatedOutcomes, invocation
from tests.proof.simulation.journal import Journal
from tests.proof.simulation.ledger import LAG, SimulatedLedger
from tests.proof.simulation.observer import ObservedAutomations, Observer
from tests.proof.simulation.owners import Owners
from tests.proof.simulation.parts import SOUND, Parts
from tests.proof.simulation.queues import Queue
from tests.proof.simulation.requests import APP, Ask
from tests.proof.simulation.scheduler import START, Scheduler
from tests.proof.simulation.sites import SimulatedSites
from tests.proof.simulation.sources import Sources
from tests.proof.simulation.wix import SimulatedWix
from tests.support.memory_walk import MemoryWalk
from trigger_provider.adapters.sqs.delivery_queue import decode
from trigger_provider.domain.durations import HOUR, MINUTE
from trigger_provider.entrypoints.dead_letters import DeadLettersHandler
from trigger_provider.entrypoints.deliver import DeliveryHandler
from trigger_provider.errors import LedgerUnavailable, OutcomesUnavailable, QueueUnavailable, TriggerProviderError
from trigger_provider.use_cases.concurrency import Item, Result
from trigger_provider.use_cases.delivery.admission import Admission
from trigger_provider.use_cases.delivery.dead_letters import DeadLetters
from trigger_provider.use_cases.intake.accept import Accept
from trigger_provider.use_cases.recovery.recover import Recover
from trigger_provider.use_cases.recovery.requeue import Requeue
from trigger_provider.use_cases.recovery.resume_sites import ResumeSites
from trigger_provider.use_cases.recovery.walk import Walk
from trigger_provider.use_cases.sites.installation import Installation

_MOST_WAITING: Final = 20
_DAMAGED: Final = 0.25
_LONG_LAG: Final = 5 * MINUTE
_EVERY_MINUTES: Final = 20
_A_WALK: Final = 56 * HOUR
"""How long after the last fault everything that was overlooked is found and delivered.

Two days, the six hours before an early walk, and two for delivery.
"""
_MOST_CALLS: Final = (12, 60, 195, 195)
_FAULT_INJECTION_LASTS: Final = 2 * MINUTE


class World:
    """One run. `asks` are all requests, in the order of time; the faults with the numbers in `spared` don't happen."""

    def __init__(
        self, seed: int, roll: int, asks: Sequence[Ask], parts: Parts = SOUND, spared: Collection[int] = (),
        *, tells: bool = False,
    ) -> None:  # fmt: skip
        chance = Random(f"world {seed} {roll}")  # noqa: S311 - a test's chance
        self._damages = Random(f"damages {seed}")  # noqa: S311 - a test's chance
        self._walks_until = 0
        self._is_index_late = self._damages.random() < _DAMAGED
        self.are_messages_lost = self._damages.random() < _DAMAGED
        self.asks = asks
        self.scheduler = Scheduler(chance)
        self.fault_injection = FaultInjection(seed, chance, spared)
        self.journal = Journal(self.scheduler, tells=tells)
        self.observer = Observer(self.scheduler, self.journal)
        self.ledger = SimulatedLedger(
            self._connection(Place.LEDGER, LedgerUnavailable), self.fault_injection, self.observer.saw_save,
            lag=_LONG_LAG if self._is_index_late else LAG,
        )  # fmt: skip
        self.sites = SimulatedSites(self._connection(Place.LEDGER, LedgerUnavailable))
        self._tokens = count(1)
        most = chance.choice(_MOST_CALLS)
        self._admission = Admission(parts.sites(self.sites), self.scheduler, self._new_token, most, RETENTION)
        self.call_rules = CallRules(self.scheduler, self._admission.permits, most)
        self.wix = SimulatedWix(self.scheduler, self.fault_injection, self.journal, self.call_rules)
        installation = Installation(self.sites, self.scheduler, self._new_token, RETENTION)
        self.owners = Owners(seed, self.scheduler, self.journal, installation, self.wix.drop)
        self.call_rules.closed, self.call_rules.rows = self.owners.closed, self.sites.rows
        self.outcomes = SimulatedOutcomes(self._connection(Place.OUTCOMES, OutcomesUnavailable))
        self._is_over = False
        self._build(parts)

    @property
    def is_quiet(self) -> bool:
        """Return whether nothing will happen any more."""
        rests = (self._delivery.is_empty, self._dead.is_empty, self.sources.are_empty)
        return all(rests) and not (
            self.scheduler.alive or self.wix.flying or self.ledger.is_waited_in or self.sites.are_troubled
        )

    def run(self) -> None:
        """Let all requests come in while things go wrong; then mend everything, and wait until all is quiet."""
        self.sources.open(self.asks)
        self.owners.watch(self.asks)
        self._minute()
        if self._damages.random() < _DAMAGED:
            self.scheduler.at(START + self._damages.randint(1, MINUTE), self._damage)
        if self._damages.random() < _DAMAGED:
            self.scheduler.at(START + self._damages.randint(1, MINUTE), self._break)
        if self.are_messages_lost:
            self.scheduler.at(START + self._damages.randint(1, MINUTE), self._delivery.lose_all)
        last = self.asks[-1].at if self.asks else self.scheduler.now()
        peace = last + self.fault_injection.below(_FAULT_INJECTION_LASTS)
        self.scheduler.run(peace, lambda: False)
        self.journal.say(lambda: "from now on nothing goes wrong any more")
        self.fault_injection.clear_up()
        self.ledger.unavailable.clear()
        self.wix.breaking.clear()
        self.owners.relent()
        if self.are_messages_lost or self.owners.has_dropped or self._is_index_late:
            self._walks_until = peace + _A_WALK
        self.scheduler.run(max(peace, self._walks_until) + PATIENCE, lambda: self._is_over)

    def _minute(self) -> None:
        """Let recovery run. Once the faults are over, let a person send again what the sources have given up."""
        self.scheduler.at(self.scheduler.now() + MINUTE, self._minute)
        if self.fault_injection.is_over:
            self._is_over = self.is_quiet and self.scheduler.now() >= self._walks_until
            self.sources.redrive()
        if self.ledger.is_waited_in or self.sites.are_troubled:
            self.scheduler.start("recover", RECOVER_TIMEOUT, self._run_recovery)

        is_time = self.sites.are_troubled or self.scheduler.now() // MINUTE % _EVERY_MINUTES == 0
        if self._walks_until and is_time and not self._is_over:
            self.scheduler.start("walk", RECOVER_TIMEOUT, self._run_walk)

    def _run_walk(self) -> None:
        with self._judge("walk"):
            for error in self._walk.run(self.scheduler.now() + RECOVER_TIMEOUT // 2).requeued.errors:
                raise error

    def _run_recovery(self) -> None:
        with self._judge("recover"):
            recovered = self._recover.run()
            for error in recovered.errors:
                raise error

    @contextmanager
    def _judge(self, name: str) -> Iterator[None]:
        """Find it wrong if a function fails while every port has worked: one damaged row may fail no other."""
        faults = len(self.fault_injection.met)
        try:
            yield
        except Exception as error:
            if len(self.fault_injection.met) == faults:
                self.observer.wrong.append(f"{name} fails as a whole: {error}")
            raise

    def _break(self) -> None:
        """Let our client break on each answer for one site, until nothing goes wrong any more."""
        if not self.fault_injection.is_over:
            self.wix.breaking.add("site 1")

    def _damage(self) -> None:
        """Let one row be damaged, until nothing goes wrong any more."""
        if self.ledger.rows and not self.fault_injection.is_over:
            self.ledger.unavailable.add(self._damages.choice(sorted(self.ledger.rows)))

    def _build(self, parts: Parts) -> None:
        begin = partial(invocation, self.scheduler, self._judge)
        dead_letters = begin("dead letters", DEAD_LETTERS_TIMEOUT, lambda: self._dead, lambda: self._dead_letters)
        work = begin("worker", DELIVER_TIMEOUT, lambda: self._delivery, lambda: self._deliver)
        self._dead: Queue[str] = Queue(self.scheduler, self.fault_injection, dead_letters, DEAD_VISIBILITY, 1)
        self._delivery: Queue[str] = Queue(
            self.scheduler, self.fault_injection, work, DELIVERY_VISIBILITY, WORKERS, DELIVERY_RECEIVES, self._dead.put
        )
        self._outbox = SimulatedOutbox(self._connection(Place.QUEUE, QueueUnavailable), self._delivery)
        self.sources = Sources(self.scheduler, self.fault_injection, self.journal, self._accept(parts))
        self._deliver: Handler = self._delivery_of(parts)
        requeue = Requeue(
            *parts.recovery(self.ledger, self._outbox), self.scheduler, self._new_token, one_after_the_other
        )
        resume_sites = ResumeSites(requeue, self.sites, parts.policy, _MOST_WAITING, one_after_the_other)
        self._recover = Recover(requeue, resume_sites, _MOST_WAITING, RECOVER_TIMEOUT, MINUTE)
        self._walk = Walk(requeue, self.sites, MemoryWalk(self.ledger, 20), parts.policy, 100)
        last_retry = DeadLetters(self.ledger, self.scheduler, self._new_token, RETENTION, self.outcomes)
        self._dead_letters: Handler = DeadLettersHandler(last_retry, decode).handle

    def _accept(self, parts: Parts) -> Accept:
        ledger, outbox = parts.intake(self.ledger, self._outbox)
        return Accept(ledger, outbox, self.scheduler, self._new_token, RETENTION, self.sites)

    def _delivery_of(self, parts: Parts) -> Handler:
        deliver = ObservedDeliver(
            ledger=parts.delivery(self.ledger),
            automations=ObservedAutomations(parts.automations(self.wix), self.observer),
            clock=self.scheduler,
            jitter=self.fault_injection.jitter,
            new_token=self._new_token,
            policy=parts.policy,
            app_id=APP,
            intake_window=parts.intake_window,
            admission=self._admission,
            outcomes=self.outcomes,
            spread=one_after_the_other,
            observer=self.observer,
        )
        handler = DeliveryHandler(deliver, decode, self._outbox, self.scheduler, SETTLE_RESERVE, self.scheduler.pause)
        return partial(handler.handle, remaining=DELIVER_TIMEOUT)

    def _connection(self, place: Place, error: type[TriggerProviderError]) -> Connection:
        return Connection(place, self.scheduler, self.fault_injection, self.journal, error)

    def _new_token(self) -> str:
        return str(next(self._tokens))


def one_after_the_other(do: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    return [do(item) for item in items]
