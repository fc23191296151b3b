"""The ports that only the operator's command line needs. They are called seldom, and may be slow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from trigger_provider.use_cases.ports.messaging import ReceivedMessages

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trigger_provider.domain.ledger.rows import Row, RowKey, VersionedItem
    from trigger_provider.domain.operations.values import DeadLetter, InboxMessage, RowFilter, ScanPage


class Archive(Protocol):
    """Finds rows by other ways than their keys. Every call raises `LedgerUnavailable`."""

    def partition(self, partition: str) -> Sequence[Row]:
        """Return every row of a partition, as of now."""

    def find(self, wanted: RowFilter) -> Iterator[ScanPage]:
        """Read the whole table, page by page, in no order. Rows that are saved meanwhile may be missed."""

    def pages(self) -> Iterator[Sequence[VersionedItem]]:
        """Read the whole table, page by page, in no order: all rows of events and of sites, with all their fields."""

    def forget(self, rows: Sequence[VersionedItem]) -> frozenset[RowKey]:
        """Delete each row at its revision, in order. Return the keys of the rows that have changed meanwhile."""

    def size(self) -> int:
        """Return the approximate number of rows, as of some hours ago. It is meant for a progress bar."""


class DeadLetterQueue(ReceivedMessages, Protocol):
    """A queue that no function reads. Every call raises `QueueUnavailable`."""

    def receive(self, seconds: int) -> Sequence[DeadLetter]:
        """Return some messages, or none. SQS hides them from other receivers for so many seconds."""


class Inbox(Protocol):
    """The queue of requests, from the sender's side."""

    def send(self, letters: Sequence[InboxMessage]) -> None:
        """Send all messages, or raise `QueueUnavailable`: some may be on their way nevertheless."""
