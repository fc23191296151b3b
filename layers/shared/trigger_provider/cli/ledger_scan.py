"""Reads the whole ledger, with a progress bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trigger_provider.cli.output import bar

if TYPE_CHECKING:
    from trigger_provider.domain.ledger.rows import RowKey
    from trigger_provider.domain.operations.values import RowFilter
    from trigger_provider.use_cases.ports.operator import Archive


def scan(archive: Archive, wanted: RowFilter, limit: int | None = None) -> list[RowKey]:
    """Return the keys of the rows that match the filter, sorted. With `most`, stop after that many."""
    keys: list[RowKey] = []
    with bar(archive.size(), "reading the ledger") as progress:
        for page in archive.find(wanted):
            keys += page.keys
            progress.update(page.read)
            if limit is not None and len(keys) >= limit:
                break
    return sorted(keys)[:limit]
