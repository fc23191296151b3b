"""The decisions over numbers instead of rows, each made only once: they depend on their arguments alone."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from tests.proof.model.cases import APP, Case
from tests.proof.model.clock import FAR, NOW, SETTLE_DELAY, plain
from tests.proof.model.kept import NOTHING, Kept, keep
from tests.proof.model.processes import WorkerJob
from tests.proof.model.rules import Rules
from trigger_provider.domain.delivery.jobs import Job, judge_cancels, make_job
from trigger_provider.domain.delivery.policy import DeliveryPolicy
from trigger_provider.domain.delivery.results import EventReport, ItemResult, JobResults, ResultKind
from trigger_provider.domain.delivery.retry import SettleContext
from trigger_provider.domain.durations import MINUTE
from trigger_provider.domain.intake.commands import OccurrenceReport, OccurrencesCancel
from trigger_provider.domain.ledger.ids import event_id
from trigger_provider.domain.ledger.rows import NO_OCCURRENCES, RealtimeEvent, RequestOutcome, Row, Tombstone

_NAMED = frozenset({RequestOutcome.ACCEPTED, RequestOutcome.DUPLICATE, RequestOutcome.UNCHANGED, RequestOutcome.STALE})
_RETENTION = 0


class Taken(NamedTuple):
    """What intake decided: the row to save, if any, and whether to enqueue its message before."""

    row: Kept[Row | None]
    is_to_deliver: bool


class Settled(NamedTuple):
    """What delivery decided to save: the row, if it has changed, and whether the message comes back."""

    row: Kept[Row]
    is_changed: bool
    comes_back: bool


@cache
def taken(  # a memo
    rules: Rules,
    case: Case,
    at: int,
    is_dated: bool,  # noqa: FBT001
    losses: int,
    reads: tuple[Kept[Any], ...],
) -> Taken:
    """Decide on a request over the rows that were read for it. Each loss of rows lies a minute in the past."""
    request = (case.dated_requests if is_dated else case.requests)[at]
    clock = {"now": NOW + losses * MINUTE, "retention": _RETENTION}
    match request:
        case OccurrenceReport():
            acceptance = rules.accept_occurrence(request, reads[0].value, reads[1].value, **clock)
        case OccurrencesCancel():
            acceptance = rules.accept_cancel(request, reads[0].value, **clock)
        case _:
            acceptance = rules.accept_change(request, reads[0].value, reads[0].value, **clock)
    if acceptance.outcome not in _NAMED:
        raise AssertionError(f"{case.words}: {acceptance}")
    row = acceptance.row
    return Taken(NOTHING if row is None else keep(plain(row)), bool(acceptance.is_to_deliver))


@cache
def planned(rules: Rules, loaded: Kept[Any], beside: Kept[Any]) -> Kept[Any]:
    """Plan for a row as it was loaded. `beside` is an occurrence's entity row, or an entity's occurrences."""
    row = loaded.value
    if row is None:
        return keep(None)
    if isinstance(row, RealtimeEvent):
        return keep(rules.plan_occurrence(row, beside.value, NOW))
    if isinstance(row, Tombstone):
        return keep(rules.plan_sweep(row, beside.value or NO_OCCURRENCES, NOW, SETTLE_DELAY))
    return keep(rules.plan_scheduled(row, NOW, SETTLE_DELAY))


@cache
def job_of(worker_job: WorkerJob) -> tuple[Job, JobResults]:
    """Return the job with the results so far."""
    job = make_job(worker_job.loaded.value, worker_job.plan.value)
    answers = tuple(ItemResult(kind, "") for kind in worker_job.cancels.value or ())
    report = None if worker_job.report.value is None else ItemResult(worker_job.report.value, "")
    return job, JobResults(judge_cancels(job, answers) if answers else (), report)


@cache
def cancel_ids(rules: Rules, worker_job: WorkerJob) -> Kept[tuple[str, ...]]:
    """Return the event ids that the job cancels, as Wix is given them."""
    job, _ = job_of(worker_job)
    return keep(tuple(rules.id_at_wix(text) for text in job.cancel_ids))


@cache
def report_of(rules: Rules, loaded: Kept[Any]) -> Kept[EventReport]:
    """Return the report of a row's event, as Wix is given it."""
    row = loaded.value
    return keep(EventReport(rules.id_at_wix(event_id(row)), rules.idempotency_key(APP, row), row.payload or "{}"))


@cache
def settled(rules: Rules, case: Case, job: WorkerJob, current: Kept[Any]) -> Settled | None:
    """Settle the job over a row as it is now. Return None if the row has changed since the plan, or is lost."""
    settlement = rules.settle_job(*job_of(job), current.value, moment(case))
    if settlement is None:
        return None
    is_changed = settlement.row != current.value
    return Settled(keep(plain(settlement.row)), is_changed, settlement.give_back is not None)


@cache
def ended(rules: Rules, case: Case, current: Kept[Any], kind: ResultKind) -> Kept[Row | None]:
    """End an occurrence as it is now, by the result of its cancel."""
    if current is NOTHING:
        return current
    return keep(plain(rules.end_occurrence(current.value, ItemResult(kind, ""), moment(case))))


@cache
def moment(case: Case) -> SettleContext:
    """Return the moment at which everything is settled, without jitter."""
    policy = DeliveryPolicy(
        settle_delay=SETTLE_DELAY,
        give_up_after=0 if case.gives_up else FAR,
        retention=_RETENTION,
        quick_retries=1,
    )
    return SettleContext(NOW, 0.0, policy, receives=1 if case.is_quick else policy.last_receive)


@cache
def patience(case: Case) -> DeliveryPolicy:
    """Return the policy by which a parked row is released: Wix remembers its key for long enough, or does not."""
    return DeliveryPolicy(settle_delay=SETTLE_DELAY, give_up_after=FAR if case.forgets else 0, retention=_RETENTION)
