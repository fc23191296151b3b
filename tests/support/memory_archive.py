"""The ledger's rows by other ways than their keys: the same promises as DynamoDB's, over a fake's dictionary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.support.memory_ledger import MemoryLedger
from trigger_provider.domain.ledger.rows import Row, RowKey, VersionedItem
from trigger_provider.domain.operations.values import RowFilter, ScanPage
from trigger_provider.domain.sites.site import SiteRow


@dataclass
class MemoryArchive:
    """Keeps the port `Archive`."""

    ledger: MemoryLedger
    site_rows: Sequence[SiteRow] = ()

    def partition(self, partition: str) -> Sequence[Row]:
        return [row for row in self.ledger.load_many(list(self.ledger.rows)).values() if row.key.partition == partition]

    def find(self, wanted: RowFilter) -> Iterator[ScanPage]:
        for row in list(self.ledger.load_many(list(self.ledger.rows)).values()):
            yield ScanPage(1, (row.key,) if _is(row, wanted) else ())

    def pages(self) -> Iterator[Sequence[VersionedItem]]:
        rows = [*self.ledger.load_many(list(self.ledger.rows)).values(), *self.site_rows]
        for at in range(0, len(rows), 3):
            yield rows[at : at + 3]

    def forget(self, rows: Sequence[VersionedItem]) -> frozenset[RowKey]:
        stored = self.ledger.load_many([row.key for row in rows])
        changed = {row.key for row in rows if row.key in stored and stored[row.key].revision != row.revision}
        for key in stored.keys() - changed:
            del self.ledger.rows[key]
        return frozenset(changed)

    def size(self) -> int:
        return len(self.ledger.rows)


def _is(row: Row, wanted: RowFilter) -> bool:
    return (
        row.site == wanted.site
        and wanted.trigger in (None, row.trigger)
        and (not wanted.states or row.state in wanted.states)
        and (wanted.since is None or wanted.since <= row.accepted_at)
        and (wanted.until is None or row.accepted_at < wanted.until)
    )
