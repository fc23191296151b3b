"""The table: rows of events and of sites. Calls take and return many rows; a single row is a batch of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trigger_provider.domain.ledger.rows import OccurrencePage, RealtimeEvent, Row, RowKey, Waiting
    from trigger_provider.domain.sites.site import SiteRow, TroubledSite
    from trigger_provider.domain.sites.walk import WalkPage, WalkRow


class Ledger(Protocol):
    """The table of rows. It has only one rule: a row is saved over the revision before its own, or not at all.

    Every call raises `LedgerUnavailable` if the table does not answer for everything that was asked.
    """

    def load_many(self, keys: Iterable[RowKey]) -> Mapping[RowKey, Row]:
        """Return the rows that exist, as of now (consistent reads). Keys may repeat.

        Raise `RowsUnavailable`, which holds all other rows, if only some rows can't be read.
        """

    def save_many(self, rows: Sequence[Row]) -> frozenset[RowKey]:
        """Save each row on its own. Return the keys of the rows that others changed meanwhile.

        The rows must have distinct keys. A row must keep the fixed fields of the revision before: site, trigger and
        entity. Those of an occurrence also include its id, version, payload and `accepted_at`.

        A row of revision 1 is inserted. Any other row replaces revision - 1. A stored row with our token and revision
        counts as saved: our first try was applied, and only its answer was lost.
        """

    def occurrences(self, entity: RowKey) -> Sequence[RealtimeEvent]:
        """Return every occurrence of an entity, as of now (consistent reads)."""

    def occurrence_page(self, entity: RowKey, position: str, limit: int) -> OccurrencePage:
        """Return at most `limit` occurrences after a position, as of now (consistent reads), without their payloads.

        The position is empty for the first page.
        """

    def waiting(self, shard: int, limit: int) -> Sequence[Waiting]:
        """Return at most `limit` rows of a shard of the index: those with `next_attempt_at` that are not parked.

        The earliest comes first.
        """

    def end_waits(self, waiting: Sequence[Waiting], token: str) -> frozenset[RowKey]:
        """Let rows wait no more, and save them under `token` with their next revision. Their keys must be distinct.

        Return the keys of the rows that are no longer as the index has shown them. Nothing is changed of these.
        """

    def parked(self, site: str, limit: int) -> Sequence[Waiting]:
        """Return at most `limit` rows that are parked with their site. Those accepted first come first."""


class EventFinder(Protocol):
    """Finds rows by what Wix knows of them: event ids."""

    def find(self, event: str) -> Sequence[Row]:
        """Return, as of now, the rows that an event id may name, and the tombstones beside them.

        These are the entity rows of its partition, and the occurrences of that very id. Raise `LedgerUnavailable`.
        """


class Sites(Protocol):
    """The rows of sites, in the same table and under the same rule. Every call raises `LedgerUnavailable`."""

    def load_many(self, sites: Iterable[str]) -> Mapping[str, SiteRow]:
        """Return the rows of the sites that have one, as of now (consistent reads). Sites may repeat.

        Raise `RowsUnavailable`, by site, as `Ledger.load_many` does.
        """

    def save_many(self, rows: Sequence[SiteRow]) -> frozenset[str]:
        """Save each row on its own, as `Ledger.save_many` does. Return the sites whose rows others changed."""

    def troubled(self, limit: int) -> Sequence[TroubledSite]:
        """Return at most `limit` suspended or resuming sites: those with `next_attempt_at`, the earliest first."""


class TableWalk(Protocol):
    """Reads the whole table, page by page, and keeps its position there. Every call raises `LedgerUnavailable`."""

    def load(self) -> WalkRow:
        """Return where the walk stands, as of now."""

    def save(self, row: WalkRow) -> bool:
        """Save where the walk stands. Return False if another run has saved it meanwhile."""

    def page(self, position: RowKey | None, now: int) -> WalkPage:
        """Return those rows of the page after a position that may be overlooked.

        These are rows on the way without a wait, parked rows, rows whose second cancel is to come, and reported rows
        whose date is later than `now`. The page is a moment behind the table.
        """
