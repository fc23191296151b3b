"""Batches of SQS messages, answered in part (Lambda developer guide, "Handling errors for an SQS event source")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from trigger_provider.domain.durations import SECOND
from trigger_provider.domain.payload.json_text import write_json
from trigger_provider.entrypoints.foreign_events import NO_SQS_RECORD, UNMATCHED
from trigger_provider.entrypoints.isolation import raise_if_for_all, record_error, run_apart, suspects_apart
from trigger_provider.entrypoints.sqs_records import BatchResponse, attributes_of, failures, is_sqs_record, is_suspect
from trigger_provider.observability.recording import record_taken
from trigger_provider.use_cases.intake.intake import Incoming

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trigger_provider.entrypoints.message_reader import MessageReader
    from trigger_provider.use_cases.intake.intake import Intake, Taken

_TIMEOUT: Final = 10 * SECOND
_RESERVE: Final = 3 * SECOND
"""What one message may take before the function's timeout: nothing is begun after that."""


@dataclass(frozen=True, slots=True)
class SqsIntakeHandler:
    """Takes a batch of the InboxQueue.

    A message that arrives for the third time is processed alone, after the others: its batches may have failed on it.
    """

    reader: MessageReader
    intake: Intake

    def handle(self, event: object, remaining: int = _TIMEOUT) -> BatchResponse:
        """Take what can be taken. A refused message is done, because it is on the RefusedQueue."""
        clock, records = self.intake.accept.clock, _records_of(event)
        deadline = clock.now() + remaining - _RESERVE
        again: list[Any] = []
        errors: list[Exception] = []
        for portion, result in run_apart(
            self._take, suspects_apart(records, is_suspect), lambda: clock.now() < deadline
        ):
            errors += [result] if isinstance(result, Exception) else []
            again += _settle(portion, result)
        raise_if_for_all(errors, again, records)
        return failures(again)

    def _take(self, records: Sequence[Any]) -> Sequence[Taken]:
        return self.intake.process([self._read(record) for record in records])

    def _read(self, record: Any) -> Incoming:  # noqa: ANN401 - whatever was sent to this function
        if not is_sqs_record(record):
            return Incoming(write_json(record), violations=(NO_SQS_RECORD,))
        incoming = self.reader.read_text(record["body"], record["messageId"], attributes_of(record))
        is_unmatched = not incoming.requests and not incoming.violations and not incoming.is_outcome
        return incoming._replace(violations=(UNMATCHED,)) if is_unmatched else incoming


def _records_of(event: object) -> Sequence[Any]:
    """Return the records of a batch. An event that is no batch counts as one record that is not of SQS."""
    match event:
        case {"Records": [*records]}:
            return records
    return [event]


def _settle(records: Sequence[Any], result: Sequence[Taken] | Exception | None) -> Sequence[Any]:
    """Record the results of a portion, and return the records that must come again."""
    if isinstance(result, Exception):
        record_error(result, *(_id_of(record) for record in records))
    if result is None or isinstance(result, Exception):
        return records
    record_taken([(taken, _id_of(record)) for record, taken in zip(records, result, strict=True)])
    return [record for record, taken in zip(records, result, strict=True) if taken.is_to_repeat or not taken.is_kept]


def _id_of(record: Any) -> str:  # noqa: ANN401 - whatever was sent to this function
    return record["messageId"] if is_sqs_record(record) else ""
