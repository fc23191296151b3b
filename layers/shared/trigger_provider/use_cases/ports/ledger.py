"""The table: rows of events and of sites. Each call takes and returns lists, so that one event is a batch of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trigger_provider.domain.ledger.rows import RealtimeEvent, Row, RowKey, Waiting
    from trigger_provider.domain.sites.site import SiteRow, TroubledSite


class Ledger(Protocol):
    """The table of rows. It knows no rule but this: a row is saved over the revision before its own, or not.

    Every call raises `LedgerUnavailable` if the table does not answer for all that was asked.
    """

    def load_many(self, keys: Iterable[RowKey]) -> Mapping[RowKey, Row]:
        """Return the rows that exist, as of now (consistent reads); keys may repeat."""

    def save_many(self, rows: Sequence[Row]) -> frozenset[RowKey]:
        """Save each row on its own; give the keys of those that somebody else had changed meanwhile.

        The rows must have distinct keys, and what is fixed in a row must be as it was in the one before: site, trigger
        and entity, and of an occurrence its id, version and payload, and when it was accepted. A row of revision 1 is
        inserted, any other replaces revision - 1. A row that already bears our token and revision counts as saved: our
        first try had been applied and only its answer was lost.
        """

    def occurrences(self, entity: RowKey) -> Sequence[RealtimeEvent]:
        """Return every occurrence of an entity, as of now (consistent reads)."""

    def waiting(self, shard: int, limit: int) -> Sequence[Waiting]:
        """Return rows of a shard of the index that carry `next_attempt_at` and are not parked, the earliest first."""

    def parked(self, site: str, limit: int) -> Sequence[Waiting]:
        """Return rows that are parked with their site, those first that were accepted first."""


class EventFinder(Protocol):
    """The table of rows by what Wix knows of them: event ids."""

    def find(self, event: str) -> Sequence[Row]:
        """Return, as of now, the rows that an event id may name, and the tombstones beside them.

        These are the entity rows of its partition, and the occurrences of that very id. Raise `LedgerUnavailable`.
        """


class Sites(Protocol):
    """The rows of sites, in the same table and under the same rule. Every call raises `LedgerUnavailable`."""

    def load_many(self, sites: Iterable[str]) -> Mapping[str, SiteRow]:
        """Return the rows of the sites that have one, as of now (consistent reads); sites may repeat."""

    def save_many(self, rows: Sequence[SiteRow]) -> frozenset[str]:
        """Save each row on its own, as `Ledger.save_many` does; give the sites that somebody else had changed."""

    def troubled(self, limit: int) -> Sequence[TroubledSite]:
        """Return sites that carry `next_attempt_at`, since they are suspended or resuming, the earliest first."""
