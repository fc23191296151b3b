"""Many workers on one busy site: each with a delivery and a Wix client of its own, over one ledger, one queue, one Wix.

The caller chooses the clock. If the clock stands still until a test sets it, eight threads do everything that can
happen at one moment, before the next second begins.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from typing import Any

from aws_lambda_powertools.utilities.parameters import SecretsProvider

from tests.sandbox.wix import WixSandbox
from tests.sandbox.wix.samples import APP, SITE
from tests.support.builders import POLICY, RETENTION, an_occurrence
from tests.support.memory_ledger import MemoryLedger
from tests.support.wix_harness import CONNECT, GOOD_SECRET, KEY_TTL_MS, READ, Secrets, patient_session
from trigger_provider.adapters.wix.automations import WixAutomations
from trigger_provider.adapters.wix.secret import WixSecret
from trigger_provider.adapters.wix.token_cache import TokenCache
from trigger_provider.domain.delivery.messages import Message
from trigger_provider.domain.durations import MINUTE, SECOND
from trigger_provider.domain.ledger.rows import RealtimeEvent, Row, RowKey, State, Waiting
from trigger_provider.use_cases.delivery.admission import Admission
from trigger_provider.use_cases.delivery.deliver import Deliver, Delivery
from trigger_provider.use_cases.ports.clock import Clock
from trigger_provider.use_cases.ports.ledger import Sites
from trigger_provider.use_cases.recovery.recover import Recover
from trigger_provider.use_cases.recovery.requeue import Requeue
from trigger_provider.use_cases.recovery.resume_sites import ResumeSites

HERE = SITE.instance_id
WORKERS = 8
_BATCH = 100
_TIMEOUT = 60 * SECOND


class SharedLedger(MemoryLedger):
    """A ledger in memory for many threads."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.RLock()

    def load_many(self, keys: Iterable[RowKey]) -> Mapping[RowKey, Row]:
        with self._lock:
            return super().load_many(keys)

    def save_many(self, rows: Sequence[Row]) -> frozenset[RowKey]:
        with self._lock:
            return super().save_many(rows)

    def end_waits(self, waiting: Sequence[Waiting], token: str) -> frozenset[RowKey]:
        with self._lock:
            return super().end_waits(waiting, token)


@dataclass
class SharedQueue:
    """A queue for many threads. It keeps the port `Outbox`."""

    clock: Clock
    _letters: list[tuple[int, int, Message]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, messages: Sequence[Message]) -> None:
        now = self.clock.now()
        with self._lock:
            for message in messages:
                heappush(self._letters, (now + message.delay * SECOND, next(self._numbers), message))

    def received(self) -> list[Message]:
        now, batch = self.clock.now(), list[Message]()
        with self._lock:
            while self._letters and self._letters[0][0] <= now and len(batch) < _BATCH:
                batch.append(heappop(self._letters)[2])
        return batch


@dataclass
class BusySite:
    """The site, and the workers for it. Where the clock stands still, no call may be cut off by the real time."""

    wix: WixSandbox
    clock: Clock
    new_sites: Callable[[], Sites]
    most: int
    new_session: Callable[[int], Any] = patient_session

    def __post_init__(self) -> None:
        self._tokens = map(str, count())
        self.ledger, self.queue = SharedLedger(), SharedQueue(self.clock)
        self.workers = [self._worker() for _ in range(WORKERS)]
        requeue = Requeue(self.ledger, self.queue, self.clock, self._token)
        self.recover = Recover(requeue, ResumeSites(requeue, self.new_sites(), POLICY, 20_000), 3_000, _TIMEOUT, MINUTE)

    def has(self, events: int) -> None:
        """Let so many events be accepted at once."""
        rows = [an_event(number) for number in range(events)]
        self.ledger.rows |= {row.key: row for row in rows}
        self.queue.send([Message(row.key, row.revision, row.site) for row in rows])

    def work(self) -> None:
        """Let all workers work at once, until no message is left that may be received now."""
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(self.work_alone, self.workers))

    def work_alone(self, deliver: Deliver) -> None:
        """Let one worker work until no message is left that may be received now."""
        while batch := self.queue.received():
            now = self.clock.now()
            delivered = deliver.process(
                [Delivery(message.key, message.revision, now) for message in batch], now + _TIMEOUT
            )
            again = [message for message, wait in zip(batch, delivered.give_back, strict=True) if wait is not None]
            self.queue.send([Message(message.key, message.revision, message.site, delay=2) for message in again])

    def reported(self) -> int:
        """Return how many events Wix has acknowledged."""
        return sum(row.state is State.REPORTED for row in list(self.ledger.rows.values()))

    def _worker(self) -> Deliver:
        admission = Admission(self.new_sites(), self.clock, self._token, self.most, RETENTION)
        client: Any = Secrets(GOOD_SECRET)
        secret = WixSecret(SecretsProvider(boto3_client=client), "wix-app", APP.app_id, self.clock)
        http, timeouts = self.new_session(4), (CONNECT, READ)
        permits = admission.permits
        tokens = TokenCache(http, self.wix.url, secret, self.clock, timeouts, permits)
        api = WixAutomations(http, self.wix.url, tokens, self.clock, timeouts, KEY_TTL_MS, admission.permits)
        return Deliver(
            ledger=self.ledger, automations=api, clock=self.clock, jitter=lambda: 0.5, new_token=self._token,
            policy=POLICY, app_id=APP.app_id, intake_window=15 * SECOND, admission=admission,
        )  # fmt: skip

    def _token(self) -> str:
        return next(self._tokens)


def an_event(number: int) -> RealtimeEvent:
    """Return a real-time event of the site that was just accepted."""
    return an_occurrence(f"event {number}", None, site=HERE, trigger="page_visited", payload='{"page":"/"}')
