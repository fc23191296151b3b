"""Notes that a site has installed or removed the app, as Wix's webhooks tell: in any order, and any number of times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from trigger_provider.decisions.parking import installed, removed
from trigger_provider.decisions.policy import MOST_ROUNDS
from trigger_provider.errors import LedgerUnavailable
from trigger_provider.ports import Clock, Sites
from trigger_provider.sites import SiteRow


class Change(StrEnum):
    """What a site has done with the app."""

    INSTALLED = "installed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class SiteNews:
    """What a site has done, and when Wix said so, in milliseconds: newer news wins."""

    site: str
    change: Change
    at: int


@dataclass(frozen=True, slots=True)
class Installs:
    """The use case. `retention` is in milliseconds."""

    sites: Sites
    clock: Clock
    new_token: Callable[[], str]
    retention: int

    def __call__(self, news: SiteNews) -> SiteRow | None:
        """Give the site's row as it is now saved; none where the news is not new, and nothing changes.

        Raises `LedgerUnavailable`, also if others keep changing the row.
        """
        for _ in range(MOST_ROUNDS):
            after = self._decided(news)
            if after is None or not self.sites.save_many([after]):
                return after
        raise LedgerUnavailable("others keep changing the row of the site")

    def _decided(self, news: SiteNews) -> SiteRow | None:
        row, now = self.sites.load_many([news.site]).get(news.site), self.clock.now()
        if news.change is Change.INSTALLED:
            after = installed(row, news.site, news.at, now, self.retention)
        else:
            after = removed(row, news.site, news.at, now)
        return after and replace(after, revision=after.revision + 1, token=self.new_token())
