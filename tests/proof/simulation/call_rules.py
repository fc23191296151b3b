"""Whether Wix accepts a call: with a permit, for a site that Wix does not refuse, and never too often in a minute."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection

from tests.proof.simulation.figures import DELIVER_TIMEOUT
from tests.proof.simulation.scheduler import Scheduler
from trigger_provider.domain.delivery.results import ItemResult, ResultKind
from trigger_provider.domain.durations import MINUTE
from trigger_provider.domain.sites.site import SiteRow, SiteState
from trigger_provider.use_cases.ports.wix import Permits

FORBIDDEN = ItemResult(ResultKind.FORBIDDEN, "forbidden", "wix request")


class CallRules:
    """Wix's rules for calls. `wrong` lists too many calls, and more than a probe while a site is suspended.

    A worker may call that was admitted before its site was suspended. So the rule holds once no such worker lives.
    """

    def __init__(self, scheduler: Scheduler, permits: Permits, most: int) -> None:
        self.closed: Collection[str] = ()
        self.rows: dict[str, SiteRow] = {}
        self.wrong: list[str] = []
        self._scheduler = scheduler
        self._permits = permits
        self._most = most
        self._calls: defaultdict[str, deque[int]] = defaultdict(deque)

    def refusal(self, site: str, entities: Collection[str]) -> ItemResult | None:
        """Return the answer to a call that Wix does not accept. `entities` are those of its events."""
        if (refusal := self._permits.acquire(site)) is not None:
            return refusal
        self._count(site)
        self._look(site, entities)
        return FORBIDDEN if site in self.closed else None

    def _count(self, site: str) -> None:
        calls, now = self._calls[site], self._scheduler.now()
        calls.append(now)
        while calls[0] <= now - MINUTE:
            calls.popleft()
        if len(calls) > self._most:
            self.wrong.append(f"{site} is called {len(calls)} times in a minute, of {self._most}")

    def _look(self, site: str, entities: Collection[str]) -> None:
        row, since = self.rows.get(site), self._scheduler.now() - DELIVER_TIMEOUT
        if row is None or row.state is not SiteState.SUSPENDED or row.changed_at >= since:
            return
        if len(entities) > 1:
            self.wrong.append(f"{site} is suspended, and called for {len(entities)} events")
