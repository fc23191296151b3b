"""Requeues the probes of suspended sites, and releases the parked rows of resuming sites."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from trigger_provider.domain.delivery.resumption import release_if_due, would_call
from trigger_provider.domain.delivery.turns import take_turns
from trigger_provider.domain.ledger.rows import ON_THE_WAY, Row, RowKey
from trigger_provider.domain.sites.site import NEVER, SiteRow, SiteState, site_key
from trigger_provider.domain.sites.suspension import (
    PROBED,
    finish_resuming,
    is_probe_forwarded,
    postpone_probe,
    start_probe,
)
from trigger_provider.use_cases.concurrency import Item, MapConcurrently, Result, map_concurrently, try_each
from trigger_provider.use_cases.loading import load_available
from trigger_provider.use_cases.recovery.requeue import Requeued
from trigger_provider.use_cases.sites.updates import SiteChange, change_sites

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trigger_provider.domain.delivery.policy import DeliveryPolicy
    from trigger_provider.domain.ledger.rows import Waiting
    from trigger_provider.domain.sites.site import TroubledSite
    from trigger_provider.use_cases.ports.ledger import Sites
    from trigger_provider.use_cases.recovery.requeue import Requeue

MOST_SITES: Final = 2_000
"""The most suspended and resuming sites that one run looks at and counts."""
_CANDIDATES: Final = 25
_AT_ONCE: Final = 8


class ResumedSites(NamedTuple):
    """The result of a run for sites: the rows that were released, and how many sites are suspended or resuming.

    Sites that wait for an install after they removed the app are counted apart: most of them never return.
    """

    parked: int
    removed: int
    requeued: Requeued = Requeued()


def map_sites(do: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Call a function for several sites at once, in threads other than those of the portions of rows."""
    return map_concurrently(do, items, _AT_ONCE)


@dataclass(frozen=True, slots=True)
class ResumeSites:
    """The use case. A run looks at no more than `most` parked rows."""

    requeue: Requeue
    sites: Sites
    policy: DeliveryPolicy
    most: int
    spread: MapConcurrently = map_sites

    def run(self, end: int) -> ResumedSites:
        """Release the rows of resuming sites, then probe suspended sites. Nothing is begun at `end` or later.

        Sites don't wait for one another. Probes have at least a quarter of the time.
        """
        now = self._now()
        sites = self.sites.troubled(MOST_SITES)
        rows, unavailable = load_available(
            self.sites.load_many, [row.site for row in sites if row.next_attempt_at <= now]
        )
        resuming = [row for row in rows.values() if row.state is SiteState.RESUMING]
        suspended = [row for row in rows.values() if row.state is SiteState.SUSPENDED]
        suspended += self._find_forwarded(sites, resuming, now)
        released = self._resume(resuming, now + (end - now) * 3 // 4)
        probed = try_each(lambda row: self._probe_in_time(row, end), suspended, self.spread)
        failed = Requeued(0, frozenset(map(site_key, unavailable)), probed.errors)
        removed = sum(row.next_attempt_at == NEVER for row in sites)
        return ResumedSites(len(sites) - removed, removed, Requeued.total([released, *probed.results, failed]))

    def _find_forwarded(self, sites: Sequence[TroubledSite], resuming: Sequence[SiteRow], now: int) -> list[SiteRow]:
        """Return the sites that wait for a probe, though a probe of another site has shown that Wix is well again."""
        probed = [row for row in resuming if row.reason == PROBED]
        if not probed:
            return []
        waiting = [row.site for row in sites if now < row.next_attempt_at < NEVER]
        rows, _ = load_available(self.sites.load_many, waiting)
        return [row for row in rows.values() if is_probe_forwarded(row, probed)]

    def _resume(self, resuming: Sequence[SiteRow], end: int) -> Requeued:
        """Release parked rows, sites by turns. A site without parked rows ends its resumption."""
        limit = max(1, self.most // max(1, len(resuming)))
        tried = try_each(lambda row: self._find_parked(row, limit, end), resuming, self.spread)
        parked = take_turns(entry for entries in tried.results for entry in entries)
        return Requeued.total([self._release(parked, end), Requeued(errors=tried.errors)])

    def _find_parked(self, row: SiteRow, limit: int, end: int) -> Sequence[Waiting]:
        if self._now() >= end:
            return ()
        parked = self.requeue.ledger.parked(row.site, limit)
        if not parked:
            self._save(
                row, lambda row: finish_resuming(row, self._now(), self.policy.settle_delay, self.policy.retention)
            )
        return parked

    def _probe_in_time(self, row: SiteRow, end: int) -> Requeued:
        return self._probe(row, end) if self._now() < end else Requeued()

    def _probe(self, row: SiteRow, end: int) -> Requeued:
        """Release one row that will call Wix, and the rows before it that won't: these end without a call.

        The site's row names the probe before its message is sent. If this run ends halfway, the next sends it again.
        """
        ledger, now = self.requeue.ledger, self._now()
        probe = None if row.probe is None else load_available(ledger.load_many, [row.probe]).rows.get(row.probe)
        if probe is not None and probe.parked_at is None and probe.state in ON_THE_WAY:
            self._save(row, partial(start_probe, key=probe.key, now=now))
            return Requeued()
        parked = ledger.parked(row.site, _CANDIDATES)
        stored, _ = load_available(ledger.load_many, [entry.key for entry in parked])
        caller = next((entry.key for entry in parked if entry.key in stored and self._calls(stored[entry.key])), None)
        self._save(
            row, partial(postpone_probe, now=now) if caller is None else partial(start_probe, key=caller, now=now)
        )
        return self._release(_up_to(parked, caller), end)

    def _calls(self, row: Row) -> bool:
        after = release_if_due(row, self._now(), self.policy)
        return after is not None and would_call(after, self._now(), self.policy.settle_delay)

    def _release(self, parked: Sequence[Waiting], end: int) -> Requeued:
        return self.requeue.change(parked, lambda row: release_if_due(row, self._now(), self.policy), end)

    def _save(self, row: SiteRow, change: Callable[[SiteRow], SiteRow]) -> None:
        """Change a site if its row is still as this run loaded it. Otherwise the next run looks at it again."""

        def if_unchanged(now_is: SiteRow) -> SiteChange:
            same = (now_is.state, now_is.changed_at, now_is.probe) == (row.state, row.changed_at, row.probe)
            return SiteChange(change(now_is) if same else now_is)

        change_sites(self.sites, self.requeue.new_token, [row.site], if_unchanged, {row.site: row})

    def _now(self) -> int:
        return self.requeue.clock.now()


def _up_to(parked: Sequence[Waiting], caller: RowKey | None) -> Sequence[Waiting]:
    """Return the parked rows up to and including the probe, or all rows without a probe."""
    keys = [entry.key for entry in parked]
    return parked[: keys.index(caller) + 1] if caller in keys else parked
