"""Reads the status of events from the ledger, since Wix has no call for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trigger_provider.domain.intake.commands import StatusQuery
    from trigger_provider.domain.ledger.rows import Row
    from trigger_provider.use_cases.ports.ledger import Ledger


@dataclass(frozen=True, slots=True)
class ReadStatus:
    """The use case."""

    ledger: Ledger

    def read(self, queries: Sequence[StatusQuery]) -> list[Row | None]:
        """Return the row that each query asks about, in order, or None if there is none. Raise `LedgerUnavailable`."""
        rows = self.ledger.load_many([query.key for query in queries]) if queries else {}
        return [rows.get(query.key) for query in queries]
