"""Wix as a few collections: what is live on which site, which keys were used, and the scripted answers."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from trigger_provider.domain.delivery.results import EventReport, ItemResult, ResultKind
from trigger_provider.use_cases.ports.clock import Clock


@dataclass(frozen=True, slots=True)
class Call:
    """One call as it was made; `operation` is `report` or `cancel`."""

    operation: str
    site: str
    trigger: str
    event_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Scripted:
    operation: str
    answer: ItemResult
    event_id: str | None
    takes_effect: bool


class MemoryAutomations:
    """Keeps the port `AutomationsApi`; with a clock it heeds deadlines too. Threads may share it."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.calls: list[Call] = []
        self._clock = clock
        self._live: dict[tuple[str, str], list[EventReport]] = {}
        self._used_keys: set[tuple[str, str]] = set()
        self._script: list[_Scripted] = []
        self._lock = threading.Lock()

    def script(
        self, operation: str, answer: ItemResult, *, event_id: str | None = None, takes_effect: bool = False
    ) -> None:
        """Answer the next item so, or the next one of that id; with `takes_effect` Wix acts all the same."""
        self._script.append(_Scripted(operation, answer, event_id, takes_effect))

    def live(self, site: str, trigger: str) -> list[EventReport]:
        """Return what is reported and not cancelled, oldest first; one id can be there more than once."""
        return list(self._live.get((site, trigger), ()))

    def report(self, site: str, trigger: str, reports: Sequence[EventReport], deadline: int) -> Sequence[ItemResult]:
        with self._lock:
            if self._starts("report", site, trigger, [report.event_id for report in reports], deadline):
                return [self._report(site, trigger, report) for report in reports]
            return [ItemResult(ResultKind.SKIPPED, "no time left")] * len(reports)

    def cancel(self, site: str, trigger: str, event_ids: Sequence[str], deadline: int) -> Sequence[ItemResult]:
        with self._lock:
            if self._starts("cancel", site, trigger, event_ids, deadline):
                return [self._cancel(site, trigger, text) for text in event_ids]
            return [ItemResult(ResultKind.SKIPPED, "no time left")] * len(event_ids)

    def _starts(self, operation: str, site: str, trigger: str, event_ids: Sequence[str], deadline: int) -> bool:
        in_time = self._clock is None or self._clock.now() < deadline
        if in_time and event_ids:
            self.calls.append(Call(operation, site, trigger, tuple(event_ids)))
        return in_time

    def _report(self, site: str, trigger: str, report: EventReport) -> ItemResult:
        scripted = self._scripted("report", report.event_id)
        # Wix scopes keys to app and trigger, not to the site, and a cancel does not free them.
        is_new = (trigger, report.idempotency_key) not in self._used_keys
        if is_new and (scripted is None or scripted.takes_effect):
            self._used_keys.add((trigger, report.idempotency_key))
            self._live.setdefault((site, trigger), []).append(report)
        activations = (f"activation-{len(self._used_keys)}",) if is_new else ()
        return scripted.answer if scripted else ItemResult(ResultKind.DONE, "wix 200", activation_ids=activations)

    def _cancel(self, site: str, trigger: str, event_id: str) -> ItemResult:
        scripted = self._scripted("cancel", event_id)
        if scripted is None or scripted.takes_effect:
            live = self.live(site, trigger)
            self._live[site, trigger] = [report for report in live if report.event_id != event_id]
        return scripted.answer if scripted else ItemResult(ResultKind.DONE, "wix 200")

    def _scripted(self, operation: str, event_id: str) -> _Scripted | None:
        for scripted in self._script:
            if scripted.operation == operation and scripted.event_id in {None, event_id}:
                self._script.remove(scripted)
                return scripted
        return None
