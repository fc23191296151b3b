"""Records that a site has installed or removed the app. Wix's webhooks may come in any order, and several times."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from trigger_provider.domain.sites.suspension import install, uninstall
from trigger_provider.errors import LedgerUnavailable
from trigger_provider.use_cases.sites.updates import change_sites

if TYPE_CHECKING:
    from collections.abc import Callable

    from trigger_provider.domain.sites.site import SiteRow
    from trigger_provider.use_cases.ports.clock import Clock
    from trigger_provider.use_cases.ports.ledger import Sites


class Change(StrEnum):
    """What a site has done with the app."""

    INSTALLED = "installed"
    REMOVED = "removed"


class LifecycleEvent(NamedTuple):
    """What a site has done, and when Wix signed the webhook, in milliseconds. The newer webhook wins."""

    site: str
    change: Change
    at: int


@dataclass(frozen=True, slots=True)
class Installation:
    """The use case. `retention` is in milliseconds."""

    sites: Sites
    clock: Clock
    new_token: Callable[[], str]
    retention: int

    def record(self, event: LifecycleEvent) -> SiteRow | None:
        """Record the event and return the site's saved row. Return None if the event is known or old: nothing changes.

        Raise `LedgerUnavailable`, also if others keep changing the row.
        """
        saved = change_sites(self.sites, self.new_token, [event.site], lambda row: self._decide(row, event))
        if event.site not in saved.rows:
            raise LedgerUnavailable("others keep changing the row of the site")
        return saved.rows[event.site] if saved.decisions[event.site].is_new else None

    def _decide(self, row: SiteRow, event: LifecycleEvent) -> _Decision:
        now = self.clock.now()
        if event.change is Change.INSTALLED:
            after = install(row, event.site, event.at, now, self.retention)
        else:
            after = uninstall(row, event.site, event.at, now)
        return _Decision(after or row, is_new=after is not None and after.installed_at != row.installed_at)


class _Decision(NamedTuple):
    """The site's row after the event, and whether the event was new."""

    row: SiteRow
    is_new: bool
