"""Sweeps: delivery cancels at Wix each occurrence that a tombstone covers.

One cancel closes an occurrence that Wix acknowledged longer than the settle delay ago. All others are cancelled at
once, and again after the settle delay, since a report of them may be on its way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trigger_provider.domain.delivery.planning import is_certain, is_waiting
from trigger_provider.domain.delivery.policy import MOST_CANCELS
from trigger_provider.domain.delivery.results import ItemResult, ResultKind, most_severe
from trigger_provider.domain.delivery.retry import (
    CANCEL_ONCE_MORE,
    Operation,
    SettleContext,
    Settlement,
    retry_or_give_up,
    transition_at,
)
from trigger_provider.domain.ledger.rows import ON_THE_WAY, RealtimeEvent, RowKey, State, Tombstone
from trigger_provider.domain.ledger.tombstones import covers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class SweepPlan(NamedTuple):
    """Cancel the `targets`. This closes the `conclusive` ones for good.

    `remaining` is the number of occurrences that may be open at Wix now. `made_at` is in milliseconds.
    """

    made_at: int
    targets: tuple[RealtimeEvent, ...]
    conclusive: frozenset[RowKey]
    remaining: int


def plan_sweep(
    tombstone: Tombstone, occurrences: Iterable[RealtimeEvent], now: int, settle_delay: int
) -> SweepPlan | None:
    """Return the sweep of a tombstone, or None where nothing is to be done. `occurrences` were read after its row.

    An occurrence counts in any state. Even if Wix never acknowledged it, a worker may have sent it and lost the answer.
    """
    if tombstone.state not in ON_THE_WAY or is_waiting(tombstone, now):
        return None
    remaining = [occurrence for occurrence in occurrences if _is_to_be_swept(occurrence, tombstone)]
    conclusive = _conclusive(tombstone, remaining, now, settle_delay)
    targets = sorted(remaining, key=lambda row: row.key not in conclusive)[:MOST_CANCELS]
    return SweepPlan(now, tuple(targets), conclusive, len(remaining))


def find_closed(plan: SweepPlan, cancels: Sequence[ItemResult]) -> list[RealtimeEvent]:
    """Return the occurrences that these cancels have closed for good."""
    answered = zip(plan.targets, cancels, strict=True)
    return [row for row, result in answered if result.kind is ResultKind.DONE and row.key in plan.conclusive]


def close_occurrence(row: RealtimeEvent, moment: SettleContext) -> RealtimeEvent:
    """Return the occurrence as closed, after its conclusive cancel."""
    if row.closed:
        return row
    return transition_at(row, closed_state(row), "cancelled at Wix", moment, closed=True, next_attempt_at=None)


def closed_state(row: RealtimeEvent) -> State:
    """Return the state of an occurrence once it is closed: cancelled, or superseded if Wix never acknowledged it."""
    return State.SUPERSEDED if row.acked_at is None else State.CANCELLED


def settle_sweep(
    tombstone: Tombstone, plan: SweepPlan, cancels: Sequence[ItemResult], moment: SettleContext
) -> Settlement[Tombstone]:
    """Settle a tombstone. The occurrences that its sweep has closed are saved before."""
    if tombstone.state not in ON_THE_WAY:
        return Settlement(tombstone)
    if any(cancel.kind is not ResultKind.DONE for cancel in cancels):
        return retry_or_give_up(tombstone, most_severe(cancels), Operation.CANCEL, moment)
    closed = sum(target.key in plan.conclusive for target in plan.targets)
    if closed == plan.remaining:
        swept = {"swept_version": tombstone.version, "second_cancel_at": None, "next_attempt_at": None}
        return Settlement(transition_at(tombstone, State.CANCELLED, "all is closed at Wix", moment, **swept))
    second_cancel_at = tombstone.second_cancel_at or plan.made_at + moment.policy.settle_delay
    next_attempt_at = moment.now if closed < len(plan.conclusive) else second_cancel_at
    waits = {"second_cancel_at": second_cancel_at, "next_attempt_at": next_attempt_at}
    return Settlement(transition_at(tombstone, State.PENDING, CANCEL_ONCE_MORE, moment, **waits))


def _is_to_be_swept(occurrence: RealtimeEvent, tombstone: Tombstone) -> bool:
    is_new = tombstone.swept_version is None or (occurrence.version or 0) > tombstone.swept_version
    return is_new and not occurrence.closed and covers(tombstone, occurrence.version)


def _conclusive(
    tombstone: Tombstone, remaining: Sequence[RealtimeEvent], now: int, settle_delay: int
) -> frozenset[RowKey]:
    all_are = tombstone.second_cancel_at is not None and tombstone.second_cancel_at <= now
    return frozenset(row.key for row in remaining if all_are or is_certain(row, now, settle_delay))
