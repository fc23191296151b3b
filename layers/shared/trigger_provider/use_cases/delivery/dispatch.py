"""Calls Wix for a batch of work: one bulk call for each trigger of each site, cancels before reports."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from trigger_provider.domain.delivery.results import EventReport
from trigger_provider.domain.ledger.ids import event_id, idempotency_key
from trigger_provider.domain.ledger.rows import RealtimeEvent, Row, ScheduledEntity
from trigger_provider.use_cases.concurrency import MapConcurrently, map_concurrently

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trigger_provider.use_cases.delivery.jobs import Job
    from trigger_provider.use_cases.ports.wix import AutomationsApi


def dispatch(
    api: AutomationsApi, app_id: str, jobs: Iterable[Job], deadline: int, spread: MapConcurrently = map_concurrently
) -> None:
    """Cancel, and then report what may be reported; each work gets its answers.

    Sites and triggers don't wait for one another, and start in the order of the works. When this returns, no call is
    under way any more.
    """
    groups: dict[tuple[str, str], list[Job]] = {}
    for job in jobs:
        groups.setdefault(_of_one_call(job), []).append(job)
    spread(lambda group: _call(api, app_id, group, deadline), list(groups.values()))


def _of_one_call(job: Job) -> tuple[str, str]:
    return job.row.site, job.row.trigger


def _call(api: AutomationsApi, app_id: str, group: Sequence[Job], deadline: int) -> None:
    site, trigger = _of_one_call(group[0])
    cancelled = [job.cancel_ids() for job in group]
    ids = [event for events in cancelled for event in events]
    answers = iter(api.cancel(site, trigger, ids, deadline) if ids else ())
    for job, events in zip(group, cancelled, strict=True):
        job.cancels = tuple(islice(answers, len(events)))
    to_report = [job for job in group if job.is_to_report()]
    if to_report:
        reports = [_report(app_id, job.row) for job in to_report]
        for job, answer in zip(to_report, api.report(site, trigger, reports, deadline), strict=True):
            job.report = answer


def _report(app_id: str, row: Row) -> EventReport:
    if not isinstance(row, ScheduledEntity | RealtimeEvent):
        raise TypeError(type(row).__name__)
    return EventReport(event_id(row), idempotency_key(app_id, row), row.payload or "{}")
