"""Lambda's mapping of the delivery queue: so many workers at once, each with a batch that was gathered for a while."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from typing import Any, Final

from tests.proof.fairness.fair_queue import FairQueue, QueuedMessage
from tests.proof.simulation.figures import DELIVER_TIMEOUT, DELIVERY_VISIBILITY, WORKERS
from tests.proof.simulation.scheduler import Scheduler
from tests.support.template import properties, value
from trigger_provider.adapters.sqs.delivery_queue import encode
from trigger_provider.domain.delivery.messages import Message
from trigger_provider.domain.durations import SECOND
from trigger_provider.entrypoints.sqs_records import BatchResponse

_SOURCE: Final = properties("DeliverFunction")["Events"]["Delivery"]["Properties"]
_BATCH: Final = int(_SOURCE["BatchSize"])
_WINDOW: Final = int(value(_SOURCE["MaximumBatchingWindowInSeconds"])) * SECOND


class Delivery:
    """Keeps the port `Outbox` and the port `ReceivedMessages`, and calls the entry point with batches."""

    def __init__(self, scheduler: Scheduler, handler: Callable[[dict[str, Any]], BatchResponse]) -> None:
        self.queue = FairQueue()
        self._scheduler = scheduler
        self._handler = handler
        self._numbers = count()
        self._free = WORKERS
        self._waits: dict[str, int] = {}
        self._done: set[str] = set()

    def send(self, messages: Sequence[Message]) -> None:
        now = self._scheduler.now()
        for message in messages:
            self._hide(
                QueuedMessage(encode(message), message.site, now + message.delay * SECOND), now + message.delay * SECOND
            )

    def give_back(self, receipts: Sequence[tuple[str, int]]) -> None:
        self._waits.update((receipt, seconds * SECOND) for receipt, seconds in receipts)

    def done(self, receipts: Sequence[str]) -> None:
        self._done.update(receipts)

    def _poll(self) -> None:
        while self._free and (messages := self.queue.receive(_BATCH, self._scheduler.now())):
            self._free -= 1
            self._scheduler.start(
                f"worker {next(self._numbers)}", _WINDOW + DELIVER_TIMEOUT, partial(self._work, messages)
            )

    def _work(self, messages: list[QueuedMessage]) -> None:
        if len(messages) < _BATCH:
            self._scheduler.pause(_WINDOW)
            messages += self.queue.receive(_BATCH - len(messages), self._scheduler.now())
        batch = {f"m{next(self._numbers)}": message for message in messages}
        failed = {
            failure["itemIdentifier"]
            for failure in self._handler({"Records": [_record(*failure) for failure in batch.items()]})[
                "batchItemFailures"
            ]
        }
        now = self._scheduler.now()
        self.queue.release(messages, now)
        for number in failed - self._done:
            self._hide(batch[number], now + self._waits.pop(number, DELIVERY_VISIBILITY))
        self._free += 1
        self._poll()

    def _hide(self, message: QueuedMessage, until: int) -> None:
        def show() -> None:
            self.queue.put(message)
            self._poll()

        self._scheduler.at(until, show)


def _record(number: str, message: QueuedMessage) -> dict[str, Any]:
    attributes = {"SentTimestamp": str(message.sent_at), "ApproximateReceiveCount": str(message.receives)}
    return {"messageId": number, "receiptHandle": number, "body": message.body, "attributes": attributes}
