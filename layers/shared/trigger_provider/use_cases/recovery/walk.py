"""The slow walk: page by page through the whole table, for rows that no index and no message brings back.

Each run reads some pages and keeps the position. If a run dies, the next reads these pages again, which does no harm.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from trigger_provider.domain.ledger.rows import Row, Waiting
from trigger_provider.domain.ledger.transitions import next_revision
from trigger_provider.domain.sites.site import NEVER, SiteRow, SiteState
from trigger_provider.domain.sites.suspension import INSTALLED
from trigger_provider.domain.sites.walk import WalkRow, advance, begin_if_due, find_overlooked
from trigger_provider.use_cases.loading import load_available
from trigger_provider.use_cases.recovery.requeue import Requeued

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trigger_provider.domain.delivery.policy import DeliveryPolicy
    from trigger_provider.use_cases.ports.ledger import Sites, TableWalk
    from trigger_provider.use_cases.recovery.requeue import Requeue

_MOST_NEWS: Final = 100


class Walked(NamedTuple):
    """The result of a run: the rows that were overlooked, and the number of pages that were read."""

    requeued: Requeued = Requeued()
    pages: int = 0


@dataclass(frozen=True, slots=True)
class Walk:
    """The use case. A run reads at most `most_pages`."""

    requeue: Requeue
    sites: Sites
    table: TableWalk
    policy: DeliveryPolicy
    most_pages: int

    def run(self, end: int) -> Walked:
        """Go on with the walk if it is under way or due. No page is begun at `end` or later."""
        stored = self.table.load()
        noticed = replace(stored, is_wanted=stored.is_wanted or self._has_reinstalled(stored.began_at))
        begun = begin_if_due(noticed, self._now())
        walked, row = (Walked(), noticed) if begun is None else self._read(begun, end)
        if row != stored:
            self.table.save(next_revision(row, self.requeue.new_token()))
        return walked

    def _read(self, row: WalkRow, end: int) -> tuple[Walked, WalkRow]:
        """Read pages until the table or the time ends. A page that ended in an error is read again by the next run."""
        parts: list[Requeued] = []
        while len(parts) < self.most_pages and self._now() < end:
            page = self.table.page(row.position, self._now())
            parts.append(self._requeue(page.rows)._replace(unavailable=page.unavailable))
            if parts[-1].errors:
                break
            row = advance(row, page.position, self._now())
            if page.position is None:
                break
        return Walked(Requeued.total(parts), len(parts)), row

    def _requeue(self, rows: Sequence[Row]) -> Requeued:
        """Requeue those rows that are overlooked. They are loaded and judged again, since the page may be outdated."""
        sites, _ = load_available(self.sites.load_many, dict.fromkeys(row.site for row in rows)) if rows else ({}, ())
        overlooked = [row for row in rows if self._find(row, sites) is not None]
        entries = [Waiting(row.key, 0, row.accepted_at, row.site, row.revision) for row in overlooked]
        return self.requeue.change(entries, lambda row: self._find(row, sites), NEVER)

    def _find(self, row: Row, sites: Mapping[str, SiteRow]) -> Row | None:
        return find_overlooked(row, sites.get(row.site), self._now(), self.policy)

    def _has_reinstalled(self, since: int) -> bool:
        """Return whether a site has installed the app again after `since`. It resumes for some minutes then."""
        troubled = [row.site for row in self.sites.troubled(_MOST_NEWS) if row.next_attempt_at <= self._now()]
        rows, _ = load_available(self.sites.load_many, troubled)
        return any(
            row.state is SiteState.RESUMING and row.reason == INSTALLED and row.changed_at > since
            for row in rows.values()
            if row.removed_at is not None
        )

    def _now(self) -> int:
        return self.requeue.clock.now()
