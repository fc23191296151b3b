"""What an operator's command looks for in the table and on the queues, and what it finds there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trigger_provider.domain.ledger.rows import RowKey, State


@dataclass(frozen=True, slots=True)
class RowFilter:
    """Which rows to find: all of a site, or of one trigger; in any state unless some are named.

    `since` and `until` bound the time at which the newest change was accepted: from, and up to but not including.
    """

    site: str
    trigger: str | None = None
    states: frozenset[State] = frozenset()
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True)
class ScanPage:
    """What one page of the table held: how many rows were read for it, and the keys of those that were wanted."""

    read: int
    keys: tuple[RowKey, ...]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that lies on a queue for a person. `sent_at` is in milliseconds, `receipt` that of its last receive."""

    message_id: str
    receipt: str
    body: str
    sent_at: int
    attributes: Mapping[str, str] = field(default_factory=dict)
    group: str | None = None


@dataclass(frozen=True, slots=True)
class InboxMessage:
    """A message for the inbox. `first_sent` is kept with it, so that it is as old as it is, however often replayed.

    `is_forced` lets it in although its event may be older than the ledger's memory.
    """

    body: str
    first_sent: int
    group: str | None = None
    is_forced: bool = False
