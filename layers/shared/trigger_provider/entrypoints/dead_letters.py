"""Batches of the delivery queue's dead-letter queue."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trigger_provider.entrypoints.intake_sqs import BatchResponse, failures
from trigger_provider.observability.recording import record_dead_letters

if TYPE_CHECKING:
    from trigger_provider.domain.ledger.rows import RowKey
    from trigger_provider.use_cases.delivery.dead_letters import DeadLetters

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DeadLettersHandler:
    """Looks after rows whose messages were given up; an unreadable message stays where it is, for a person."""

    dead_letters: DeadLetters
    decode: Callable[[str], tuple[RowKey, int]]

    def handle(self, event: Mapping[str, Any]) -> BatchResponse:
        """See to the rows of a batch; what must come again is reported as failed."""
        records: Sequence[Record] = event["Records"]
        read = {record["messageId"]: self._read(record["body"]) for record in records}
        handled = self.dead_letters.handle([message for message in read.values() if message is not None])
        record_dead_letters(handled.rows)
        return failures(record for record in records if _comes_again(read[record["messageId"]], handled.unsaved))

    def _read(self, body: str) -> tuple[RowKey, int] | None:
        try:
            return self.decode(body)
        except ValueError:
            return None


def _comes_again(message: tuple[RowKey, int] | None, unsaved: frozenset[RowKey]) -> bool:
    return message is None or message[0] in unsaved
