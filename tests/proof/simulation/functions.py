"""The functions behind the delivery queue, as Lambda runs them: the entry points and use cases that ship."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import count
from typing import Any

from tests.proof.simulation.connection import Connection
from tests.proof.simulation.observer import Observer
from tests.proof.simulation.queues import Batch, Queue, Received
from tests.proof.simulation.scheduler import Scheduler
from trigger_provider.adapters.sqs.delivery_queue import encode
from trigger_provider.domain.delivery.messages import Message, OutcomeEvent
from trigger_provider.domain.ledger.rows import State
from trigger_provider.entrypoints.sqs_records import BatchResponse
from trigger_provider.observability.telemetry import metrics
from trigger_provider.use_cases.delivery.deliver import Deliver, Delivered, Delivery

Handler = Callable[[dict[str, Any]], BatchResponse]
Judge = Callable[[str], AbstractContextManager[None]]
"""Watches an invocation of a function of this name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedDeliver(Deliver):
    """Reports to the observer when a worker begins to load rows, and which rows. It ignores metrics."""

    observer: Observer

    def process(self, deliveries: Sequence[Delivery], deadline: int) -> Delivered:
        with self.observer.looking({delivery.key for delivery in deliveries}):
            delivered = Deliver.process(self, deliveries, deadline)
        metrics.clear_metrics()
        return delivered


class SimulatedOutbox:
    """Keeps the port `Outbox` and the port `ReceivedMessages`."""

    def __init__(self, line: Connection, queue: Queue[str]) -> None:
        self._connection = line
        self._queue = queue

    def send(self, messages: Sequence[Message]) -> None:
        self._connection.call("send", messages, self._put)

    def give_back(self, receipts: Sequence[tuple[str, int]]) -> None:
        self._connection.call("give back", receipts, self._queue.give_back)

    def done(self, receipts: Sequence[str]) -> None:
        self._connection.call("take off the queue", receipts, self._queue.done)

    def _put(self, messages: Sequence[Message]) -> None:
        for message in messages:
            self._queue.put(encode(message), message.delay)


class SimulatedOutcomes:
    """Keeps the port `Outcomes`: `published` are event ids, each with a state it was said to have ended in."""

    def __init__(self, line: Connection) -> None:
        self.published: set[tuple[str, State]] = set()
        self._connection = line

    def publish(self, outcomes: Sequence[OutcomeEvent]) -> None:
        self._connection.call("publish", outcomes, self._publish)

    def _publish(self, outcomes: Sequence[OutcomeEvent]) -> None:
        self.published.update((outcome.event_id, outcome.state) for outcome in outcomes)


def invocation(
    scheduler: Scheduler, judge: Judge, name: str, timeout: int, queue: Callable[[], Queue[str]],
    handler: Callable[[], Handler],
) -> Callable[[Batch[str]], None]:  # fmt: skip
    """Return a function that starts an invocation for a batch, and reports its end to the batch's queue."""
    numbers = count(1)

    def begin(batch: Batch[str]) -> None:
        def run() -> None:
            failed = None
            metrics.clear_metrics()
            try:
                with judge(name):
                    response = handler()({"Records": [_record(received) for received in batch]})
                failed = {failure["itemIdentifier"] for failure in response["batchItemFailures"]}
            finally:
                queue().ended(batch, failed)

        scheduler.start(f"{name} {next(numbers)}", timeout, run)

    return begin


def _record(received: Received[str]) -> dict[str, Any]:
    attributes = {"SentTimestamp": str(received.sent_at), "ApproximateReceiveCount": str(received.receives)}
    return {
        "messageId": received.number,
        "receiptHandle": received.receipt,
        "body": received.body,
        "attributes": attributes,
    }
