"""The nouns of the ledger: what is known of an entity of a trigger, and of one occurrence.

Times are integer milliseconds since the epoch. Versions are integers whatever their kind: a version
that is a time is kept in nanoseconds, so that any two versions of one trigger compare as numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

SHARDS: Final = 8
"""In how many parts the index of rows that wait is kept."""


class RequestOutcome(StrEnum):
    """What intake answers to one request."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    UNCHANGED = "unchanged"
    STALE = "stale"
    INVALID = "invalid"
    REJECTED = "rejected"
    RETRY = "retry"


class State(StrEnum):
    """Where a row stands: on the way (`pending`, `retrying`), at one of its ends, or `parked` until its site wakes."""

    PENDING = "pending"
    RETRYING = "retrying"
    REPORTED = "reported"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    REJECTED = "rejected"
    FAILED = "failed"
    PARKED = "parked"


ON_THE_WAY: Final = frozenset({State.PENDING, State.RETRYING})

ENDS: Final = frozenset(State) - ON_THE_WAY - {State.PARKED}

CALLED_OFF: Final = frozenset({State.CANCELLED, State.SUPERSEDED})
"""The ends of what is not wanted at Wix."""


class Intent(StrEnum):
    """What the newest request for an entity wants Wix to hold: the event, or nothing."""

    REPORT = "report"
    CANCEL = "cancel"


class RowKey(NamedTuple):
    """Where a row lies: `partition` is also the first part of each of its event ids."""

    partition: str
    row: str


class Transition(NamedTuple):
    """One line of a row's history; `wix_request_id` is what Wix's support asks for."""

    at: int
    state: State
    reason: str
    wix_request_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionedItem:
    """What the table holds under a key: a row of an event, or of a site."""

    key: RowKey
    expires_at: int
    """From when DynamoDB may delete the row, in milliseconds, whole seconds."""
    revision: int = 0
    """How often the row was saved. A row is saved only over the revision before its own."""
    token: str = ""
    """Names the attempt that saved the row. So a worker knows its own save again if the answer to it was lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row(VersionedItem):
    """What every row of the ledger holds. All times are in milliseconds since the epoch."""

    site: str
    trigger: str
    entity: str | None = None
    """The producer's id of what the event is about, if it has one."""
    version: int | None = None
    """The version of the newest change."""
    state: State
    reason: str
    """Why the row is in this state, in a few words without payload."""
    accepted_at: int
    """When the newest change was accepted."""
    accepted_revision: int = 0
    """The revision that brought the newest change, or a last retry. A dead letter for an older one fails no row."""
    attempts: int = 0
    """How many attempts to deliver the newest change have ended without success."""
    same_failure_count: int = 0
    """How many of these, the last ones, have ended for the current `reason`."""
    next_attempt_at: int | None = None
    """When the row is to be looked at again. Only rows that carry it cost an entry in the index."""
    parked_at: int | None = None
    """Since when the row waits for its suspended site. `next_attempt_at` is then its place in the site's queue."""
    resumed_at: int | None = None
    """When the row was last released from there. `give_up_after` counts from then."""
    timeline: tuple[Transition, ...] = ()
    """The last ten changes of state and notes, the oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow(Row):
    """A row that stands for an event at Wix."""

    payload: str | None = None
    """JSON text, as it was accepted."""
    acked_at: int | None = None
    """When Wix acknowledged the newest report."""
    activation_ids: tuple[str, ...] = ()
    """What Wix started, by its answer to the newest report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledEntity(EventRow):
    """An entity of a scheduled trigger. Each of its generations is an event of its own at Wix."""

    entity: str
    version: int
    intent: Intent
    generation: int
    """The newest generation. The first is 1."""
    acked_generation: int = 0
    """The last generation that Wix acknowledged."""
    oldest_open_generation: int = 1
    """The lowest generation that may still be live at Wix."""
    second_cancel_at: int | None = None
    """From when a cancel closes all generations below `generation` for good: no report of them can arrive any more."""
    due_at: int | None = None
    """When the event happens, by its payload."""
    seen_requests: tuple[str, ...] = ()
    """Fingerprints of the requests that were accepted at this very version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone(Row):
    """What the newest cancel under a real-time trigger leaves: it stops all occurrences up to its version."""

    entity: str
    version: int
    second_cancel_at: int | None = None
    """From when a cancel closes the occurrences for good: no report of them can arrive any more."""
    swept_version: int | None = None
    """Occurrences up to this version are closed at Wix."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RealtimeEvent(EventRow):
    """One event of a real-time trigger: an occurrence."""

    occurrence: str
    """The producer's id of the event."""
    closed: bool = False
    """Whether no report of it can be live at Wix any more."""


CancelledTwice = ScheduledEntity | Tombstone
"""The rows whose cancels are sent at once, and once more after the settle delay."""


class Waiting(NamedTuple):
    """A row that waits, as the index shows it: perhaps a moment old."""

    key: RowKey
    next_attempt_at: int
    accepted_at: int
