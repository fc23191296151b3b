"""Rows by event id: the same promises as DynamoDB's, over a fake's dictionary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.support.memory_ledger import MemoryLedger
from trigger_provider.domain.ledger.ids import event_id
from trigger_provider.domain.ledger.rows import Row, ScheduledEntity, Tombstone


@dataclass
class MemoryEvents:
    """Keeps the port `EventFinder`."""

    ledger: MemoryLedger

    def find(self, event: str) -> Sequence[Row]:
        partition = event.rpartition("-")[0]
        rows = self.ledger.load_many(list(self.ledger.rows)).values()
        beside = [row for row in rows if row.key.partition == partition]
        return [
            row
            for row in beside
            if isinstance(row, ScheduledEntity | Tombstone) or row.entity is None or event_id(row) == event
        ]
