"""What Wix's results mean for a row.

Others may have saved the row since the plan was made. Each function takes the row as it is now, as long as it is of
the same generation, and merges into it what the results prove. An acknowledgement overrides everything else. A failure
changes no row that has ended meanwhile.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from trigger_provider.domain.delivery.planning import Plan, Step
from trigger_provider.domain.delivery.results import ItemResult, ResultKind, most_severe
from trigger_provider.domain.delivery.retry import (
    CANCEL_ONCE_MORE,
    Operation,
    SettleContext,
    Settlement,
    rests_until,
    retry_or_give_up,
    transition_at,
)
from trigger_provider.domain.ledger.rows import ON_THE_WAY, Intent, RealtimeEvent, ScheduledEntity, State
from trigger_provider.domain.ledger.transitions import annotate, transition

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trigger_provider.domain.ledger.transitions import AnyRow

_NOT_OURS = ItemResult(ResultKind.SKIPPED, "others are at it")


def settle_scheduled(
    row: ScheduledEntity, plan: Plan, cancels: Sequence[ItemResult], report: ItemResult | None, moment: SettleContext
) -> Settlement[ScheduledEntity]:
    """Settle an entity of a scheduled trigger. `report` is None if no report was sent."""
    if all(cancel.kind is ResultKind.DONE for cancel in cancels):
        return _settle_report(_with_cancels(row, plan, moment), plan, report, moment)
    if _others_have_cancelled(row, plan):
        return _leave_to_others(row, moment)
    return retry_or_give_up(row, most_severe(cancels), Operation.CANCEL, moment)


def settle_occurrence(
    row: RealtimeEvent, report: ItemResult | None, moment: SettleContext
) -> Settlement[RealtimeEvent]:
    """Settle one real-time event. `report` is None if a cancel came before the event was sent."""
    if report is not None and report.kind is ResultKind.DONE:
        return Settlement(_acknowledge_occurrence(row, report, moment))
    if row.state not in ON_THE_WAY:
        return Settlement(row)
    if report is None:
        return Settlement(
            transition_at(row, State.SUPERSEDED, "cancelled before it was sent", moment, next_attempt_at=None)
        )
    return retry_or_give_up(row, report, Operation.REPORT, moment)


def _acknowledge_occurrence(row: RealtimeEvent, report: ItemResult, moment: SettleContext) -> RealtimeEvent:
    """Return the occurrence as acknowledged. Its state stays if its cancel came first, and was refused."""
    if row.cancel_refused_at is not None:
        return annotate(row, "acknowledged", moment.now, retention=moment.policy.retention, acked_at=moment.now)
    return _acknowledge(row, State.CANCELLED if row.closed else State.REPORTED, report, moment)


def _others_have_cancelled(row: ScheduledEntity, plan: Plan) -> bool:
    """Return whether other workers have settled these cancels already, so that our results change nothing."""
    is_closed = row.oldest_open_generation >= plan.cancels.stop
    is_decided_by_the_second = row.second_cancel_at is not None and not plan.conclusive
    has_ended = row.second_cancel_at is None and row.state not in ON_THE_WAY
    return is_closed or is_decided_by_the_second or has_ended


def _leave_to_others(row: ScheduledEntity, moment: SettleContext) -> Settlement[ScheduledEntity]:
    """Leave the row as other workers saved it, but retry it if nothing else would bring it back.

    Their message may be gone: SQS may deliver one message to two workers, and delete it for one of them while the
    other gives it back.
    """
    if row.state in ON_THE_WAY and row.next_attempt_at is None:
        return retry_or_give_up(row, _NOT_OURS, Operation.CANCEL, moment)
    return Settlement(row)


def _with_cancels(row: ScheduledEntity, plan: Plan, moment: SettleContext) -> ScheduledEntity:
    if not plan.cancels:
        return row
    if plan.conclusive:
        oldest_open_generation = max(row.oldest_open_generation, plan.cancels.stop)
        second_cancel_at = row.second_cancel_at if oldest_open_generation < row.generation else None
        return replace(row, oldest_open_generation=oldest_open_generation, second_cancel_at=second_cancel_at)
    if row.oldest_open_generation >= row.generation:
        return row
    settled_at = plan.made_at + moment.policy.settle_delay
    earliest = settled_at if row.second_cancel_at is None else min(settled_at, row.second_cancel_at)
    return replace(row, second_cancel_at=earliest)


def _settle_report(
    row: ScheduledEntity, plan: Plan, report: ItemResult | None, moment: SettleContext
) -> Settlement[ScheduledEntity]:
    next_attempt_at = rests_until(row)
    if report is not None and report.kind is ResultKind.DONE:
        acknowledged = {"acked_generation": row.generation, "next_attempt_at": next_attempt_at}
        return Settlement(_acknowledge(row, State.REPORTED, report, moment, **acknowledged))
    if row.intent is Intent.CANCEL:
        return Settlement(_cancel(row, next_attempt_at, moment))
    if row.acked_generation == row.generation:
        return Settlement(_still_reported(row, next_attempt_at, moment))
    if row.state in ON_THE_WAY:
        return _settle_sending(row, plan, report, moment)
    return Settlement(row if row.parked_at is not None else replace(row, next_attempt_at=next_attempt_at))


def _settle_sending(
    row: ScheduledEntity, plan: Plan, report: ItemResult | None, moment: SettleContext
) -> Settlement[ScheduledEntity]:
    next_attempt_at = rests_until(row)
    if report is not None:
        return retry_or_give_up(row, report, Operation.REPORT, moment)
    if plan.step is Step.EXPIRE:
        return Settlement(
            transition_at(row, State.EXPIRED, "its date has passed", moment, next_attempt_at=next_attempt_at)
        )
    return (
        _leave_to_others(row, moment)
        if next_attempt_at is None
        else Settlement(replace(row, next_attempt_at=next_attempt_at))
    )


def _cancel(row: ScheduledEntity, next_attempt_at: int | None, moment: SettleContext) -> ScheduledEntity:
    if row.state is State.CANCELLED:
        return row
    if row.oldest_open_generation < row.generation:
        return transition_at(row, State.PENDING, CANCEL_ONCE_MORE, moment, next_attempt_at=next_attempt_at)
    closed = {"oldest_open_generation": row.generation + 1, "next_attempt_at": None}
    return transition_at(row, State.CANCELLED, "cancelled at Wix", moment, **closed)


def _still_reported(row: ScheduledEntity, next_attempt_at: int | None, moment: SettleContext) -> ScheduledEntity:
    if row.state is State.REPORTED and row.next_attempt_at == next_attempt_at:
        return row
    reason = "older generations are closed" if next_attempt_at is None else row.reason
    return transition_at(row, State.REPORTED, reason, moment, next_attempt_at=next_attempt_at)


def _acknowledge(row: AnyRow, state: State, report: ItemResult, moment: SettleContext, **changes: Any) -> AnyRow:  # noqa: ANN401
    changes.setdefault("next_attempt_at", None)
    return transition(
        row, state, "acknowledged", moment.now, retention=moment.policy.retention, wix_request_id=report.wix_request_id,
        acked_at=moment.now, activation_ids=report.activation_ids, **changes,
    )  # fmt: skip
