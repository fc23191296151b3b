"""Requeues the probes of suspended sites, and releases the parked rows of resuming sites."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from trigger_provider.domain.delivery.resumption import release_if_due, would_call
from trigger_provider.domain.ledger.rows import ON_THE_WAY, Row, RowKey
from trigger_provider.domain.sites.site import NEVER, SiteRow, SiteState
from trigger_provider.domain.sites.suspension import finish_resuming, postpone_probe, start_probe
from trigger_provider.use_cases.loading import load_available
from trigger_provider.use_cases.sites.updates import SiteChange, change_sites

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trigger_provider.domain.delivery.policy import DeliveryPolicy
    from trigger_provider.domain.ledger.rows import Waiting
    from trigger_provider.use_cases.ports.ledger import Sites
    from trigger_provider.use_cases.recovery.requeue import Requeue

MOST_SITES: Final = 2_000
"""The most suspended and resuming sites that one run looks at and counts."""
_CANDIDATES: Final = 25


class ResumedSites(NamedTuple):
    """The result of a run for sites: the number of released rows, and how many sites are suspended or resuming.

    Sites that wait for an install after they removed the app are counted apart: most of them never return.
    """

    rows: int
    parked: int
    removed: int


@dataclass(frozen=True, slots=True)
class ResumeSites:
    """The use case. A run looks at no more than `most_per_site` parked rows of a site."""

    requeue: Requeue
    sites: Sites
    policy: DeliveryPolicy
    most_per_site: int

    def run(self, end: int) -> ResumedSites:
        """Probe or resume the sites whose time has come. No site is begun at `end` or later."""
        now = self.requeue.clock.now()
        sites = self.sites.troubled(MOST_SITES)
        rows, _ = load_available(self.sites.load_many, [site.site for site in sites if site.next_attempt_at <= now])
        taken = 0
        for row in rows.values():
            if self.requeue.clock.now() < end:
                taken += self._look_after(row, end)
        removed = sum(site.next_attempt_at == NEVER for site in sites)
        return ResumedSites(taken, len(sites) - removed, removed)

    def _look_after(self, row: SiteRow, end: int) -> int:
        if row.state is SiteState.RESUMING:
            return self._resume(row, end)
        return self._probe(row, end) if row.state is SiteState.SUSPENDED else 0

    def _resume(self, row: SiteRow, end: int) -> int:
        parked = self.requeue.ledger.parked(row.site, self.most_per_site)
        if not parked:
            self._save(
                row, lambda row: finish_resuming(row, self._now(), self.policy.settle_delay, self.policy.retention)
            )
        return self._release(parked, end)

    def _probe(self, row: SiteRow, end: int) -> int:
        """Release one row that will call Wix, and the rows before it that won't: these end without a call.

        The site's row names the probe before its message is sent. If this run ends halfway, the next sends it again.
        """
        ledger, now = self.requeue.ledger, self._now()
        probe = None if row.probe is None else load_available(ledger.load_many, [row.probe]).rows.get(row.probe)
        if probe is not None and probe.parked_at is None and probe.state in ON_THE_WAY:
            self._save(row, partial(start_probe, key=probe.key, now=now))
            return 0
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

    def _release(self, parked: Sequence[Waiting], end: int) -> int:
        return self.requeue.run(parked, lambda row: release_if_due(row, self._now(), self.policy), end)

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
