"""Calls Wix for a batch of work: one bulk call for each trigger of each site, cancels before reports."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from trigger_provider.domain.delivery.results import EventReport
from trigger_provider.domain.ledger.ids import event_id, idempotency_key
from trigger_provider.domain.ledger.rows import EntityRow, Occurrence, Row
from trigger_provider.use_cases.concurrency import Spread, in_threads

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trigger_provider.use_cases.delivery.jobs import Work
    from trigger_provider.use_cases.ports.wix import AutomationsApi


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
