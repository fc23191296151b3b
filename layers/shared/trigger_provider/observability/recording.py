"""Writes log lines and metrics: for each result of intake and of delivery, and for each run of recovery."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from trigger_provider.domain.delivery.jobs import Job
from trigger_provider.domain.delivery.results import (
    CREDENTIALS_REFUSED,
    NEVER_HELD,
    SECRET_UNUSABLE,
    UNKNOWN_TO_WIX,
    ItemResult,
)
from trigger_provider.domain.delivery.sweeps import SweepPlan
from trigger_provider.domain.ledger.ids import event_id
from trigger_provider.domain.ledger.rows import RequestOutcome, Row, State, Tombstone
from trigger_provider.domain.payload.json_pointer import public_reason
from trigger_provider.observability.log_events import LogEvent
from trigger_provider.observability.telemetry import increment, increment_by_trigger, log, measure_seconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trigger_provider.domain.ledger.rows import RowKey
    from trigger_provider.errors import Violation
    from trigger_provider.use_cases.delivery.deliver import Delivered
    from trigger_provider.use_cases.intake.accept import Accepted
    from trigger_provider.use_cases.intake.intake import Taken
    from trigger_provider.use_cases.recovery.recover import Recovered
    from trigger_provider.use_cases.recovery.walk import Walked

_MOST_NAMED: Final = 20
_EVENTS = {RequestOutcome.RETRY: LogEvent.REQUEST_TO_RETRY, RequestOutcome.REJECTED: LogEvent.REQUEST_REJECTED}
_LINES = {
    State.PENDING: LogEvent.ROW_TO_RETRY,
    State.RETRYING: LogEvent.ROW_TO_RETRY,
    State.FAILED: LogEvent.ROW_FAILED,
    State.REJECTED: LogEvent.EVENT_REJECTED,
    State.PARKED: LogEvent.ROW_PARKED,
}


def record_taken(messages: Sequence[tuple[Taken, str]]) -> None:
    """Record messages of EventBridge or SQS, each by the id that AWS gave it."""
    record_results([result for taken, _ in messages for result in taken.results])
    for taken, source_id in messages:
        if taken.is_unmatched:
            log(LogEvent.EVENT_UNMATCHED, source_id=source_id)
            increment("Unmatched")
        elif taken.violations and not taken.is_to_repeat:
            record_refusal(taken.violations, source_id)
        if not taken.is_kept:
            log(LogEvent.REFUSAL_NOT_KEPT, source_id=source_id)
            increment("RefusalsNotKept")


def record_answers(results: Sequence[Accepted]) -> None:
    """Record the results of a direct invocation. No queue keeps its refused requests, so only the log names them."""
    record_results(results)
    for result in results:
        if result.violation is not None:
            record_refusal([result.violation])


def record_results(results: Sequence[Accepted]) -> None:
    """Record the results of requests that could be read."""
    for result in results:
        log(
            _EVENTS.get(result.outcome, LogEvent.REQUEST_PROCESSED),
            outcome=result.outcome,
            reason=result.reason,
            event_id=result.event_id,
        )
        _record_doubt(result)
    _count_each(result.outcome.title() for result in results)
    stale = Counter(result.trigger for result in results if result.outcome is RequestOutcome.STALE and result.trigger)
    for trigger, number in stale.items():
        increment_by_trigger("Stale", trigger, number)


def _record_doubt(result: Accepted) -> None:
    """Name what is taken or stale as it should be, and yet very likely not what its producer meant."""
    if result.is_of_unknown:
        log(LogEvent.CANCEL_OF_UNKNOWN, trigger_key=result.trigger, event_id=result.event_id)
        increment("CancelOfUnknown")
    if result.is_far_behind:
        log(LogEvent.VERSION_FAR_BEHIND, trigger_key=result.trigger, event_id=result.event_id)
        increment("StaleByFar")


def record_refusal(violations: Iterable[Violation], source_id: str | None = None) -> None:
    """Record a request that could not be read: place and rule, never the value."""
    broken = [{"pointer": violation.place, "rule": violation.rule} for violation in violations]
    log(LogEvent.REQUEST_REFUSED, violations=broken, source_id=source_id)
    increment("Refused")


def record_delivered(delivered: Delivered) -> None:
    """Record a batch of deliveries: a line for each row, and metrics of the rows whose state has changed."""
    before = {job.row.key: job.row.state for job in delivered.jobs}
    for row in delivered.settled:
        _record_row(row)
    _count_each(f"Event{row.state.title()}" for row in delivered.settled if before.get(row.key) is not row.state)
    for results in delivered.results.values():
        for result in results.every_item():
            _record_result(result)

    for job in delivered.jobs:
        _record_sweep(job)


def _record_sweep(job: Job) -> None:
    """Name a cancel under a real-time trigger that has found nothing of its entity."""
    match job:
        case Job(
            row=Tombstone(swept_version=None, sweep_position="") as row, plan=SweepPlan(targets=(), next_position=None)
        ):
            log(LogEvent.CANCEL_OF_UNKNOWN, trigger_key=row.trigger, event_id=event_id(row), instance_id=row.site)
            increment("CancelOfUnknown")


def record_unavailable(keys: Iterable[RowKey]) -> None:
    """Record rows that can't be read. Each is named by the first part of its event ids."""
    partitions = sorted({key.partition for key in keys})
    if partitions:
        log(LogEvent.ROWS_UNAVAILABLE, rows=partitions[:_MOST_NAMED])
        increment("RowsUnavailable", len(partitions))


def record_dead_letters(rows: Iterable[Row]) -> None:
    """Record rows whose messages became dead letters."""
    for row in rows:
        if row.state is State.FAILED:
            _record_row(row)
            increment("EventFailed")
        else:
            log(LogEvent.ROW_LAST_RETRY, event_id=event_id(row), trigger_key=row.trigger, instance_id=row.site)


def record_recovered(recovered: Recovered) -> None:
    """Record a run of recovery: how many rows it requeued, how old the oldest row is, and how many sites wait."""
    if recovered.rows:
        log(LogEvent.ROWS_REQUEUED, rows=recovered.rows)
    increment("RowsRecovered", recovered.rows)
    if recovered.sites is not None:
        increment("SuspendedSites", recovered.sites.parked)
        increment("UninstalledSites", recovered.sites.removed)
    if recovered.oldest is not None:
        measure_seconds("OldestUnsettledSeconds", recovered.oldest)
    record_unavailable(recovered.unavailable)


def record_walked(walked: Walked) -> None:
    """Record a run of the slow walk: how many rows were overlooked. A run that had nothing to read records nothing."""
    record_unavailable(walked.requeued.unavailable)
    if walked.requeued.rows:
        log(LogEvent.ROWS_OVERLOOKED, rows=walked.requeued.rows)
    if walked.pages:
        increment("RowsOverlooked", walked.requeued.rows)


def _record_row(row: Row) -> None:
    event = _LINES.get(row.state, LogEvent.ROW_SETTLED)
    wix_request_id = row.timeline[-1].wix_request_id if row.timeline else None
    log(
        event, event_id=event_id(row), trigger_key=row.trigger, instance_id=row.site, state=row.state,
        reason=public_reason(row.reason), attempts=row.attempts, wix_request_id=wix_request_id,
    )  # fmt: skip


def _record_result(answer: ItemResult) -> None:
    if answer.reason in (UNKNOWN_TO_WIX, NEVER_HELD):
        log(LogEvent.CANCEL_UNKNOWN, wix_request_id=answer.wix_request_id)
        increment("CancelUnknown")
    elif answer.reason == CREDENTIALS_REFUSED or answer.reason.startswith(SECRET_UNUSABLE):
        log(LogEvent.CREDENTIALS_REFUSED)
        increment("CredentialsRefused")


def _count_each(names: Iterable[str]) -> None:
    """Add each value to its metric. Each call writes one number into the log, so a batch gives one for each metric."""
    for name, number in Counter(names).items():
        increment(name, number)
