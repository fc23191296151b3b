"""Puts the rows of a restored copy of the table back into the table that is used now, for the operator.

A row that is there stays. As in `accept`, the message is sent before the row is saved. Tombstones come last, since
their sweeps must find the occurrences that they stop.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from trigger_provider.domain.delivery.messages import Message
from trigger_provider.domain.ledger.ids import event_id
from trigger_provider.domain.ledger.rows import ON_THE_WAY, Row, Tombstone, VersionedItem
from trigger_provider.domain.ledger.transitions import next_accepted_revision, next_revision
from trigger_provider.domain.operations.restoration import Restoration, decide_restoration, restore_row
from trigger_provider.domain.sites.site import SiteRow
from trigger_provider.use_cases.saving import send_then_save

if TYPE_CHECKING:
    from trigger_provider.use_cases.intake.accept import Accept
    from trigger_provider.use_cases.ports.ledger import Sites
    from trigger_provider.use_cases.ports.operator import Archive


class Restored(NamedTuple):
    """What becomes of a row of the copy. `event` and `trigger` are empty for a site's row."""

    restoration: Restoration
    event: str = ""
    trigger: str = ""


@dataclass(frozen=True, slots=True)
class Restore:
    """The use case. `copy` is the restored table. All calls raise `LedgerUnavailable` or `QueueUnavailable`."""

    copy: Archive
    accept: Accept
    sites: Sites

    def pages(self) -> Iterator[Sequence[VersionedItem]]:
        """Read the copy twice, and yield its rows: first all but the tombstones, then the tombstones."""
        for of_tombstones in (False, True):
            for page in self.copy.pages():
                yield [row for row in page if isinstance(row, Tombstone) is of_tombstones]

    def look(self, page: Sequence[VersionedItem]) -> list[Restored]:
        """Return what `run` would do with these rows. Nothing is changed."""
        return [
            *(Restored(decided, event_id(row), row.trigger) for row, decided in self._decide(page)),
            *(Restored(decided) for _, decided in self._decide_sites(page)),
        ]

    def run(self, page: Sequence[VersionedItem]) -> list[Restored]:
        """Restore these rows. Return what became of each. A second call finds all of them there."""
        decided, sites = self._decide(page), self._decide_sites(page)
        self.sites.save_many([self._insert(row) for row, is_ in sites if is_ is Restoration.RESTORE])
        now, token = self.accept.clock.now(), self.accept.new_token()
        restored = {
            row.key: _first_revision(restore_row(row, now, self.accept.retention), token)
            for row, is_ in decided
            if is_ is Restoration.RESTORE
        }
        messages = [Message(row.key, row.revision, row.site) for row in restored.values() if row.state in ON_THE_WAY]
        taken = send_then_save(self.accept.outbox, self.accept.ledger, messages, list(restored.values()))
        return [
            *(
                Restored(
                    Restoration.KEEP if row.key in taken else is_, event_id(restored.get(row.key, row)), row.trigger
                )
                for row, is_ in decided
            ),
            *(Restored(is_) for _, is_ in sites),
        ]

    def _decide(self, page: Sequence[VersionedItem]) -> list[tuple[Row, Restoration]]:
        rows = [row for row in page if isinstance(row, Row)]
        current = self.accept.ledger.load_many([row.key for row in rows]) if rows else {}
        now = self.accept.clock.now()
        return [(row, decide_restoration(row, current.get(row.key), now)) for row in rows]

    def _decide_sites(self, page: Sequence[VersionedItem]) -> list[tuple[SiteRow, Restoration]]:
        rows = [row for row in page if isinstance(row, SiteRow)]
        current = self.sites.load_many([row.site for row in rows]) if rows else {}
        return [(row, Restoration.KEEP if row.site in current else Restoration.RESTORE) for row in rows]

    def _insert(self, row: SiteRow) -> SiteRow:
        return next_revision(replace(row, revision=0), self.accept.new_token())


def _first_revision(row: Row, token: str) -> Row:
    return next_accepted_revision(row, token) if row.state in ON_THE_WAY else next_revision(row, token)
