"""The life of an activation as one table: what may move it, from where, and to where (section 4.4).

All names are those of Wix's SDK, but for the moves that it gives no reason for: those are ours, and in lower case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """Where an activation stands."""

    INITIATED = "INITIATED"
    SCHEDULED = "SCHEDULED"
    STARTED = "STARTED"
    ENDED = "ENDED"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


class Target(StrEnum):
    """Whether an activation starts at its report or at a date."""

    IMMEDIATE = "IMMEDIATE"
    SCHEDULE = "SCHEDULE"


class WarningReason(StrEnum):
    """What went wrong without keeping the actions from running."""

    GET_CONTACT_ENRICHMENT_FAILED = "GET_CONTACT_ENRICHMENT_FAILED"
    REFRESH_PAYLOAD_FAILED = "REFRESH_PAYLOAD_FAILED"


class Cause(StrEnum):
    """What moves an activation."""

    ADMITTED = "admitted"
    DATED = "dated"
    DUE = "due"
    HANDLED = "all actions handled"
    SCHEDULE_DATE_EXPIRED = "SCHEDULE_DATE_EXPIRED"
    TRIGGER_FILTERS_NOT_PASSED = "TRIGGER_FILTERS_NOT_PASSED"
    RATE_LIMIT_EXCEEDED = "RATE_LIMIT_EXCEEDED"
    EVENT_ALREADY_PROCESSED = "EVENT_ALREADY_PROCESSED"
    EVENT_CANCELLED = "EVENT_CANCELLED"
    AUTOMATION_DEACTIVATED = "AUTOMATION_DEACTIVATED"
    AUTOMATION_DELETED = "AUTOMATION_DELETED"
    CANCELLED_BY_REFRESH_PAYLOAD = "CANCELLED_BY_REFRESH_PAYLOAD"
    CANCELLED_BY_GDPR_REQUEST = "CANCELLED_BY_GDPR_REQUEST"
    UNEXPECTED_ERROR_REASON = "UNEXPECTED_ERROR_REASON"
    SCHEDULE_DATE_EVALUATION_FAILED = "SCHEDULE_DATE_EVALUATION_FAILED"


NEW = frozenset[Status | None]({None})
OPEN = frozenset[Status | None]({Status.INITIATED, Status.SCHEDULED, Status.STARTED})

MOVES: Mapping[Cause, tuple[frozenset[Status | None], Status]] = {
    Cause.ADMITTED: (NEW, Status.INITIATED),
    Cause.TRIGGER_FILTERS_NOT_PASSED: (NEW, Status.SKIPPED),
    Cause.SCHEDULE_DATE_EXPIRED: (NEW, Status.SKIPPED),
    Cause.RATE_LIMIT_EXCEEDED: (NEW, Status.SKIPPED),
    Cause.EVENT_ALREADY_PROCESSED: (NEW, Status.SKIPPED),
    Cause.SCHEDULE_DATE_EVALUATION_FAILED: (NEW, Status.FAILED),
    Cause.DATED: (frozenset({Status.INITIATED}), Status.SCHEDULED),
    Cause.DUE: (frozenset({Status.INITIATED, Status.SCHEDULED}), Status.STARTED),
    Cause.HANDLED: (frozenset({Status.STARTED}), Status.ENDED),
    Cause.EVENT_CANCELLED: (OPEN, Status.CANCELLED),
    Cause.AUTOMATION_DEACTIVATED: (OPEN, Status.CANCELLED),
    Cause.AUTOMATION_DELETED: (OPEN, Status.CANCELLED),
    Cause.CANCELLED_BY_REFRESH_PAYLOAD: (OPEN, Status.CANCELLED),
    Cause.CANCELLED_BY_GDPR_REQUEST: (OPEN, Status.CANCELLED),
    Cause.UNEXPECTED_ERROR_REASON: (OPEN, Status.FAILED),
}


@dataclass(frozen=True, slots=True)
class Step:
    """A move that was made; `at` is by the site's clock, and `reason` is Wix's, where it has one."""

    at: float
    status: Status
    reason: str | None


@dataclass(frozen=True, slots=True)
class Activation:
    """One automation, started by one event.

    `payload` is the event's, or what it was refreshed to; `data` is that with the contact's data, as actions see
    it, once started. `stale` says that time has passed since the payload was read; `next_action` is the place of
    the action that runs next, and `waited` whether its delay is over.
    """

    activation_id: str
    number: int
    automation_id: str
    app_id: str
    trigger_key: str
    external_entity_id: str | None
    payload: Mapping[str, Any]
    target: Target
    runs_at: float | None = None
    data: Mapping[str, Any] | None = None
    status: Status | None = None
    steps: tuple[Step, ...] = ()
    warnings: tuple[WarningReason, ...] = ()
    stale: bool = False
    next_action: int = 0
    waited: bool = False
    failed_actions: int = 0

    @property
    def open(self) -> bool:
        """Whether anything is still to come of it."""
        return self.status in OPEN

    @property
    def reason(self) -> str | None:
        """Wix's reason of the last move, if it has one."""
        return self.steps[-1].reason if self.steps else None


def may_move(activation: Activation, cause: Cause) -> bool:
    """Whether the table knows this move."""
    return activation.status in MOVES[cause][0]


def moved(activation: Activation, cause: Cause, at: float) -> Activation:
    """The same after a move; one that the table doesn't know is a mistake of the sandbox."""
    if not may_move(activation, cause):
        raise ValueError(f"{activation.status} can't be moved by: {cause}")
    status = MOVES[cause][1]
    step = Step(at, status, cause.value if cause.value.isupper() else None)
    return replace(activation, status=status, steps=(*activation.steps, step))
