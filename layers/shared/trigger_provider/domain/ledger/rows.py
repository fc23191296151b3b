"""The rows of the ledger: what is known of an entity of a trigger, and of one occurrence.

Times are integer milliseconds since the epoch. All versions are integers. A version that is a time is kept in
nanoseconds, so that any two versions of one trigger compare as numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

SHARDS: Final = 32
"""The number of parts of the index that lists the rows that wait.

A row that waits is written to the index twice: when its wait begins and when it ends. Each part takes 1,000 writes a
second, by AWS's limits for a partition key. So the index takes 16,000 rows a second.
"""


class RequestOutcome(StrEnum):
    """Intake's answer to one request."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    UNCHANGED = "unchanged"
    STALE = "stale"
    INVALID = "invalid"
    REJECTED = "rejected"
    RETRY = "retry"


class State(StrEnum):
    """Where a row stands: on the way (`pending`, `retrying`), at an end, or `parked` until its site is resumed."""

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
"""The ends of events that are not wanted at Wix."""


class Intent(StrEnum):
    """What Wix is to hold after the newest request for an entity: the event, or nothing."""

    REPORT = "report"
    CANCEL = "cancel"


class RowKey(NamedTuple):
    """The primary key of a row. An event's `partition` is also the first part of each of its event ids."""

    partition: str
    row: str


class Transition(NamedTuple):
    """One line of a row's history. `at` is in milliseconds. Wix's support asks for the `wix_request_id`."""

    at: int
    state: State
    reason: str
    wix_request_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionedItem:
    """An item of the table: the row of an event, or of a site."""

    key: RowKey
    expires_at: int
    """From when DynamoDB may delete the row, in milliseconds. It is always a whole second."""
    revision: int = 0
    """The number of times the row was saved. A save replaces only the revision before its own."""
    token: str = ""
    """Names the attempt that saved the row. A worker recognises its own save by it if DynamoDB's answer was lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row(VersionedItem):
    """The fields of every row of the ledger. All times are in milliseconds since the epoch."""

    site: str
    trigger: str
    entity: str | None = None
    """The producer's id of what the event is about. An occurrence may have none."""
    version: int | None = None
    """The version of the newest change. An occurrence may have none."""
    state: State
    reason: str
    """Why the row is in this state, in a few words that hold nothing of the payload."""
    accepted_at: int
    """When the newest change was accepted, in milliseconds."""
    accepted_revision: int = 0
    """The revision of the newest change, or of a last retry. A dead letter for an older one must not fail the row."""
    attempts: int = 0
    """The number of attempts to deliver the newest change that ended without success."""
    first_attempt_at: int | None = None
    """When the first of these attempts ended, in milliseconds. `give_up_after` counts from then."""
    same_failure_count: int = 0
    """Consecutive attempts that failed with the current `reason`."""
    next_attempt_at: int | None = None
    """When the row is due again, in milliseconds. Only rows with this field have an entry in the index."""
    parked_at: int | None = None
    """Since when the row is parked, in milliseconds. `next_attempt_at` is then its place in the site's queue."""
    resumed_at: int | None = None
    """When the row was last released, or found by the slow walk, in milliseconds. `give_up_after` counts anew then."""
    timeline: tuple[Transition, ...] = ()
    """The last ten transitions and notes, the oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow(Row):
    """A row that stands for an event at Wix."""

    payload: str | None = None
    """JSON text, as intake accepted it."""
    acked_at: int | None = None
    """When Wix acknowledged the newest report, in milliseconds."""
    activation_ids: tuple[str, ...] = ()
    """The activations that Wix started, from its answer to the newest report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledEntity(EventRow):
    """An entity of a scheduled trigger. Each of its generations is an event of its own at Wix."""

    entity: str
    version: int
    intent: Intent
    generation: int
    """The newest generation. The first is born from the clock, and each change adds 1."""
    acked_generation: int = 0
    """The last generation that Wix acknowledged, or 0."""
    acked_before: int = 0
    """The last generation below `generation` that Wix acknowledged, or 0. None between them was ever acknowledged."""
    oldest_open_generation: int
    """The lowest generation that may still be live at Wix."""
    second_cancel_at: int | None = None
    """From when a cancel closes all generations below `generation` for good, in milliseconds.

    No report of them can arrive at Wix any more then.
    """
    due_at: int | None = None
    """When the event happens, by its payload, in milliseconds."""
    seen_requests: tuple[str, ...] = ()
    """Fingerprints of the requests that intake knows at exactly this `version`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone(Row):
    """The newest cancel of an entity under a real-time trigger: it stops all occurrences up to its version."""

    entity: str
    version: int
    second_cancel_at: int | None = None
    """From when a cancel closes the occurrences for good, in milliseconds: no report of them can arrive any more."""
    swept_version: int | None = None
    """Occurrences up to this version are closed at Wix. None before the first sweep is done."""
    sweep_position: str = ""
    """The sweep goes on after this row key of the partition. It is empty at the beginning of a pass."""
    first_open_position: str | None = None
    """Where the second pass begins: the position of the first page with an occurrence that is not closed for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RealtimeEvent(EventRow):
    """One event of a real-time trigger: an occurrence."""

    occurrence: str
    """The producer's id of the event."""
    closed: bool = False
    """True once no report of the event can be live at Wix any more."""
    cancel_refused_at: int | None = None
    """When Wix last refused to cancel the event, in milliseconds. A later cancel of its entity tries it again."""


class OccurrencePage(NamedTuple):
    """Some occurrences of an entity, in the order of their keys and without their payloads.

    `next_position` is where the next page begins, or None after the last page.
    """

    rows: tuple[RealtimeEvent, ...]
    next_position: str | None = None


NO_OCCURRENCES: Final = OccurrencePage(())
"""The page of a row that is no tombstone."""

CancelledTwice = ScheduledEntity | Tombstone
"""The rows whose cancels delivery sends at once, and again after the settle delay."""


class Waiting(NamedTuple):
    """A row that waits, as the index shows it, which may be a moment behind the table. Times are in milliseconds.

    The fields are those of the row. They suffice to end its wait: recovery does not read the row itself.
    """

    key: RowKey
    next_attempt_at: int
    accepted_at: int
    site: str
    revision: int
    version: int | None = None
    second_cancel_at: int | None = None
