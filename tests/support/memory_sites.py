"""The rows of sites in a dictionary: the same promises as DynamoDB's, and nothing else to know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from trigger_provider.domain.sites.site import SiteRow, TroubledSite
from trigger_provider.errors import LedgerUnavailable


class MemorySites:
    """Keeps the port `Sites`. `rows` may be read and set by a test; while `down`, every call fails."""

    def __init__(self) -> None:
        self.rows: dict[str, SiteRow] = {}
        self.down = False

    def load_many(self, sites: Iterable[str]) -> Mapping[str, SiteRow]:
        self._answer()
        return {site: self.rows[site] for site in sites if site in self.rows}

    def save_many(self, rows: Sequence[SiteRow]) -> frozenset[str]:
        self._answer()
        if len({row.site for row in rows}) < len(rows):
            raise ValueError("rows that are saved together must have distinct keys")
        return frozenset(row.site for row in rows if not self._save(row))

    def troubled(self, limit: int) -> Sequence[TroubledSite]:
        self._answer()
        troubled = [
            TroubledSite(row.site, row.next_attempt_at) for row in self.rows.values() if row.next_attempt_at is not None
        ]
        return sorted(troubled, key=lambda item: item.next_attempt_at)[:limit]

    def _save(self, row: SiteRow) -> bool:
        stored = self.rows.get(row.site)
        revision = stored.revision if stored else 0
        if revision == row.revision - 1:
            # The table keeps whole seconds of this time, rounded up.
            self.rows[row.site] = replace(row, expires_at=-(-row.expires_at // 1000) * 1000)
            return True
        return stored is not None and revision == row.revision and row.token == stored.token != ""

    def _answer(self) -> None:
        if self.down:
            raise LedgerUnavailable("down")
