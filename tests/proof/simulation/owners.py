"""The owners of sites: they take a permission back, or remove the app, and in the end they relent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from random import Random

from tests.proof.simulation.journal import Journal
from tests.proof.simulation.requests import Ask
from tests.proof.simulation.scheduler import START, Scheduler
from trigger_provider.domain.durations import MINUTE, SECOND
from trigger_provider.use_cases.sites.installation import Change, Installation, LifecycleEvent

_WEBHOOK_TIMEOUT = 10 * SECOND
_RESENT_AFTER = MINUTE
_LONGEST_GRUDGE = 4 * MINUTE


class Owners:
    """Some owners. While a site is in `closed`, Wix refuses its calls. Wix sends webhooks of removals and installs.

    In half of the worlds Wix drops all live events of a site that removes the app. `has_dropped` says that it did.
    """

    def __init__(
        self, seed: int, scheduler: Scheduler, journal: Journal, installation: Installation,
        drop: Callable[[str], None],
    ) -> None:  # fmt: skip
        self._drop = drop
        self.has_dropped = False
        self._drops = Random(f"drops {seed}").random() < 0.5  # noqa: S311 - a test's chance
        self.closed: set[str] = set()
        self._chance = Random(f"owners {seed}")  # noqa: S311 - a test's chance
        self._scheduler = scheduler
        self._journal = journal
        self._installation = installation
        self._removed: set[str] = set()

    def watch(self, asks: Sequence[Ask]) -> None:
        """Let some owners remove the app or close their site for a time. In half of the worlds no owner does."""
        sites = dict.fromkeys(ask.request.site for ask in asks)
        last = asks[-1].at if asks else START
        if self._chance.random() < 0.5:
            return
        for site in sites:
            if self._chance.random() < 0.5:
                at = self._chance.randint(START, last)
                self._at(at, site, is_removed=self._chance.random() < 0.5)
                until = at + self._chance.randint(1, _LONGEST_GRUDGE)
                self._scheduler.at(until, partial(self._relents, site))

    def relent(self) -> None:
        """Open all closed sites again."""
        for site in sorted(self.closed):
            self._relents(site)

    def _at(self, at: int, site: str, *, is_removed: bool) -> None:
        def close() -> None:
            self.closed.add(site)
            if is_removed:
                self._removed.add(site)
                if self._drops:
                    self.has_dropped = True
                    self._drop(site)
                self._tell(LifecycleEvent(site, Change.REMOVED, self._scheduler.now()))

        self._scheduler.at(at, close)

    def _relents(self, site: str) -> None:
        if site in self.closed:
            self.closed.remove(site)
            self._journal.say(lambda: f"{site} lets us in again")
        if site in self._removed:
            self._removed.remove(site)
            self._tell(LifecycleEvent(site, Change.INSTALLED, self._scheduler.now()))

    def _tell(self, news: LifecycleEvent) -> None:
        """Send a webhook, and again until it is accepted."""
        heard = False

        def hear() -> None:
            nonlocal heard
            self._installation.record(news)
            heard = True

        def again() -> None:
            if not heard:
                self._tell(news)

        self._journal.say(lambda: f"{news.site} has {news.change} the app")
        self._scheduler.start("webhook", _WEBHOOK_TIMEOUT, hear)
        self._scheduler.at(self._scheduler.now() + _RESENT_AFTER, again)
