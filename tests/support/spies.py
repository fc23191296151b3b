"""Spies: a ledger and an outbox that record their calls in order, and play what other workers do between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tests.support.memory_ledger import MemoryLedger
from tests.support.memory_outbox import MemoryOutbox
from trigger_provider.domain.delivery.messages import Message
from trigger_provider.domain.ledger.rows import RealtimeEvent, Row, RowKey


@dataclass
class Journal:
    """What was asked of all that share it, oldest first."""

    lines: list[str] = field(default_factory=list)


class SpyLedger(MemoryLedger):
    """Records its calls; each of `meanwhile` is what another worker does before one more save."""

    def __init__(self, journal: Journal | None = None) -> None:
        super().__init__()
        self.journal = journal or Journal()
        self.loaded: list[frozenset[RowKey]] = []
        self.saved: list[tuple[Row, ...]] = []
        self.meanwhile: list[Callable[[], None]] = []

    def load_many(self, keys: Iterable[RowKey]) -> Mapping[RowKey, Row]:
        self.journal.lines.append("load")
        self.loaded.append(frozenset(keys))
        return super().load_many(self.loaded[-1])

    def save_many(self, rows: Sequence[Row]) -> frozenset[RowKey]:
        self.journal.lines.append("save")
        if self.meanwhile:
            self.meanwhile.pop(0)()
        self.saved.append(tuple(rows))
        return super().save_many(rows)

    def occurrences(self, entity: RowKey) -> Sequence[RealtimeEvent]:
        self.journal.lines.append("query")
        return super().occurrences(entity)

    def put(self, *rows: Row) -> None:
        """Let these rows be stored as they are."""
        self.rows |= {row.key: row for row in rows}

    def change(self, row: Row) -> Callable[[], None]:
        """Return what another worker does: it saves this row over whatever is stored."""
        return lambda: self.put(self._over_stored(row))

    def _over_stored(self, row: Row) -> Row:
        stored = self.rows.get(row.key)
        return replace(row, revision=stored.revision + 1 if stored else 1, token="another worker's")


class SpyOutbox(MemoryOutbox):
    """Records its calls."""

    def __init__(self, journal: Journal) -> None:
        super().__init__()
        self.journal = journal

    def send(self, messages: Sequence[Message]) -> None:
        self.journal.lines.append("send")
        super().send(messages)
