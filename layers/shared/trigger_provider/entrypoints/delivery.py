"""Batches of the delivery queue, whose messages name rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trigger_provider.entrypoints.accounts import account_for_delivered
from trigger_provider.entrypoints.sqs import BatchResponse, failures
from trigger_provider.events import RowKey
from trigger_provider.log_events import LogEvent
from trigger_provider.observability import count, note
from trigger_provider.ports import Clock
from trigger_provider.use_cases.deliver import Deliver, Delivery

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class QueueDelivery:
    """Delivers a batch.

    `decode` reads a message's body, `give_back` lets messages come back after so many seconds, by their receipts,
    and `reserve` is how many milliseconds settling needs after the last call to Wix.
    """

    deliver: Deliver
    decode: Callable[[str], tuple[RowKey, int]]
    give_back: Callable[[Sequence[tuple[str, int]]], None]
    clock: Clock
    reserve: int

    def __call__(self, event: Mapping[str, Any], remaining: int) -> BatchResponse:
        """Deliver within the milliseconds that remain to the function; what is to come back is reported as failed."""
        count("MessagesReceived", len(event["Records"]))
        read = [(record, self._read(record)) for record in event["Records"]]
        good = [(record, delivery) for record, delivery in read if delivery is not None]
        deadline = self.clock.now() + remaining - self.reserve
        delivered = self.deliver([delivery for _, delivery in good], deadline)
        account_for_delivered(delivered)
        waits = zip((record for record, _ in good), delivered.give_back, strict=True)
        again = [(record, wait) for record, wait in waits if wait is not None]
        if again:
            self.give_back([(record["receiptHandle"], _seconds(wait)) for record, wait in again])
        unreadable = [record for record, delivery in read if delivery is None]
        return failures([record for record, _ in again] + unreadable)

    def _read(self, record: Record) -> Delivery | None:
        try:
            key, revision = self.decode(record["body"])
        except ValueError:
            note(LogEvent.MESSAGE_UNREADABLE, message_id=record["messageId"])
            return None
        attributes = record["attributes"]
        sent_at, receives = attributes["SentTimestamp"], attributes["ApproximateReceiveCount"]
        return Delivery(key, revision, sent_at=int(sent_at), receives=int(receives))


def _seconds(milliseconds: int) -> int:
    return -(-milliseconds // 1_000)
