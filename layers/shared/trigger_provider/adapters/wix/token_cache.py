"""Keeps one access token for each site, so that few are fetched."""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import Future
from typing import TYPE_CHECKING

from trigger_provider.adapters.wix.http import NO_TIME, CallFailed, WixHttp
from trigger_provider.adapters.wix.oauth import TokenClient
from trigger_provider.domain.delivery.results import ItemResult, ResultKind

if TYPE_CHECKING:
    import requests

    from trigger_provider.adapters.wix.http import Timeouts
    from trigger_provider.adapters.wix.oauth import Token
    from trigger_provider.adapters.wix.secret import WixSecret
    from trigger_provider.use_cases.ports.clock import Clock
    from trigger_provider.use_cases.ports.wix import Permits

_MOST_SITES = 5_000


class TokenCache:
    """Tokens by client credentials. Threads that need the token of the same site fetch it once.

    Tokens are kept in memory only, for the sites used last. To fetch one takes a permit of the site.
    """

    def __init__(
        self,
        session: requests.Session,
        base_url: str,
        secret: WixSecret,
        clock: Clock,
        timeouts: Timeouts,
        permits: Permits,
        most_sites: int = _MOST_SITES,
    ) -> None:
        self._client = TokenClient(WixHttp(session, base_url, clock, timeouts), secret, clock, permits)
        self._clock = clock
        self._most_sites = most_sites
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Token] = OrderedDict()
        self._flights: dict[str, Future[Token]] = {}

    def token(self, site: str, deadline: int) -> str:
        """Return a token that is valid now. Raise `CallFailed` if none can be had before the deadline."""
        with self._lock:
            kept = self._kept.get(site)
            if kept is not None and self._clock.now() < kept.fresh_until:
                self._kept.move_to_end(site)
                return kept.text
            flight = self._flights.get(site)
            if is_ours := flight is None:
                flight = self._flights[site] = Future()
        if is_ours:
            self._fly(flight, site, deadline)
        try:
            return flight.result(max(0.0, (deadline - self._clock.now()) / 1000)).text
        except TimeoutError:
            raise CallFailed(ItemResult(ResultKind.SKIPPED, NO_TIME)) from None

    def drop(self, site: str, token: str) -> None:
        """Drop a token that Wix refuses. A token that was fetched since then stays."""
        with self._lock:
            kept = self._kept.get(site)
            if kept is not None and kept.text == token:
                del self._kept[site]

    def _fly(self, flight: Future[Token], site: str, deadline: int) -> None:
        try:
            minted = self._client.fetch(site, deadline)
        except BaseException as error:  # noqa: BLE001 - whatever it is, those who wait must hear of it
            self._land(site, None)
            flight.set_exception(error)
        else:
            self._land(site, minted)
            flight.set_result(minted)

    def _land(self, site: str, minted: Token | None) -> None:
        with self._lock:
            del self._flights[site]
            if minted is not None:
                self._kept[site] = minted
                self._kept.move_to_end(site)
            while len(self._kept) > self._most_sites:
                self._kept.popitem(last=False)
