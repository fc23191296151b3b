"""Calls Wix for a batch of jobs: one bulk call for each trigger of each site, cancels before reports."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from trigger_provider.domain.delivery.jobs import judge_cancels, make_report
from trigger_provider.domain.delivery.results import JobResults
from trigger_provider.errors import TriggerProviderError
from trigger_provider.use_cases.concurrency import MapConcurrently, map_concurrently

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trigger_provider.domain.delivery.jobs import Job
    from trigger_provider.domain.ledger.rows import RowKey
    from trigger_provider.use_cases.ports.wix import AutomationsApi


class Dispatched(NamedTuple):
    """The results of each job, by the key of its row, and the errors of the jobs whose group ended in one."""

    results: Mapping[RowKey, JobResults]
    errors: Mapping[RowKey, Exception]


def dispatch(
    api: AutomationsApi, app_id: str, jobs: Iterable[Job], deadline: int, spread: MapConcurrently = map_concurrently
) -> Dispatched:
    """Cancel, then report what may be reported. An unforeseen error ends only its own group.

    Sites and triggers don't wait for one another. They start in the order of the jobs. When this returns, all calls
    have ended. No call starts that could not end before `deadline`, in milliseconds since the epoch.
    """
    groups: dict[tuple[str, str], list[Job]] = {}
    for job in jobs:
        groups.setdefault((job.row.site, job.row.trigger), []).append(job)
    called = [*groups.values()]
    answered = spread(lambda group: _try_call(api, app_id, group, deadline), called)
    results: dict[RowKey, JobResults] = {}
    errors: dict[RowKey, Exception] = {}
    for group, result in zip(called, answered, strict=True):
        if isinstance(result, Exception):
            errors |= dict.fromkeys((job.row.key for job in group), result)
        else:
            results |= result
    return Dispatched(results, errors)


def _try_call(
    api: AutomationsApi, app_id: str, group: Sequence[Job], deadline: int
) -> dict[RowKey, JobResults] | Exception:
    """Return the results of a group, or an unforeseen error. An error of ours concerns all groups."""
    try:
        return _call(api, app_id, group, deadline)
    except TriggerProviderError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it must stay with the group that causes it
        return error


def _call(api: AutomationsApi, app_id: str, group: Sequence[Job], deadline: int) -> dict[RowKey, JobResults]:
    site, trigger = group[0].row.site, group[0].row.trigger
    ids = [event for job in group for event in job.cancel_ids]
    answers = iter(api.cancel(site, trigger, ids, deadline) if ids else ())
    cancels = {
        job.row.key: judge_cancels(job, islice(answers, len(job.cancel_ids))) if job.cancel_ids else () for job in group
    }
    reports = {
        job.row.key: report for job in group if (report := make_report(job, cancels[job.row.key], app_id)) is not None
    }
    results = api.report(site, trigger, list(reports.values()), deadline) if reports else ()
    reported = dict(zip(reports, results, strict=True))
    return {key: JobResults(cancels[key], reported.get(key)) for key in cancels}
