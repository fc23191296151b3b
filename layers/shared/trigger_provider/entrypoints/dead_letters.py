"""Batches of the delivery dead-letter queue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from trigger_provider.domain.durations import SECOND
from trigger_provider.entrypoints.isolation import raise_if_for_all, record_error, run_apart, suspects_apart
from trigger_provider.entrypoints.sqs_records import BatchResponse, Record, failures, is_suspect, records_of
from trigger_provider.observability.log_events import LogEvent
from trigger_provider.observability.recording import record_dead_letters, record_unavailable
from trigger_provider.observability.telemetry import log

if TYPE_CHECKING:
    from trigger_provider.domain.ledger.rows import RowKey
    from trigger_provider.use_cases.delivery.dead_letters import DeadLetters, HandledDeadLetters

_TIMEOUT: Final = 10 * SECOND
_RESERVE: Final = 3 * SECOND
"""What one message may take before the function's timeout: nothing is begun after that."""

_SUSPECT_FROM_RECEIVE: Final = 13
"""SQS counts receives across queues, and a dead letter has had ten before it came here."""

Message = tuple[Record, tuple["RowKey", int]]


@dataclass(frozen=True, slots=True)
class DeadLettersHandler:
    """Handles rows whose messages became dead letters. An unreadable message stays on the queue for an operator."""

    dead_letters: DeadLetters
    decode: Callable[[str], tuple[RowKey, int]]

    def handle(self, event: object, remaining: int = _TIMEOUT) -> BatchResponse:
        """Handle the rows of a batch, and report as failed the records that must come again."""
        clock, records = self.dead_letters.clock, records_of(event)
        deadline = clock.now() + remaining - _RESERVE
        parsed = [(record, self._read(record)) for record in records]
        again = [record for record, message in parsed if message is None]
        readable = [(record, message) for record, message in parsed if message is not None]
        portions = suspects_apart(readable, _is_suspect)
        errors: list[Exception] = []
        for portion, result in run_apart(self._handle, portions, lambda: clock.now() < deadline):
            errors += [result] if isinstance(result, Exception) else []
            again += _settle(portion, result)
        raise_if_for_all(errors, again, records)
        return failures(again)

    def _handle(self, portion: Sequence[Message]) -> HandledDeadLetters:
        return self.dead_letters.handle([message for _, message in portion])

    def _read(self, record: Record) -> tuple[RowKey, int] | None:
        try:
            return self.decode(record["body"])
        except (ValueError, RecursionError):
            log(LogEvent.MESSAGE_UNREADABLE, message_id=record["messageId"])
            return None


def _is_suspect(message: Message) -> bool:
    return is_suspect(message[0], _SUSPECT_FROM_RECEIVE)


def _settle(portion: Sequence[Message], result: HandledDeadLetters | Exception | None) -> list[Record]:
    """Account for a portion, and return the records that must come again."""
    if isinstance(result, Exception):
        record_error(result, *(record["messageId"] for record, _ in portion))
    if result is None or isinstance(result, Exception):
        return [record for record, _ in portion]
    record_dead_letters(result.rows)
    record_unavailable(result.unavailable)
    return [record for record, (key, _) in portion if key in result.unsaved | result.unavailable]
