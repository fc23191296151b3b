"""Jobs: what delivery asks of Wix for one row, and what the results mean for it. Each kind of row has its case here.

A job doesn't change. Its results are a `JobResults`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trigger_provider.domain.delivery.outcomes import outcome_of, outcomes_of_generations
from trigger_provider.domain.delivery.planning import Plan, Step, plan_occurrence, plan_scheduled
from trigger_provider.domain.delivery.results import NEVER_HELD, EventReport, JobResults, ResultKind
from trigger_provider.domain.delivery.settlement import settle_occurrence, settle_scheduled
from trigger_provider.domain.delivery.sweeps import (
    EndedOccurrence,
    SweepPlan,
    end_occurrence,
    find_ended,
    plan_sweep,
    settle_sweep,
)
from trigger_provider.domain.ledger.ids import event_id, generation_id, idempotency_key
from trigger_provider.domain.ledger.rows import OccurrencePage, RealtimeEvent, Row, ScheduledEntity, Tombstone
from trigger_provider.domain.ledger.tombstones import tombstone_beside

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from trigger_provider.domain.delivery.messages import OutcomeEvent
    from trigger_provider.domain.delivery.policy import DeliveryPolicy
    from trigger_provider.domain.delivery.results import ItemResult
    from trigger_provider.domain.delivery.retry import SettleContext, Settlement
    from trigger_provider.domain.ledger.rows import RowKey

NO_RESULTS = JobResults()
"""The results of a job that made no call."""


class Job(NamedTuple):
    """A row, and what is planned for it.

    Delivery first cancels the events of `cancel_ids`. If all cancels are done, `reports` says whether it then reports
    the row's own event.
    """

    row: Row
    plan: Plan | SweepPlan
    cancel_ids: tuple[str, ...]
    reports: bool


def plan_job(row: Row, beside: Mapping[RowKey, Row], page: OccurrencePage, now: int, settle_delay: int) -> Job | None:
    """Return the job of a row, or None where nothing is to be done.

    `beside` holds the tombstone of an occurrence, and `page` is the next page of a tombstone's sweep. Both were read
    after the row. `now` and `settle_delay` are in milliseconds.
    """
    plan: Plan | SweepPlan | None = None
    match row:
        case ScheduledEntity():
            plan = plan_scheduled(row, now, settle_delay)
        case RealtimeEvent():
            plan = plan_occurrence(row, tombstone_beside(row.key, beside), now)
        case Tombstone():
            plan = plan_sweep(row, page, now, settle_delay)
    return None if plan is None else make_job(row, plan)


def make_job(row: Row, plan: Plan | SweepPlan) -> Job:
    """Return the job of a plan."""
    if isinstance(plan, SweepPlan):
        return Job(row, plan, tuple(event_id(target) for target in plan.targets), reports=False)
    cancel_ids = tuple(generation_id(row.key, generation) for generation in plan.cancels)
    return Job(row, plan, cancel_ids, reports=plan.step is Step.SEND)


def is_to_report(job: Job, cancels: Iterable[ItemResult]) -> bool:
    """Return whether to report the row's event, given the results of its cancels."""
    return job.reports and all(cancel.kind is ResultKind.DONE for cancel in cancels)


def make_report(job: Job, cancels: Iterable[ItemResult], app_id: str) -> EventReport | None:
    """Return the report of the row's event, or None if it must not be reported."""
    row = job.row
    if not isinstance(row, ScheduledEntity | RealtimeEvent) or not is_to_report(job, cancels):
        return None
    return EventReport(event_id(row), idempotency_key(app_id, row), row.payload or "{}")


def judge_cancels(job: Job, cancels: Iterable[ItemResult]) -> tuple[ItemResult, ...]:
    """Return the results of a job's cancels. A refusal counts as done if Wix has never acknowledged the event.

    Wix holds no such event, so there is nothing to cancel. Otherwise a report that Wix refused, or a generation that a
    restored row only may have had, would stop its entity for ever.
    """
    return tuple(
        result._replace(kind=ResultKind.DONE, reason=NEVER_HELD)
        if result.kind is ResultKind.REFUSED and is_unacknowledged
        else result
        for result, is_unacknowledged in zip(cancels, _find_unacknowledged(job), strict=True)
    )


def settle_job(job: Job, results: JobResults, current: Row, moment: SettleContext) -> Settlement[Row] | None:
    """Return the row as the results leave it, or None if its generation or its cancel has changed since the plan.

    `current` is the row as it is now. Others may have saved it since the job was planned.
    """
    match job, current:
        case Job(row=ScheduledEntity() as row, plan=Plan() as plan), ScheduledEntity():
            if current.generation == row.generation:
                return settle_scheduled(current, plan, results.cancels, results.report, moment)
        case Job(row=RealtimeEvent()), RealtimeEvent():
            return settle_occurrence(current, results.report, moment)
        case Job(row=Tombstone() as row, plan=SweepPlan() as plan), Tombstone():
            if _sweep_of(current) == _sweep_of(row):
                return settle_sweep(current, row, plan, results.cancels, moment)
    return None


def _find_unacknowledged(job: Job) -> list[bool]:
    """Return for each cancel whether the row knows that Wix has never acknowledged its event."""
    match job:
        case Job(row=ScheduledEntity() as row, plan=Plan() as plan):
            return [generation > row.acked_before for generation in plan.cancels]
        case Job(plan=SweepPlan() as plan):
            return [target.acked_at is None for target in plan.targets]
    return []


def find_ended_occurrences(job: Job, results: JobResults, policy: DeliveryPolicy) -> list[EndedOccurrence]:
    """Return the occurrences that a sweep has ended. The list is empty for other jobs."""
    match job:
        case Job(row=Tombstone() as row, plan=SweepPlan() as plan):
            return find_ended(row, plan, results.cancels, policy) if results.cancels else []
    return []


def proven_outcomes(job: Job, results: JobResults, moment: SettleContext) -> list[OutcomeEvent]:
    """Return the outcomes that the results prove, whatever happens to the row.

    The row's own outcome is not among them: it is published when the row is settled.
    """
    match job:
        case Job(row=ScheduledEntity() as row, plan=Plan(conclusive=True) as plan):
            answered = zip(plan.cancels, results.cancels, strict=False)
            closed = [generation for generation, result in answered if result.kind is ResultKind.DONE]
            return outcomes_of_generations(row, closed)
    ended = find_ended_occurrences(job, results, moment.policy)
    return [outcome for row, result in ended for outcome in outcome_of(end_occurrence(row, result, moment))]


def _sweep_of(row: Tombstone) -> tuple[object, ...]:
    """Return what tells a page of a sweep from others: another worker may have swept it meanwhile."""
    return row.version, row.sweep_position, row.first_open_position
