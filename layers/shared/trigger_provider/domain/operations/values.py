"""What the operator's commands look for in the table and on the queues, and what they find there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trigger_provider.domain.ledger.rows import RowKey, State


@dataclass(frozen=True, slots=True)
class RowFilter:
    """Which rows to find: all of a site, or those of one of its triggers; in any state, unless some are named.

    `since` (included) and `until` (excluded) bound the time at which the newest change was accepted, in milliseconds.
    """

    site: str
    trigger: str | None = None
    states: frozenset[State] = frozenset()
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True)
class ScanPage:
    """One page of the table: how many rows DynamoDB read for it, and the keys of the rows that match the filter."""

    read: int
    keys: tuple[RowKey, ...]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A dead letter as SQS holds it. `sent_at` is in milliseconds. `receipt` is that of its last receive."""

    message_id: str
    receipt: str
    body: str
    sent_at: int
    attributes: Mapping[str, str] = field(default_factory=dict)
    group: str | None = None


@dataclass(frozen=True, slots=True)
class InboxMessage:
    """A message for the inbox. It bears `first_sent`, in milliseconds, so that each redrive keeps its true age.

    If it `is_forced`, intake accepts it although its event may be older than the ledger's memory.
    """

    body: str
    first_sent: int
    group: str | None = None
    is_forced: bool = False
