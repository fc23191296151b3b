"""What delivery does about a row: a plan, from the row and the time alone; none where nothing is to be done.

A generation below the newest may still be live at Wix, so it is cancelled before the newest is reported. One
cancel is *conclusive* once Wix has acknowledged the generation longer than the settle delay ago, since no
report of it can be on its way by then. Otherwise it is cancelled at once, and once more after the delay.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from trigger_provider.domain.delivery.policy import MOST_CANCELS
from trigger_provider.domain.durations import SECOND, back_off
from trigger_provider.domain.ledger.rows import (
    ON_THE_WAY,
    EventRow,
    Intent,
    RealtimeEvent,
    Row,
    ScheduledEntity,
    State,
    Tombstone,
)
from trigger_provider.domain.ledger.tombstones import covers


class Step(StrEnum):
    """What is to become of a row's own report, once the cancels before it are answered."""

    SEND = "send"
    NONE = "none"
    LATER = "later"
    EXPIRE = "expire"
    SUPERSEDE = "supersede"


class Plan(NamedTuple):
    """Cancel these generations (none for an occurrence), then take the step. `made_at` is the time it was made."""

    made_at: int
    step: Step
    cancels: range = range(0)
    conclusive: bool = False


def plan_scheduled(row: ScheduledEntity, now: int, settle_delay: int) -> Plan | None:
    """Plan for an entity of a scheduled trigger.

    What was woken before its second cancel, by a wait for something else, is to wait for that again.
    """
    if is_waiting(row, now) or (row.state is State.FAILED and row.second_cancel_at is None):
        return None
    cancels = range(row.oldest_open_generation, min(row.generation, row.oldest_open_generation + MOST_CANCELS))
    if row.second_cancel_at is not None:
        conclusive = row.second_cancel_at <= now
        cancels = cancels if conclusive else range(0)
    else:
        conclusive = list(cancels) == [row.acked_generation] and is_certain(row, now, settle_delay)
    step = _step(row, now)
    is_to_act = bool(cancels) or step not in (Step.NONE, Step.LATER)
    return Plan(now, step, cancels, conclusive) if is_to_act or _has_lost_its_wait(row, now) else None


def plan_occurrence(row: RealtimeEvent, tombstone: Tombstone | None, now: int) -> Plan | None:
    """Plan for one real-time event; `tombstone` is its entity's row, read after the message was received."""
    if row.state not in ON_THE_WAY or is_waiting(row, now):
        return None
    return Plan(now, Step.SUPERSEDE if covers(tombstone, row.version) else Step.SEND)


def _step(row: ScheduledEntity, now: int) -> Step:
    if row.intent is Intent.CANCEL or row.state not in ON_THE_WAY:
        return Step.NONE
    if row.generation - row.oldest_open_generation > MOST_CANCELS:
        return Step.LATER
    return Step.EXPIRE if row.due_at is not None and row.due_at <= now else Step.SEND


def is_waiting(row: Row, now: int) -> bool:
    """Return whether there is nothing to do yet: the row's time has not come, or it is parked with its site."""
    return row.parked_at is not None or (row.next_attempt_at is not None and now < row.next_attempt_at)


def _has_lost_its_wait(row: ScheduledEntity, now: int) -> bool:
    return row.next_attempt_at is None and row.second_cancel_at is not None and now < row.second_cancel_at


def is_certain(row: EventRow, now: int, settle_delay: int) -> bool:
    """Return whether Wix acknowledged the event so long ago that no report of it can be on its way any more."""
    return row.acked_at is not None and row.acked_at + settle_delay <= now


def wait_for_save(sent_at: int, receives: int, now: int, window: int) -> int | None:
    """Return for how long a message waits whose row is not yet saved; none once no save can follow it.

    A message is sent before its row is saved, by a function that ends within `window`.
    """
    left = sent_at + window - now
    return None if left <= 0 else back_off(SECOND, receives, left)
