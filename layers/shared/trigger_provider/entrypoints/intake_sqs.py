"""Batches of SQS messages, answered in part (Lambda developer guide, "Handling errors for an SQS event source")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trigger_provider.observability.recording import record_taken

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trigger_provider.entrypoints.message_reader import MessageReader
    from trigger_provider.use_cases.intake.intake import Intake

BatchResponse = dict[str, list[dict[str, str]]]


@dataclass(frozen=True, slots=True)
class SqsIntakeHandler:
    """Takes a batch of the inbox queue."""

    reader: MessageReader
    intake: Intake

    def handle(self, event: Mapping[str, Any]) -> BatchResponse:
        """Take what can be taken; a refused message is done with, since it lies on the queue for refused requests."""
        records: Sequence[Mapping[str, Any]] = event["Records"]
        taken = self.intake.process([self.reader.read_text(record["body"], record["messageId"]) for record in records])
        record_taken([(result, record["messageId"]) for record, result in zip(records, taken, strict=True)])
        return failures(record for record, result in zip(records, taken, strict=True) if result.is_to_repeat)


def failures(records: Iterable[Mapping[str, Any]]) -> BatchResponse:
    """Return the partial batch response that brings these records again, and no others."""
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in records]}
