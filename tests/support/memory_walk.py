"""The slow walk over a ledger in memory."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.support.memory_ledger import MemoryLedger
from trigger_provider.domain.ledger.rows import RowKey
from trigger_provider.domain.sites.walk import NEVER_WALKED, WalkPage, WalkRow
from trigger_provider.errors import LedgerUnavailable


@dataclass
class MemoryWalk:
    """Keeps the port `TableWalk`. A page has `size` rows; it also returns those that can't be overlooked."""

    ledger: MemoryLedger
    size: int = 3
    row: WalkRow = field(default=NEVER_WALKED)

    def load(self) -> WalkRow:
        self._answer()
        return self.row

    def save(self, row: WalkRow) -> bool:
        self._answer()
        is_next = row.revision == self.row.revision + 1
        self.row = row if is_next else self.row
        return is_next

    def page(self, position: RowKey | None, now: int) -> WalkPage:  # noqa: ARG002 - rows of any date come
        self._answer()
        rest = [key for key in sorted(self.ledger.rows) if position is None or key > position]
        keys = rest[: self.size]
        unavailable = self.ledger.unavailable.intersection(keys)
        rows = [self.ledger.rows[key] for key in keys if key not in unavailable]
        return WalkPage(rows, frozenset(unavailable), keys[-1] if len(rest) > self.size else None)

    def _answer(self) -> None:
        if self.ledger.down:
            raise LedgerUnavailable("down")
