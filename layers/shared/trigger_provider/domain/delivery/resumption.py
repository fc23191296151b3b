"""When a waiting row is due again, and how a row that was parked with its site is released."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from trigger_provider.domain.delivery.planning import Step, plan_occurrence, plan_scheduled
from trigger_provider.domain.delivery.policy import IDEMPOTENCY_KEY_TTL, DeliveryPolicy
from trigger_provider.domain.durations import DAY, SECOND
from trigger_provider.domain.ledger.generations import LAST_GENERATION, begin_generation
from trigger_provider.domain.ledger.rows import (
    ON_THE_WAY,
    Intent,
    RealtimeEvent,
    Row,
    ScheduledEntity,
    State,
    Tombstone,
    Waiting,
)
from trigger_provider.domain.ledger.transitions import annotate, transition

RELEASED: Final = "taken up with its site"
ANEW: Final = "taken up as a new generation: Wix may have forgotten its key"
OVERLOOKED: Final = "found by the slow walk"
FORGOTTEN: Final = "parked for so long that Wix may have forgotten its key"


def is_due(waiting: Waiting, now: int, ahead: int = 0) -> bool:
    """Return whether a row's time comes within `ahead` milliseconds from now.

    A second cancel is not brought forward: before its time nothing is to be done.
    """
    return waiting.next_attempt_at <= (now + ahead if waiting.second_cancel_at is None else now)


def delay(waiting: Waiting, now: int) -> int:
    """Return for how many seconds SQS must hold back the message of a row that is requeued before its time."""
    return max(0, -(-(waiting.next_attempt_at - now) // SECOND))


def release_if_due(row: Row, now: int, policy: DeliveryPolicy) -> Row | None:
    """Return a parked row as it is released, or None if it is not parked.

    Recovery sends a message for it, unless it then waits for its second cancel. `give_up_after` counts anew.

    Wix may forget the row's idempotency key before the retries end. A report under such a key could be a second event.
    So a scheduled entity begins a new generation: delivery first cancels what is live of the old one. A real-time
    event is not sent, and expires. A scheduled entity that has no generation left fails.
    """
    if row.parked_at is None:
        return None
    if row.state is not State.PARKED:
        return replace(row, parked_at=None, resumed_at=now, next_attempt_at=_rests_until(row, now))
    if is_forgotten(row, now, policy):
        return _without_key(row, now, policy)
    return transition(
        row, State.PENDING, RELEASED, now, retention=policy.retention, resumed_at=now,
        next_attempt_at=_rests_until(row, now),
    )  # fmt: skip


def is_forgotten(row: Row, now: int, policy: DeliveryPolicy) -> bool:
    """Return whether Wix may forget the row's idempotency key while delivery retries the row.

    We can never be sure that the row's report was not sent before.
    """
    if isinstance(row, Tombstone) or (isinstance(row, ScheduledEntity) and row.intent is Intent.CANCEL):
        return False
    last_try = now + policy.give_up_after + policy.longest_wait + DAY
    return row.accepted_at + IDEMPOTENCY_KEY_TTL <= last_try


def resend(row: Row, now: int, policy: DeliveryPolicy) -> Row:
    """Return a row whose message may be lost, as it is saved before another message is sent for it.

    `give_up_after` counts anew.
    """
    if row.state in ON_THE_WAY and is_forgotten(row, now, policy):
        return _without_key(row, now, policy)
    return annotate(row, OVERLOOKED, now, retention=policy.retention, resumed_at=now)


def would_call(row: Row, now: int, settle_delay: int) -> bool:
    """Return whether a released row has something to ask of Wix. The sweep of a tombstone on its way may have."""
    if isinstance(row, RealtimeEvent):
        return plan_occurrence(row, None, now) is not None
    if not isinstance(row, ScheduledEntity):
        return row.state in ON_THE_WAY
    plan = plan_scheduled(row, now, settle_delay)
    return plan is not None and (bool(plan.cancels) or plan.step is Step.SEND)


def _without_key(row: Row, now: int, policy: DeliveryPolicy) -> Row:
    if isinstance(row, ScheduledEntity) and row.generation < LAST_GENERATION:
        return begin_generation(row, ANEW, now, policy.retention, resumed_at=now)
    state = State.EXPIRED if isinstance(row, RealtimeEvent) else State.FAILED
    return transition(row, state, FORGOTTEN, now, retention=policy.retention, next_attempt_at=None, resumed_at=now)


def _rests_until(row: Row, now: int) -> int | None:
    """Return the time of the second cancel, in milliseconds, if the row has nothing to do before; otherwise None."""
    if not isinstance(row, ScheduledEntity) or row.second_cancel_at is None or row.second_cancel_at <= now:
        return None
    has_nothing_else = row.state is not State.PARKED or row.intent is Intent.CANCEL
    return row.second_cancel_at if has_nothing_else else None
