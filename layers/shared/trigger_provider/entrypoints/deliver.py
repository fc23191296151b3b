"""Batches of the delivery queue, whose messages name rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from trigger_provider.domain.durations import SECOND
from trigger_provider.entrypoints.isolation import record_error, run_apart, suspects_apart
from trigger_provider.entrypoints.sqs_records import BatchResponse, Record, failures, records_of, times_of
from trigger_provider.errors import QueueForbidden, QueueUnavailable, RowsUnavailable, TriggerProviderError
from trigger_provider.observability.log_events import LogEvent
from trigger_provider.observability.recording import record_delivered, record_unavailable
from trigger_provider.observability.telemetry import increment, log
from trigger_provider.use_cases.delivery.deliver import Deliver, Delivery

if TYPE_CHECKING:
    from trigger_provider.domain.ledger.rows import RowKey
    from trigger_provider.use_cases.ports.clock import Clock
    from trigger_provider.use_cases.ports.messaging import ReceivedMessages

Change = TypeVar("Change")

_SUSPECT_FROM_RECEIVE = 3
_APART = 7 * SECOND
_A_SAVE = SECOND // 10


@dataclass(frozen=True, slots=True)
class DeliveryHandler:
    """Delivers a batch.

    A message that arrives for the third time is a suspect: it may have killed its worker. It is processed alone, after
    the other messages are done and deleted, so that none of them fails with it. Suspects that were received together
    get different visibility timeouts, so that a poison message does not fail the others.

    If an unforeseen error ends a batch, each message is processed again alone at once. That is safe, because repeated
    calls carry the same keys. `decode` reads a message's body. `reserve` is how many milliseconds settling needs after
    the last call to Wix. `pause` sleeps for milliseconds.
    """

    deliver: Deliver
    decode: Callable[[str], tuple[RowKey, int]]
    messages: ReceivedMessages
    clock: Clock
    reserve: int
    pause: Callable[[int], None]

    def handle(self, event: object, remaining: int) -> BatchResponse:
        """Deliver within the remaining milliseconds. The response names the messages that must come again."""
        records = records_of(event)
        increment("MessagesReceived", len(records))
        deadline = self.clock.now() + remaining - self.reserve
        parsed = [(record, self._read(record)) for record in records]
        deliveries = [(record, delivery) for record, delivery in parsed if delivery is not None]
        failed = [record for record, delivery in parsed if delivery is None]
        portions = suspects_apart(deliveries, lambda message: _is_suspect(message[1]))
        self._let_come_apart([record for record, delivery in deliveries if _is_suspect(delivery)], remaining)
        for portion, result in run_apart(lambda messages: self._deliver(messages, deadline), portions, lambda: True):
            again = _records_again(portion, result)
            if len(portions) > 1:
                self._change_messages(
                    self.messages.done, [record["receiptHandle"] for record, _ in portion if record not in again]
                )
            failed += again
        return failures(failed)

    def _let_come_apart(self, suspects: Sequence[Record], remaining: int) -> None:
        """Set the visibility timeout of each suspect but the first: past this worker's end, and each at another time.

        If the worker dies on one suspect, it has not looked at the suspects behind it. With one timeout for all they
        would come again in one batch each time, and all of them would become dead letters.
        """
        waits = [
            (record["receiptHandle"], _seconds(remaining + index * _APART))
            for index, record in enumerate(suspects)
            if index
        ]
        self._change_messages(self.messages.give_back, waits)

    def _deliver(self, portion: Portion, deadline: int) -> list[Record]:
        """Deliver. If a message came before its row was saved, look once more, because a save takes only a moment."""
        began = self.clock.now()
        again = self._look_again(portion, deadline)
        if early := [(record.record, record.delivery) for record in again if record.is_early]:
            self.pause(max(0, began + _A_SAVE - self.clock.now()))
            again = [record for record in again if not record.is_early] + self._look_again(early, deadline)
        waits = [(record.record["receiptHandle"], _seconds(record.wait)) for record in again if record.wait is not None]
        self._change_messages(self.messages.give_back, waits)
        return [record.record for record in again]

    def _change_messages(self, change: Callable[[Sequence[Change]], None], changes: Sequence[Change]) -> None:
        """Change visibility or delete. If SQS refuses, it redelivers the messages when their visibility timeouts end.

        Raise `QueueForbidden` if a grant is missing: then SQS never accepts such a change, and an alarm must ring.
        """
        try:
            if changes:
                change(changes)
        except QueueForbidden:
            raise
        except QueueUnavailable:
            log(LogEvent.MESSAGE_CHANGE_REFUSED, messages=len(changes))

    def _look_again(self, portion: Portion, deadline: int) -> list[_Again]:
        delivered = self.deliver.process([delivery for _, delivery in portion], deadline)
        record_delivered(delivered)
        waits = enumerate(zip(portion, delivered.give_back, strict=True))
        again = [
            _Again(*delivery, wait, index in delivered.early) for index, (delivery, wait) in waits if wait is not None
        ]
        return again + self._process_apart(portion, delivered.errors, deadline)

    def _process_apart(self, portion: Portion, errors: Mapping[int, Exception], deadline: int) -> list[_Again]:
        """Process each message alone that an error of its group ended. Return those that must come again.

        A row that can't be read is not tried again here: its message becomes a dead letter in the end, and stays there.
        """
        again = []
        for message, error in ((portion[at], error) for at, error in errors.items()):
            if not isinstance(error, RowsUnavailable) and len(portion) > 1:
                again += self._look_again([message], deadline)
                continue
            if isinstance(error, RowsUnavailable):
                record_unavailable([message[1].key])
            else:
                record_error(error, message[0]["messageId"])
            again.append(_Again(*message, None, is_early=False))
        return again

    def _read(self, record: Record) -> Delivery | None:
        try:
            key, revision = self.decode(record["body"])
            sent_at, receives = times_of(record)
        except (ValueError, RecursionError):
            log(LogEvent.MESSAGE_UNREADABLE, message_id=record["messageId"])
            return None
        return Delivery(key, revision, sent_at=sent_at, receives=receives)


Portion = Sequence[tuple[Record, Delivery]]


class _Again(NamedTuple):
    """A message that must come again, and after how many milliseconds; None for its visibility timeout."""

    record: Record
    delivery: Delivery
    wait: int | None
    is_early: bool


def _records_again(portion: Portion, result: list[Record] | Exception | None) -> list[Record]:
    """Return the records that must come again. Raise an error of ours: it concerns the whole invocation."""
    if isinstance(result, TriggerProviderError):
        raise result
    if isinstance(result, Exception):
        record_error(result, *(record["messageId"] for record, _ in portion))
        return [record for record, _ in portion]
    return result or []


def _is_suspect(delivery: Delivery) -> bool:
    return delivery.receives >= _SUSPECT_FROM_RECEIVE


def _seconds(milliseconds: int) -> int:
    return -(-milliseconds // 1_000)
