"""Calls Wix for a batch of work: one bulk call for each trigger of each site, cancels before reports."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from trigger_provider.events import EntityRow, Occurrence, Row
from trigger_provider.ids import event_id, idempotency_key
from trigger_provider.ports import AutomationsApi, EventReport
from trigger_provider.use_cases.work import Work

MOST_CALLS_AT_ONCE = 16


Spread = Callable[[Callable[[Sequence[Work]], None], Sequence[Sequence[Work]]], None]
"""A way to do something for each of some groups of work: when it returns, all is done."""


def in_threads(do: Callable[[Sequence[Work]], None], groups: Sequence[Sequence[Work]]) -> None:
    """Do it for all groups at once, in threads that have ended when this returns; for a single one without any."""
    if len(groups) <= 1:
        for group in groups:
            do(group)
        return
    with ThreadPoolExecutor(min(len(groups), MOST_CALLS_AT_ONCE)) as pool:
        list(pool.map(do, groups))


def call_wix(
    api: AutomationsApi, app_id: str, works: Iterable[Work], deadline: int, spread: Spread = in_threads
) -> None:
    """Cancel, and then report what may be reported; each work gets its answers.

    Sites and triggers don't wait for one another, and start in the order of the works. When this returns, no call is
    under way any more.
    """
    groups: dict[tuple[str, str], list[Work]] = {}
    for work in works:
        groups.setdefault(_of_one_call(work), []).append(work)
    spread(lambda group: _call(api, app_id, group, deadline), list(groups.values()))


def _of_one_call(work: Work) -> tuple[str, str]:
    return work.row.site, work.row.trigger


def _call(api: AutomationsApi, app_id: str, group: Sequence[Work], deadline: int) -> None:
    site, trigger = _of_one_call(group[0])
    cancelled = [work.cancel_ids() for work in group]
    ids = [event for events in cancelled for event in events]
    answers = iter(api.cancel(site, trigger, ids, deadline) if ids else ())
    for work, events in zip(group, cancelled, strict=True):
        work.cancels = tuple(islice(answers, len(events)))
    to_report = [work for work in group if work.is_to_report()]
    if to_report:
        reports = [_report(app_id, work.row) for work in to_report]
        for work, answer in zip(to_report, api.report(site, trigger, reports, deadline), strict=True):
            work.report = answer


def _report(app_id: str, row: Row) -> EventReport:
    if not isinstance(row, EntityRow | Occurrence):
        raise TypeError(type(row).__name__)
    return EventReport(event_id(row), idempotency_key(app_id, row), row.payload or "{}")
