"""Sweeps: delivery cancels at Wix each occurrence that a tombstone covers, page by page.

One cancel closes an occurrence that Wix acknowledged longer than the settle delay ago. All others are cancelled at
once, and again in a second pass after the settle delay, since a report of them may be on its way. The tombstone keeps
the position of the sweep, so each occurrence is read once in a pass, however many there are.

Each occurrence is settled alone. If Wix refuses to cancel it, it alone ends `failed`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from trigger_provider.domain.delivery.planning import is_certain, is_waiting
from trigger_provider.domain.delivery.results import ItemResult, ResultKind, most_severe
from trigger_provider.domain.delivery.retry import (
    CANCEL_ONCE_MORE,
    Operation,
    SettleContext,
    Settlement,
    is_refused_for_good,
    retry_or_give_up,
    transition_at,
)
from trigger_provider.domain.ledger.rows import (
    ON_THE_WAY,
    OccurrencePage,
    RealtimeEvent,
    RowKey,
    State,
    Tombstone,
)
from trigger_provider.domain.ledger.tombstones import covers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trigger_provider.domain.delivery.policy import DeliveryPolicy

MORE_TO_SWEEP: Final = "cancelled in part: more events of the entity follow"
ALL_CLOSED: Final = "all is closed at Wix"


class SweepPlan(NamedTuple):
    """Cancel the `targets` of a page. This closes the `conclusive` ones for good.

    `made_at` is in milliseconds. `next_position` is where the next page begins, or None after the last page.
    """

    made_at: int
    targets: tuple[RealtimeEvent, ...]
    conclusive: frozenset[RowKey]
    next_position: str | None = None


class EndedOccurrence(NamedTuple):
    """An occurrence that its cancel has closed, or that Wix refuses to cancel: `result` says which."""

    row: RealtimeEvent
    result: ItemResult


def plan_sweep(tombstone: Tombstone, page: OccurrencePage, now: int, settle_delay: int) -> SweepPlan | None:
    """Return the plan for a page of a sweep, or None where nothing is to be done. The page was read after its row.

    An occurrence counts in any state. Even if Wix never acknowledged it, a worker may have sent it and lost the answer.
    """
    if tombstone.state not in ON_THE_WAY or is_waiting(tombstone, now):
        return None
    targets = tuple(occurrence for occurrence in page.rows if _is_to_be_swept(occurrence, tombstone))
    return SweepPlan(now, targets, _conclusive(tombstone, targets, now, settle_delay), page.next_position)


def find_ended(
    tombstone: Tombstone, plan: SweepPlan, cancels: Sequence[ItemResult], policy: DeliveryPolicy
) -> list[EndedOccurrence]:
    """Return the occurrences that these cancels have closed for good, or that Wix refuses to cancel.

    `tombstone` is the row for which the plan was made.
    """
    answered = zip(plan.targets, cancels, strict=True)
    return [
        EndedOccurrence(row, result)
        for row, result in answered
        if (result.kind is ResultKind.DONE and row.key in plan.conclusive) or _is_refused(tombstone, result, policy)
    ]


def end_occurrence(row: RealtimeEvent, result: ItemResult, moment: SettleContext) -> RealtimeEvent:
    """Return an occurrence after its last cancel: closed, or failed if Wix refused the cancel."""
    if row.closed:
        return row
    if result.kind is ResultKind.DONE:
        closed = {"closed": True, "cancel_refused_at": None, "next_attempt_at": None}
        return transition_at(row, _closed_state(row), "cancelled at Wix", moment, **closed)
    return transition_at(
        row, State.FAILED, f"{Operation.CANCEL}: {result.reason}", moment, wix_request_id=result.wix_request_id,
        cancel_refused_at=moment.now, next_attempt_at=None,
    )  # fmt: skip


def settle_sweep(
    tombstone: Tombstone, planned: Tombstone, plan: SweepPlan, cancels: Sequence[ItemResult], moment: SettleContext
) -> Settlement[Tombstone]:
    """Settle a tombstone after a page. `planned` is its row at the time of the plan; `tombstone` has its position.

    The occurrences that have ended are saved before. If any other has to be tried again, so is the page.
    """
    if tombstone.state not in ON_THE_WAY:
        return Settlement(tombstone)
    troubles = [
        cancel
        for cancel in cancels
        if cancel.kind is not ResultKind.DONE and not _is_refused(planned, cancel, moment.policy)
    ]
    if troubles:
        return retry_or_give_up(tombstone, most_severe(troubles), Operation.CANCEL, moment)
    is_closed = all(
        cancel.kind is not ResultKind.DONE or target.key in plan.conclusive
        for target, cancel in zip(plan.targets, cancels, strict=True)
    )
    return Settlement(_go_on(tombstone, plan, moment, is_closed=is_closed))


def is_to_go_on(row: Tombstone, now: int) -> bool:
    """Return whether a settled tombstone has more pages that may be swept at once."""
    return row.reason == MORE_TO_SWEEP and row.state in ON_THE_WAY and not is_waiting(row, now)


def _go_on(tombstone: Tombstone, plan: SweepPlan, moment: SettleContext, *, is_closed: bool) -> Tombstone:
    """Return the tombstone at its next page, at its second pass, or at its end."""
    first_open = tombstone.first_open_position
    if first_open is None and not is_closed:
        first_open = tombstone.sweep_position
    second_cancel_at = tombstone.second_cancel_at or plan.made_at + moment.policy.settle_delay
    if plan.next_position is not None:
        return transition_at(
            tombstone, State.PENDING, MORE_TO_SWEEP, moment, attempts=0, second_cancel_at=second_cancel_at,
            next_attempt_at=moment.now, sweep_position=plan.next_position, first_open_position=first_open,
        )  # fmt: skip
    if first_open is not None:
        return transition_at(
            tombstone, State.PENDING, CANCEL_ONCE_MORE, moment, second_cancel_at=second_cancel_at,
            next_attempt_at=second_cancel_at, sweep_position=first_open, first_open_position=None,
        )  # fmt: skip
    return transition_at(
        tombstone, State.CANCELLED, ALL_CLOSED, moment, second_cancel_at=None, next_attempt_at=None,
        swept_version=tombstone.version, sweep_position="", first_open_position=None,
    )  # fmt: skip


def _closed_state(row: RealtimeEvent) -> State:
    """Return the state of an occurrence once it is closed: cancelled, or superseded if Wix never acknowledged it."""
    return State.SUPERSEDED if row.acked_at is None else State.CANCELLED


def _is_to_be_swept(occurrence: RealtimeEvent, tombstone: Tombstone) -> bool:
    if occurrence.closed or not covers(tombstone, occurrence.version):
        return False
    if occurrence.cancel_refused_at is not None:
        return occurrence.cancel_refused_at < tombstone.accepted_at
    return tombstone.swept_version is None or (occurrence.version or 0) > tombstone.swept_version


def _is_refused(tombstone: Tombstone, result: ItemResult, policy: DeliveryPolicy) -> bool:
    return is_refused_for_good(tombstone, result, Operation.CANCEL, policy)


def _conclusive(
    tombstone: Tombstone, targets: Sequence[RealtimeEvent], now: int, settle_delay: int
) -> frozenset[RowKey]:
    all_are = tombstone.second_cancel_at is not None and tombstone.second_cancel_at <= now
    return frozenset(row.key for row in targets if all_are or is_certain(row, now, settle_delay))
