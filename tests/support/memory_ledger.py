"""The ledger in a dictionary: the same promises as DynamoDB's, and nothing else to know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from trigger_provider.adapters.dynamodb.index import shard_of
from trigger_provider.domain.ledger.rows import CancelledTwice, OccurrencePage, RealtimeEvent, Row, RowKey, Waiting
from trigger_provider.errors import LedgerUnavailable, RowsUnavailable


class MemoryLedger:
    """Keeps the port `Ledger`. `rows` may be read and set by a test; while `down`, every call fails.

    The rows of `unavailable` can't be read.
    """

    def __init__(self) -> None:
        self.rows: dict[RowKey, Row] = {}
        self.unavailable: set[RowKey] = set()
        self.down = False

    def load_many(self, keys: Iterable[RowKey]) -> Mapping[RowKey, Row]:
        self._answer()
        wanted = list(keys)
        rows = {key: self.rows[key] for key in wanted if key in self.rows and key not in self.unavailable}
        if unavailable := self.unavailable.intersection(wanted):
            raise RowsUnavailable("planted", frozenset(unavailable), rows)
        return rows

    def save_many(self, rows: Sequence[Row]) -> frozenset[RowKey]:
        self._answer()
        if len({row.key for row in rows}) < len(rows):
            raise ValueError("rows that are saved together must have distinct keys")
        return frozenset(row.key for row in rows if not self._save(row))

    def occurrences(self, entity: RowKey) -> Sequence[RealtimeEvent]:
        self._answer()
        prefix = entity.row.replace("entity#", "occurrence#", 1) + "#"
        beside = [row for row in self.rows.values() if row.key.partition == entity.partition]
        return [
            row for row in sorted(beside, key=_key) if isinstance(row, RealtimeEvent) and row.key.row.startswith(prefix)
        ]

    def occurrence_page(self, entity: RowKey, position: str, limit: int) -> OccurrencePage:
        rows = [replace(row, payload=None) for row in self.occurrences(entity) if row.key.row > position]
        page = tuple(rows[:limit])
        return OccurrencePage(page, page[-1].key.row if len(rows) > limit else None)

    def waiting(self, shard: int, limit: int) -> Sequence[Waiting]:
        self._answer()
        entries = [
            entry_of(row)
            for row in self.rows.values()
            if row.next_attempt_at is not None and row.parked_at is None and shard_of(row.key) == shard
        ]
        return sorted(entries, key=lambda item: item.next_attempt_at)[:limit]

    def end_waits(self, waiting: Sequence[Waiting], token: str) -> frozenset[RowKey]:
        self._answer()
        return frozenset(entry.key for entry in waiting if not self._end_wait(entry, token))

    def parked(self, site: str, limit: int) -> Sequence[Waiting]:
        self._answer()
        entries = [
            entry_of(row)
            for row in self.rows.values()
            if row.next_attempt_at is not None and row.parked_at is not None and row.site == site
        ]
        return sorted(entries, key=lambda item: item.next_attempt_at)[:limit]

    def _end_wait(self, entry: Waiting, token: str) -> bool:
        stored = self.rows.get(entry.key)
        if stored is None or stored.revision != entry.revision:
            return False
        self.rows[entry.key] = without_wait(stored, token)
        return True

    def _save(self, row: Row) -> bool:
        stored = self.rows.get(row.key)
        revision = stored.revision if stored else 0
        if revision == row.revision - 1:
            # A save of the table leaves fixed fields as they are: a sweep reads no payloads.
            if isinstance(row, RealtimeEvent) and isinstance(stored, RealtimeEvent):
                row = replace(row, payload=stored.payload)
            # The table keeps whole seconds of this time, rounded up.
            self.rows[row.key] = replace(row, expires_at=-(-row.expires_at // 1000) * 1000)
            return True
        return stored is not None and revision == row.revision and row.token == stored.token != ""

    def _answer(self) -> None:
        if self.down:
            raise LedgerUnavailable("down")


def _key(row: Row) -> RowKey:
    return row.key


def entry_of(row: Row) -> Waiting:
    """Return the entry of the index for a row that waits."""
    second_cancel_at = row.second_cancel_at if isinstance(row, CancelledTwice) else None
    return Waiting(
        row.key, row.next_attempt_at or 0, row.accepted_at, row.site, row.revision, row.version, second_cancel_at
    )


def without_wait(row: Row, token: str) -> Row:
    """Return the row as it is saved when its wait ends."""
    return replace(row, next_attempt_at=None, revision=row.revision + 1, token=token)
