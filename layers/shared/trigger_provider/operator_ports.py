"""The promises that only the operator's command line needs kept, now and then and at a person's pace."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from trigger_provider.ports import ReceivedMessages

if TYPE_CHECKING:
    from trigger_provider.events import Kept, Row, RowKey, State


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows to find: all of a site, or of one trigger; in any state unless some are named.

    `since` and `until` bound the time at which the newest change was accepted: from, and up to but not including.
    """

    site: str
    trigger: str | None = None
    states: frozenset[State] = frozenset()
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What one page of the table held: how many rows were read for it, and the keys of those that were wanted."""

    read: int
    keys: tuple[RowKey, ...]


class Archive(Protocol):
    """The table of rows by other ways than their keys. Every call raises `LedgerUnavailable`."""

    def partition(self, partition: str) -> Sequence[Row]:
        """Give every row of a partition, as of now."""

    def find(self, wanted: Wanted) -> Iterator[Found]:
        """Read the whole table, page by page, in no order; what is saved meanwhile may be missed."""

    def forget(self, rows: Sequence[Kept]) -> frozenset[RowKey]:
        """Delete each row at its revision, one after the other; give the keys of those that have changed meanwhile."""

    def size(self) -> int:
        """Give about how many rows there are, as of some hours ago: for a progress bar."""


@dataclass(frozen=True, slots=True)
class SetAside:
    """A message that lies on a queue for a person. `sent_at` is in milliseconds, `receipt` that of its last receive."""

    message_id: str
    receipt: str
    body: str
    sent_at: int
    attributes: Mapping[str, str] = field(default_factory=dict)
    group: str | None = None


class SetAsideQueue(ReceivedMessages, Protocol):
    """A queue that no function reads. Every call raises `QueueUnavailable`."""

    def receive(self, seconds: int) -> Sequence[SetAside]:
        """Give some messages, which nobody else is given for so many seconds; none if there are none just now."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message for the inbox. `first_sent` is kept with it, so that it is as old as it is, however often replayed."""

    body: str
    first_sent: int
    group: str | None = None


class Inbox(Protocol):
    """The queue of requests, from the sender's side."""

    def send(self, letters: Sequence[Letter]) -> None:
        """Send all, or raise `QueueUnavailable`: then some may be on their way all the same."""
