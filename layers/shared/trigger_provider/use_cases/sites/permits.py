"""The permits that a batch has acquired for its calls to Wix, and how a call acquires one more."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from trigger_provider.domain.delivery.results import ItemResult, ResultKind
from trigger_provider.domain.sites.admission import busy, waiting
from trigger_provider.domain.sites.rate_limit import Lease, acquire
from trigger_provider.domain.sites.site import SiteRow, SiteState
from trigger_provider.domain.sites.suspension import extend_expiry
from trigger_provider.errors import LedgerUnavailable
from trigger_provider.use_cases.sites.updates import change_sites

if TYPE_CHECKING:
    from collections.abc import Callable

    from trigger_provider.use_cases.ports.clock import Clock
    from trigger_provider.use_cases.ports.ledger import Sites


@dataclass(frozen=True, slots=True)
class PermitPool:
    """Keeps the port `Permits`, for the threads of one process.

    `limit` calls for a site may be made in a minute. `retention` is in milliseconds.
    """

    sites: Sites
    clock: Clock
    new_token: Callable[[], str]
    limit: int
    retention: int
    _held: dict[str, list[Lease]] = field(default_factory=dict)
    _probed: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, site: str, lease: Lease, *, is_probe: bool) -> None:
        """Add permits that a batch has acquired."""
        with self._lock:
            self._held.setdefault(site, []).append(lease)
            if is_probe:
                self._probed.add(site)

    def clear(self) -> None:
        """Drop all permits that are left, once the calls of the batch are done."""
        with self._lock:
            self._held.clear()
            self._probed.clear()

    def acquire(self, site: str) -> ItemResult | None:
        """Use a prefetched permit that has not expired, else acquire one. Expired permits are not refunded."""
        now = self.clock.now()
        with self._lock:
            held = self._held.get(site, [])
            while held and (held[0].calls == 0 or held[0].good_until <= now):
                held.pop(0)
            if held:
                held[0] = Lease(held[0].calls - 1, held[0].good_until, held[0].next_attempt_at)
                return None
            is_probe = site in self._probed
        try:
            return self._of_its_own(site, is_probe=is_probe)
        except LedgerUnavailable:
            return ItemResult(ResultKind.SKIPPED, "no permit: the ledger is unavailable")

    def _of_its_own(self, site: str, *, is_probe: bool) -> ItemResult | None:
        """Acquire a permit from the ledger. It counts as used if it expires before its row is saved."""
        saved = change_sites(self.sites, self.new_token, [site], lambda row: self._decide(row, is_probe=is_probe))
        permit, now = saved.decisions.get(site), self.clock.now()
        if permit is None or (permit.refusal is None and permit.good_until <= now):
            return busy(now)
        return permit.refusal

    def _decide(self, row: SiteRow, *, is_probe: bool) -> _Permit:
        if row.state is SiteState.SUSPENDED and not is_probe:
            return _Permit(row, ItemResult(ResultKind.FORBIDDEN, row.reason))
        now = self.clock.now()
        after, lease = acquire(row, 1, now, self.limit)
        refusal = None if lease.calls else waiting(lease.next_attempt_at, now)
        return _Permit(extend_expiry(after, now, self.retention), refusal, lease.good_until)


class _Permit(NamedTuple):
    """The site's row with the call in its log. It may begin until `good_until`, in milliseconds, or has a `refusal`."""

    row: SiteRow
    refusal: ItemResult | None
    good_until: int = 0
