"""What delivery does about a row: a plan, from the row and the time alone, or None where nothing is to be done.

A generation below the newest may still be live at Wix. So it is cancelled before the newest is reported. One cancel is
*conclusive* if Wix acknowledged the generation longer than the settle delay ago: no report of it can be on its way
then. Otherwise delivery cancels it at once, and again after the settle delay.
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
    """What to do with a row's own report, once the cancels before it are answered."""

    SEND = "send"
    NONE = "none"
    LATER = "later"
    EXPIRE = "expire"
    SUPERSEDE = "supersede"


class Plan(NamedTuple):
    """Cancel the generations of `cancels` (none for an occurrence), then take the step.

    `made_at` is when the plan was made, in milliseconds. `conclusive` cancels close the generations for good.
    """

    made_at: int
    step: Step
    cancels: range = range(0)
    conclusive: bool = False


def plan_scheduled(row: ScheduledEntity, now: int, settle_delay: int) -> Plan | None:
    """Return the plan for an entity of a scheduled trigger, or None where nothing is to be done.

    Recovery may have requeued the row before its second cancel, after a wait for something else. Then the plan has no
    cancels, and settling it lets the row wait for its second cancel again.
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
    """Return the plan for one real-time event, or None where nothing is to be done.

    `tombstone` is its entity's row, read after the message was received.
    """
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
    """Return whether nothing is to be done yet: the row's time has not come, or it is parked with its site."""
    return row.parked_at is not None or (row.next_attempt_at is not None and now < row.next_attempt_at)


def _has_lost_its_wait(row: ScheduledEntity, now: int) -> bool:
    return row.next_attempt_at is None and row.second_cancel_at is not None and now < row.second_cancel_at


def is_certain(row: EventRow, now: int, settle_delay: int) -> bool:
    """Return whether no report of the event can be on its way: Wix acknowledged it a settle delay ago, or earlier."""
    return row.acked_at is not None and row.acked_at + settle_delay <= now


def wait_for_save(sent_at: int, receives: int, now: int, window: int) -> int | None:
    """Return how long a message waits for the save of its row, in milliseconds; None once no save can follow.

    A function sends the message before it saves the row, and ends within `window` milliseconds.
    """
    left = sent_at + window - now
    return None if left <= 0 else back_off(SECOND, receives, left)
