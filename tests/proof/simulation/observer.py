"""Observes every save and every call to Wix, and records at once what must never happen.

A worker may act on a row that another process has changed since the worker loaded it. So each call is judged by what
was saved before that worker began.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager

from tests.proof.simulation.journal import Journal, name_of
from tests.proof.simulation.scheduler import Scheduler
from tests.proof.simulation.wix import BreakingError
from trigger_provider.domain.delivery.results import EventReport, ItemResult, ResultKind
from trigger_provider.domain.ledger.ids import entity_of, event_id
from trigger_provider.domain.ledger.rows import (
    ON_THE_WAY,
    EventRow,
    Intent,
    RealtimeEvent,
    Row,
    RowKey,
    ScheduledEntity,
    State,
    Tombstone,
)
from trigger_provider.use_cases.ports.wix import AutomationsApi


class Observer:
    """What was observed. `wrong` lists the broken rules.

    `begun` counts generations, occurrences and tombstones. `causes` counts what may make a worker repeat a call: a
    result that wasn't `done`, a worker that died with a batch, two workers at one row.
    """

    def __init__(self, scheduler: Scheduler, journal: Journal) -> None:
        self.wrong: list[str] = []
        self.begun = 0
        self.causes = 0
        self.reports = 0
        self.cancels = 0
        self._in_work: Counter[RowKey] = Counter()
        self._scheduler = scheduler
        self._journal = journal
        self._rows: dict[str, Row] = {}
        self._payloads: dict[str, set[str | None]] = {}
        self._ended_at: dict[str, int] = {}
        self._left_at: dict[str, int] = {}
        self._tombstones: dict[RowKey, list[tuple[int, int]]] = {}
        self._newest: dict[RowKey, Row] = {}

    @contextmanager
    def looking(self, keys: Collection[RowKey]) -> Iterator[None]:
        """Look at a worker while it looks at rows: perhaps it is not alone, and perhaps it is lost."""
        self._scheduler.task().began = self._scheduler.now()
        self._journal.say(lambda: f"looks at {'; '.join(self._name(key) for key in sorted(keys))}")
        self._in_work.update(keys)
        self.causes += sum(self._in_work[key] > 1 for key in keys)
        lost = len(keys)
        try:
            yield
            lost = 0
        except BreakingError:
            lost = 0
            raise
        finally:
            self.causes += lost
            self._in_work.subtract(keys)

    def saw_save(self, row: Row) -> None:
        """Look at a row as it is saved."""
        event, now = event_id(row), self._scheduler.now()
        self._journal.say(lambda: f"saves {name_of(row)}: {row.state}, {row.reason}, revision {row.revision}")
        before = self._newest.get(row.key)
        self._newest[row.key] = row
        if isinstance(row, Tombstone):
            if before is None or row.version > (before.version or 0):
                self.begun += 1
                self._tombstones.setdefault(row.key, []).append((row.version, now))
            return
        if event not in self._rows:
            self.begun += 1
            if before is not None:
                self._left_at[event_id(before)] = now
        self._rows[event] = row
        if isinstance(row, EventRow):
            self._payloads.setdefault(event, set()).add(row.payload)
        if row.state not in ON_THE_WAY and row.state is not State.PARKED:
            self._ended_at.setdefault(event, now)

    def saw_report(self, reports: Sequence[EventReport]) -> None:
        """Look at a call as it starts."""
        self.reports += len(reports)
        self._journal.say(lambda: f"reports {self._names(report.event_id for report in reports)}")
        for report in reports:
            row = self._rows.get(report.event_id)
            if row is None or report.payload not in self._payloads[report.event_id]:
                self._blame(report.event_id, "is reported, and no saved change asks for it")
            elif report.event_id in self._scheduler.task().acknowledged:
                self._blame(report.event_id, "is reported again by the worker to which Wix has acknowledged it")
            elif self._is_before(self._ended_at, report.event_id):
                self._blame(report.event_id, "is reported after it had come to its end")
            elif self._is_before(self._left_at, report.event_id):
                self._blame(report.event_id, "is reported after a newer change was saved")
            elif isinstance(row, RealtimeEvent) and self._is_covered(row, self._scheduler.task().began):
                self._blame(report.event_id, "is reported after it was cancelled")

    def saw_acknowledged(self, events: Iterable[str]) -> None:
        """Remember what Wix has acknowledged to this worker: it may not report that again."""
        self._scheduler.task().acknowledged.update(events)

    def saw_cancel(self, event_ids: Sequence[str]) -> None:
        """Look at a call as it starts."""
        self.cancels += len({text.rpartition("-")[0] for text in event_ids})
        self._journal.say(lambda: f"cancels {self._names(event_ids)}")
        for text in event_ids:
            row = self._rows.get(text)
            if isinstance(row, ScheduledEntity) and text not in self._left_at and row.intent is Intent.REPORT:
                self._blame(text, "is cancelled, though it is the newest")
            elif isinstance(row, RealtimeEvent) and not self._is_covered(row, self._scheduler.now()):
                self._blame(text, "is cancelled, and nobody asked for that")

    @contextmanager
    def breaking(self, items: int) -> Iterator[None]:
        """Count a call that breaks as a cause to repeat its items, and no other call of the batch."""
        try:
            yield
        except BreakingError:
            self.causes += items
            raise

    def saw_answers(self, answers: Sequence[ItemResult]) -> None:
        """Look at the answers to a call."""
        self.causes += sum(answer.kind is not ResultKind.DONE for answer in answers)

    def _is_before(self, times: dict[str, int], event: str) -> bool:
        return event in times and times[event] < self._scheduler.task().began

    def _is_covered(self, row: RealtimeEvent, by: int) -> bool:
        beside = entity_of(row.key)
        cancels = self._tombstones.get(beside, ()) if beside else ()
        return any(at <= by and (row.version or 0) <= version for version, at in cancels)

    def _names(self, events: Iterable[str]) -> str:
        return "; ".join(name_of(self._rows[event]) if event in self._rows else event for event in events)

    def _name(self, key: RowKey) -> str:
        return name_of(self._newest[key]) if key in self._newest else "a row that nobody has saved"

    def _blame(self, event: str, what: str) -> None:
        self.wrong.append(f"{self._names([event])} {what}")
        self._journal.say(lambda: f"THIS IS WRONG: {self.wrong[-1]}")


class ObservedAutomations:
    """Keeps the port `AutomationsApi`, and lets the observer look."""

    def __init__(self, api: AutomationsApi, observer: Observer) -> None:
        self._api = api
        self._observer = observer

    def report(self, site: str, trigger: str, reports: Sequence[EventReport], deadline: int) -> Sequence[ItemResult]:
        self._observer.saw_report(reports)
        with self._observer.breaking(len(reports)):
            answers = self._api.report(site, trigger, reports, deadline)
        self._observer.saw_answers(answers)
        self._observer.saw_acknowledged(
            report.event_id for report, answer in zip(reports, answers, strict=True) if answer.kind is ResultKind.DONE
        )
        return answers

    def cancel(self, site: str, trigger: str, event_ids: Sequence[str], deadline: int) -> Sequence[ItemResult]:
        self._observer.saw_cancel(event_ids)
        with self._observer.breaking(len(event_ids)):
            answers = self._api.cancel(site, trigger, event_ids, deadline)
        self._observer.saw_answers(answers)
        return answers
