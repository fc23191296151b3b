"""How requests come in: by a queue that brings them again, a bus that tries three times, callers that try once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

from tests.proof.simulation.fault_injection import FaultInjection
from tests.proof.simulation.figures import INBOX_RECEIVES, INBOX_VISIBILITY, INTAKE_TIMEOUT, WORKERS
from tests.proof.simulation.journal import Journal
from tests.proof.simulation.queues import Batch, Queue
from tests.proof.simulation.requests import Ask, Way
from tests.proof.simulation.scheduler import Scheduler
from trigger_provider.domain.durations import MINUTE
from trigger_provider.domain.ledger.rows import RequestOutcome
from trigger_provider.use_cases.intake.accept import Accept

_BUS_TRIES: Final = 3
_ONE_CALL: Final = 200


class Sources:
    """All ways in. What was tried in vain lies in `given_up`, until a person brings it again."""

    def __init__(self, scheduler: Scheduler, fault_injection: FaultInjection, journal: Journal, accept: Accept) -> None:
        self.given_up: list[Ask] = []
        self._scheduler = scheduler
        self._journal = journal
        self._accept = accept
        self._pending = 0
        self._inbox: Queue[Ask] = Queue(
            scheduler,
            fault_injection,
            self._take_batch,
            INBOX_VISIBILITY,
            WORKERS,
            INBOX_RECEIVES,
            self.given_up.append,
        )

    @property
    def are_empty(self) -> bool:
        """Return whether nothing is on its way in, or lies about."""
        return self._inbox.is_empty and not self._pending and not self.given_up

    def open(self, asks: Iterable[Ask]) -> None:
        """Let requests arrive in their time; what one caller asks at once is one call."""
        for (way, _), together in groupby(asks, lambda item: (item.way, item.at // _ONE_CALL)):
            some = list(together)
            self._pending += 1
            self._scheduler.at(some[0].at, lambda way=way, some=some: self._arrive(way, some))  # type: ignore[misc]

    def redrive(self) -> None:
        """Send again what the source gave up."""
        again, self.given_up[:] = list(self.given_up), ()
        self._pending += 1
        self._arrive(Way.INBOX, again)

    def _arrive(self, way: Way, asks: Sequence[Ask]) -> None:
        self._pending -= 1
        if way is Way.CALLER:
            self._scheduler.start("intake of a call", INTAKE_TIMEOUT, lambda: self._left_of(asks))
        for ask in asks:
            if way is Way.INBOX:
                self._inbox.put(ask)
            elif way is Way.BUS:
                self._pending += 1
                self._try(ask, 1)

    def _try(self, ask: Ask, tries: int) -> None:
        """Let the bus try once, and again later if that came to nothing."""

        def run() -> None:
            left = [ask]
            try:
                left = self._left_of([ask])
            finally:
                if left:
                    self._pending += 1
                    self._scheduler.at(self._scheduler.now() + tries * MINUTE, lambda: self._try(ask, tries + 1))

        self._pending -= 1
        if tries > _BUS_TRIES:
            self.given_up.append(ask)
        else:
            self._scheduler.start("intake of an event", INTAKE_TIMEOUT, run)

    def _take_batch(self, batch: Batch[Ask]) -> None:
        """Let a function take a batch of the inbox."""

        def run() -> None:
            failed = None
            try:
                left = self._left_of([received.body for received in batch])
                failed = {received.number for received in batch if received.body in left}
            finally:
                self._inbox.ended(batch, failed)

        self._scheduler.start("intake of a batch", INTAKE_TIMEOUT, run)

    def _left_of(self, asks: Sequence[Ask]) -> list[Ask]:
        """Process requests. Return those that must come again."""
        results = self._accept.submit([ask.request for ask in asks])
        for ask, result in zip(asks, results, strict=True):
            ask.outcomes.append(result.outcome)
            self._journal.say(lambda ask=ask, result=result: f"{ask}: {result.outcome}")  # type: ignore[misc]
        return [ask for ask, result in zip(asks, results, strict=True) if result.outcome is RequestOutcome.RETRY]
