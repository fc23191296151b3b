"""The ledger of the simulation: the in-memory fake, behind a line, with an index that lags behind."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from tests.proof.simulation.connection import Connection
from tests.proof.simulation.fault_injection import FaultInjection
from tests.support.memory_ledger import MemoryLedger, entry_of
from trigger_provider.adapters.dynamodb.index import parked_queue, queue, queue_of
from trigger_provider.domain.durations import SECOND
from trigger_provider.domain.ledger.rows import OccurrencePage, RealtimeEvent, Row, RowKey, Waiting
from trigger_provider.errors import RowsUnavailable

LAG = 2 * SECOND
"""How far the index is behind the table, unless it is far behind."""


class SimulatedLedger(MemoryLedger):
    """Keeps the port `Ledger`. Whatever was saved is shown to `saw`, at that moment."""

    def __init__(
        self, line: Connection, fault_injection: FaultInjection, saw: Callable[[Row], None], lag: int = LAG
    ) -> None:
        super().__init__()
        self._lag = lag
        self._connection = line
        self._fault_injection = fault_injection
        self._saw = saw
        self._beside: dict[str, dict[RowKey, None]] = defaultdict(dict)
        self._index: dict[str, dict[RowKey, Waiting]] = defaultdict(dict)
        self._not_yet_shown: deque[tuple[int, str, RowKey, Waiting | None]] = deque()

    @property
    def is_waited_in(self) -> bool:
        """Return whether the index holds a row, or will."""
        return any(self._index.values()) or bool(self._not_yet_shown)

    def load_many(self, keys: Iterable[RowKey]) -> Mapping[RowKey, Row]:
        keys = list(keys)
        # In an order of their own: that of a set differs from process to process.
        parts = self._connection.call("load", sorted(keys), self._loaded)
        rows = {key: row for part in parts for key, row in part.items()}
        if damaged := self.unavailable.intersection(keys):
            raise RowsUnavailable("damaged", frozenset(damaged), rows)
        return rows

    def save_many(self, rows: Sequence[Row]) -> frozenset[RowKey]:
        return frozenset[RowKey]().union(*self._connection.call("save", rows, self._saved))

    def occurrences(self, entity: RowKey) -> Sequence[RealtimeEvent]:
        (rows,) = self._connection.call("query", (), lambda _: self._found(entity))
        return rows

    def occurrence_page(self, entity: RowKey, position: str, limit: int) -> OccurrencePage:
        (page,) = self._connection.call("query", (), lambda _: self._page(entity, position, limit))
        return page

    def waiting(self, shard: int, limit: int) -> Sequence[Waiting]:
        return self._indexed(queue(shard), limit)

    def end_waits(self, waiting: Sequence[Waiting], token: str) -> frozenset[RowKey]:
        parts = self._connection.call("end waits", waiting, lambda part: self._waits_ended(part, token))
        return frozenset[RowKey]().union(*parts)

    def parked(self, site: str, limit: int) -> Sequence[Waiting]:
        return self._indexed(parked_queue(site), limit)

    def _indexed(self, name: str, limit: int) -> Sequence[Waiting]:
        self._show()
        if not self._index[name]:
            return ()
        (entries,) = self._connection.call("read the index", (), lambda _: self._waiting(name, limit))
        return entries

    def _loaded(self, keys: Sequence[RowKey]) -> Mapping[RowKey, Row]:
        return {key: self.rows[key] for key in keys if key in self.rows and key not in self.unavailable}

    def _saved(self, rows: Sequence[Row]) -> frozenset[RowKey]:
        before = {row.key: self.rows.get(row.key) for row in rows}
        conflicts = super().save_many(rows)
        for row in rows:
            if row.key not in conflicts:
                self._noted(before[row.key], row)
        return conflicts

    def _waits_ended(self, waiting: Sequence[Waiting], token: str) -> frozenset[RowKey]:
        before = {entry.key: self.rows.get(entry.key) for entry in waiting}
        conflicts = super().end_waits(waiting, token)
        for key, row in before.items():
            if key not in conflicts:
                self._noted(row, self.rows[key])
        return conflicts

    def _noted(self, before: Row | None, row: Row) -> None:
        self._saw(row)
        self._beside[row.key.partition][row.key] = None
        if _place(row) is None and (before is None or _place(before) is None):
            return
        at = self._connection.scheduler.now() + self._fault_injection.below(self._lag)
        if before is not None and before.next_attempt_at is not None:
            self._not_yet_shown.append((at, queue_of(before), row.key, None))
        if row.next_attempt_at is not None:
            shown = entry_of(row)
            self._not_yet_shown.append((at, queue_of(row), row.key, shown))

    def _found(self, entity: RowKey) -> Sequence[RealtimeEvent]:
        prefix = entity.row.replace("entity#", "occurrence#", 1) + "#"
        beside = (self.rows[key] for key in sorted(self._beside[entity.partition]))
        return [row for row in beside if isinstance(row, RealtimeEvent) and row.key.row.startswith(prefix)]

    def _page(self, entity: RowKey, position: str, limit: int) -> OccurrencePage:
        rows = [replace(row, payload=None) for row in self._found(entity) if row.key.row > position]
        page = tuple(rows[:limit])
        return OccurrencePage(page, page[-1].key.row if len(rows) > limit else None)

    def _waiting(self, name: str, limit: int) -> Sequence[Waiting]:
        self._show()
        return sorted(self._index[name].values(), key=lambda item: item.next_attempt_at)[:limit]

    def _show(self) -> None:
        """Let the index show what it has caught up with."""
        while self._not_yet_shown and self._not_yet_shown[0][0] <= self._connection.scheduler.now():
            _, name, key, shown = self._not_yet_shown.popleft()
            if shown is None:
                self._index[name].pop(key, None)
            else:
                self._index[name][key] = shown


def _place(row: Row) -> tuple[int, str] | None:
    return None if row.next_attempt_at is None else (row.next_attempt_at, queue_of(row))
