"""What Wix's answers make of a row.

Every function may be given a row that others have saved since the plan was made, as long as it is of the same
generation: what the answers prove is merged into it. An acknowledgement beats whatever else is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from trigger_provider.decisions.moving import AnyRow, moved
from trigger_provider.decisions.planning import ON_THE_WAY, Plan, Step, SweepPlan
from trigger_provider.decisions.policy import SECOND, DeliveryPolicy
from trigger_provider.events import EntityRow, Intent, Occurrence, Row, State
from trigger_provider.ports import Answer, Verdict

SomeRow_co = TypeVar("SomeRow_co", bound=Row, covariant=True)

_ONCE_MORE = "to be cancelled once more, should a late report arrive"
_GRAVITY = [Verdict.DONE, Verdict.NOT_TRIED, Verdict.RETRY, Verdict.UNSURE, Verdict.REFUSED]


@dataclass(frozen=True, slots=True)
class Settlement(Generic[SomeRow_co]):
    """The row as it is to be saved; `give_back` is in how many milliseconds its message must come back."""

    row: SomeRow_co
    give_back: int | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """When a settlement is made, and by which numbers; `jitter` lies in [0, 1)."""

    now: int
    jitter: float
    policy: DeliveryPolicy


def settle_scheduled(
    row: EntityRow, plan: Plan, cancels: Sequence[Answer], report: Answer | None, moment: Moment
) -> Settlement[EntityRow]:
    """Settle an entity of a scheduled trigger; `report` is missing if none was sent."""
    worst = _worst(cancels)
    if worst is None or worst.verdict is Verdict.DONE:
        return _settle_report(_with_cancels(row, plan, moment), plan, report, moment)
    if row.open_from >= plan.cancels.stop:
        return Settlement(row)
    return _settle_trouble(row, worst, State.FAILED, "cancel", moment)


def settle_occurrence(row: Occurrence, report: Answer | None, moment: Moment) -> Settlement[Occurrence]:
    """Settle one real-time event; without a report, a cancel came before it was sent."""
    if report is not None and report.verdict is Verdict.DONE:
        state = State.CANCELLED if row.closed else State.REPORTED
        return Settlement(_acknowledged(row, state, report, moment))
    if row.acked_at is not None or row.closed:
        return Settlement(row)
    if report is None:
        return Settlement(_moved(row, State.SUPERSEDED, "cancelled before it was sent", moment, again_at=None))
    return _settle_trouble(row, report, State.REJECTED, "report", moment)


def close_occurrence(row: Occurrence, moment: Moment) -> Occurrence:
    """Close an occurrence that a conclusive cancel has reached."""
    if row.closed:
        return row
    state = State.SUPERSEDED if row.acked_at is None else State.CANCELLED
    return _moved(row, state, "cancelled at Wix", moment, closed=True, again_at=None)


def settle_sweep(
    tombstone: EntityRow, plan: SweepPlan, cancels: Sequence[Answer], moment: Moment
) -> Settlement[EntityRow]:
    """Settle a cancelled entity of a real-time trigger, whose occurrences have been saved before."""
    worst = _worst(cancels)
    if worst is not None and worst.verdict is not Verdict.DONE:
        return _settle_trouble(tombstone, worst, State.FAILED, "cancel", moment)
    closed = sum(one.key in plan.conclusive for one in plan.targets)
    if closed == plan.left:
        swept = {"swept": tombstone.version, "closes_at": None, "again_at": None}
        return Settlement(_moved(tombstone, State.CANCELLED, "all is closed at Wix", moment, **swept))
    closes_at = tombstone.closes_at or plan.made_at + moment.policy.settle_delay
    again_at = moment.now if closed < len(plan.conclusive) else closes_at
    return Settlement(_moved(tombstone, State.PENDING, _ONCE_MORE, moment, closes_at=closes_at, again_at=again_at))


def _worst(answers: Sequence[Answer]) -> Answer | None:
    return max(answers, key=lambda answer: _GRAVITY.index(answer.verdict), default=None)


def _with_cancels(row: EntityRow, plan: Plan, moment: Moment) -> EntityRow:
    if not plan.cancels:
        return row
    if plan.conclusive:
        open_from = max(row.open_from, plan.cancels.stop)
        return replace(row, open_from=open_from, closes_at=row.closes_at if open_from < row.generation else None)
    if row.open_from >= row.generation:
        return row
    closes_at = plan.made_at + moment.policy.settle_delay
    return replace(row, closes_at=closes_at if row.closes_at is None else min(closes_at, row.closes_at))


def _settle_report(row: EntityRow, plan: Plan, report: Answer | None, moment: Moment) -> Settlement[EntityRow]:
    again_at = _rests_until(row)
    if report is not None and report.verdict is Verdict.DONE:
        changes = {"acked": row.generation, "again_at": again_at}
        return Settlement(_acknowledged(row, State.REPORTED, report, moment, **changes))
    if row.intent is Intent.CANCEL:
        return Settlement(_cancelled(row, again_at, moment))
    if row.acked == row.generation:
        reason = "older generations are closed" if again_at is None else row.reason
        return Settlement(_moved(row, State.REPORTED, reason, moment, again_at=again_at))
    if report is not None:
        return _settle_trouble(row, report, State.REJECTED, "report", moment)
    if plan.step is Step.EXPIRE:
        return Settlement(_moved(row, State.EXPIRED, "its date has passed", moment, again_at=again_at))
    return Settlement(replace(row, again_at=again_at))


def _cancelled(row: EntityRow, again_at: int | None, moment: Moment) -> EntityRow:
    if row.state is State.CANCELLED:
        return row
    if row.open_from < row.generation:
        return _moved(row, State.PENDING, _ONCE_MORE, moment, again_at=again_at)
    changes = {"open_from": row.generation + 1, "again_at": None}
    return _moved(row, State.CANCELLED, "cancelled at Wix", moment, **changes)


def _settle_trouble(row: AnyRow, answer: Answer, refused: State, what: str, moment: Moment) -> Settlement[AnyRow]:
    if answer.verdict is Verdict.NOT_TRIED:
        return Settlement(row, give_back=SECOND)
    policy, attempts, reason = moment.policy, row.attempts + 1, f"{what}: {answer.reason}"
    noted = {"attempts": attempts, "wix_request_id": answer.wix_request_id}
    is_unsure = answer.verdict is Verdict.UNSURE and attempts < policy.unsure_tries
    if answer.verdict is not Verdict.RETRY and not is_unsure:
        return Settlement(_moved(row, refused, reason, moment, again_at=_rests_until(row), **noted))
    if moment.now - row.accepted_at >= policy.give_up_after:
        return Settlement(_moved(row, State.FAILED, reason, moment, again_at=_rests_until(row), **noted))
    asked = int((answer.retry_after or 0) * SECOND)
    if attempts <= policy.quick_retries and asked <= policy.quick_wait:
        give_back = max(asked, policy.quick_delay(attempts, moment.jitter))
        return Settlement(_moved(row, row.state, reason, moment, **noted), give_back)
    again_at = moment.now + max(asked, policy.wait(attempts, moment.jitter))
    state = State.RETRYING if row.state in ON_THE_WAY else row.state
    return Settlement(_moved(row, state, reason, moment, again_at=again_at, **noted))


def _rests_until(row: AnyRow) -> int | None:
    return row.closes_at if isinstance(row, EntityRow) and row.open_from < row.generation else None


def _acknowledged(row: AnyRow, state: State, report: Answer, moment: Moment, **changes: Any) -> AnyRow:  # noqa: ANN401
    changes = {"again_at": None, "acked_at": moment.now, "activation_ids": report.activation_ids, **changes}
    return _moved(row, state, "acknowledged", moment, wix_request_id=report.wix_request_id, **changes)


def _moved(row: AnyRow, state: State, reason: str, moment: Moment, **changes: Any) -> AnyRow:  # noqa: ANN401
    return moved(row, state, reason, moment.now, retention=moment.policy.retention, **changes)
