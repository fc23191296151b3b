"""The rows of sites of the simulation: the in-memory fake, behind the ledger's line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tests.proof.simulation.connection import Connection
from tests.support.memory_sites import MemorySites
from trigger_provider.domain.sites.site import SiteRow, TroubledSite


class SimulatedSites(MemorySites):
    """Keeps the port `Sites`."""

    def __init__(self, line: Connection) -> None:
        super().__init__()
        self._connection = line

    @property
    def are_troubled(self) -> bool:
        """Return whether a site is suspended or resuming."""
        return bool(super().troubled(1))

    def load_many(self, sites: Iterable[str]) -> Mapping[str, SiteRow]:
        # In an order of their own: that of a set differs from process to process.
        parts = self._connection.call("load sites", sorted(sites), super().load_many)
        return {site: row for part in parts for site, row in part.items()}

    def save_many(self, rows: Sequence[SiteRow]) -> frozenset[str]:
        return frozenset[str]().union(*self._connection.call("save sites", rows, super().save_many))

    def troubled(self, limit: int) -> Sequence[TroubledSite]:
        if not self.are_troubled:
            return ()
        (sites,) = self._connection.call("read the index of sites", (), lambda _: MemorySites.troubled(self, limit))
        return sites
