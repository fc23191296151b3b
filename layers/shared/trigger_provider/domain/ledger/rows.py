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


class Outcome(StrEnum):
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
class Kept:
    """What lies in the ledger under a key, be it a row of an event or of a site.

    `revision` counts the saves: it is saved only over the revision before its own. `token` names the attempt that
    saved it, so that a save whose answer was lost is known again as our own.
    """

    key: RowKey
    expires_at: int
    revision: int = 0
    token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row(Kept):
    """What every row of an event holds.

    `again_at` is when the row is to be looked at again; only rows that carry it cost an entry in the index.
    `accepted_revision` is the revision by which the newest change to deliver came in, or by which the row was given one
    more chance: messages of before have no say in whether it has failed.
    `alike` of the `attempts`, the last ones, have ended for the reason that the row bears.
    While `parked_at` is set the row waits for its site to wake, and `again_at` is its place in the site's queue.
    `taken_up_at` is when it was put back last after that: patience counts from there.
    """

    site: str
    trigger: str
    state: State
    reason: str
    accepted_at: int
    accepted_revision: int = 0
    entity: str | None = None
    version: int | None = None
    payload: str | None = None
    acked_at: int | None = None
    activation_ids: tuple[str, ...] = ()
    attempts: int = 0
    alike: int = 0
    again_at: int | None = None
    parked_at: int | None = None
    taken_up_at: int | None = None
    timeline: tuple[Transition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityRow(Row):
    """An entity of a scheduled trigger, or the tombstone that a cancel leaves on a real-time one.

    Scheduled: `generation` is the newest, `acked` the last one that Wix acknowledged, and `open_from` the
    lowest that may still be live there; `closes_at` is the time from which a cancel closes whatever lies below
    `generation` for good, since no report of it can be on its way by then.
    Real-time: `version` is the cancel's, and everything at or below `swept` is closed at Wix.
    `applied` fingerprints the requests taken at this very version. `replaced` says that the payload is not the one that
    the generation began with, so that Wix may hold another.
    """

    entity: str
    version: int
    intent: Intent
    generation: int = 0
    acked: int = 0
    open_from: int = 1
    closes_at: int | None = None
    due: int | None = None
    swept: int | None = None
    applied: tuple[str, ...] = ()
    replaced: bool = False

    @property
    def is_tombstone(self) -> bool:
        """Tell whether this is a real-time trigger's: only scheduled ones have generations."""
        return self.generation == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence(Row):
    """One real-time event. `closed` says that no report of it can be live at Wix any more."""

    occurrence: str
    closed: bool = False


class Waiting(NamedTuple):
    """A row that waits, as the index shows it: perhaps a moment old."""

    key: RowKey
    again_at: int
    accepted_at: int
