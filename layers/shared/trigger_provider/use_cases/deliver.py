"""Delivers: looks at the rows that messages name, does with Wix what they ask for, and writes down the answers.

A message says only which row to look at, and which revision of it to expect; everything else follows from the
row. So duplicates, disorder and repeated runs are harmless.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from trigger_provider.decisions.planning import (
    plan_occurrence,
    plan_scheduled,
    plan_sweep,
    wait_for_save,
)
from trigger_provider.decisions.policy import SECOND, DeliveryPolicy
from trigger_provider.decisions.settling import Moment, Settlement, close_occurrence
from trigger_provider.events import EntityRow, Occurrence, Row, RowKey
from trigger_provider.ids import entity_of
from trigger_provider.ports import AutomationsApi, Clock, Ledger
from trigger_provider.use_cases.calls import call_wix
from trigger_provider.use_cases.saving import save_settled
from trigger_provider.use_cases.work import OccurrenceWork, ScheduledWork, SweepWork, Work


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as it was received; `sent_at` is when it was first sent, in milliseconds."""

    key: RowKey
    revision: int
    sent_at: int
    receives: int = 1


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of a batch: for each message in how many milliseconds it must come back, if it must."""

    give_back: tuple[int | None, ...]
    settled: tuple[Row, ...]
    works: tuple[Work, ...]


@dataclass(frozen=True, slots=True)
class Deliver:
    """The use case. `intake_window` is how long after its message a row may still be saved, in milliseconds."""

    ledger: Ledger
    automations: AutomationsApi
    clock: Clock
    jitter: Callable[[], float]
    new_token: Callable[[], str]
    policy: DeliveryPolicy
    app_id: str
    intake_window: int

    def __call__(self, deliveries: Sequence[Delivery], deadline: int) -> Delivered:
        """Work through a batch; no call to Wix starts that could not end before `deadline`."""
        keys = {one.key for one in deliveries}
        rows = self.ledger.load_many(keys | {entity_of(key) for key in keys})
        ready = {one.key for one in deliveries if not _is_early(one, rows)}
        works = [work for key in sorted(ready) if (work := self._planned(rows[key], rows)) is not None]
        call_wix(self.automations, self.app_id, works, deadline)
        settled = self._settled(works)
        return Delivered(
            tuple(self._give_back(one, rows, settled) for one in deliveries),
            tuple(one.row for one in settled.values()),
            tuple(works),
        )

    def _planned(self, row: Row, rows: Mapping[RowKey, Row]) -> Work | None:
        now, settle_delay = self.clock.now(), self.policy.settle_delay
        if isinstance(row, Occurrence):
            tombstone = rows.get(entity_of(row.key))
            plan = plan_occurrence(row, tombstone if isinstance(tombstone, EntityRow) else None, now)
            return None if plan is None else OccurrenceWork(row, plan)
        if not isinstance(row, EntityRow):
            return None
        if row.is_tombstone:
            sweep = plan_sweep(row, self.ledger.occurrences(row.key), now, settle_delay)
            return None if sweep is None else SweepWork(row, sweep)
        scheduled = plan_scheduled(row, now, settle_delay)
        return None if scheduled is None else ScheduledWork(row, scheduled)

    def _settled(self, works: Iterable[Work]) -> dict[RowKey, Settlement[Row]]:
        """Settle all; what a sweep has closed is saved first, since its own row says that all is closed."""
        by_key = {work.row.key: work for work in works}
        closed = self._close(by_key.values())
        waiting = {key for key in by_key if any(entity_of(one) == key for one in closed)}
        rows = {key: work.row for key, work in by_key.items() if key not in waiting}
        saved = save_settled(
            self.ledger, self.new_token(), rows, lambda row: by_key[row.key].settled(row, self._moment())
        )
        unsaved = {key: Settlement(by_key[key].row, give_back=SECOND) for key in waiting | saved.unsaved}
        return {**saved.settled, **unsaved}

    def _close(self, works: Iterable[Work]) -> frozenset[RowKey]:
        """Save what sweeps have closed; give the keys of what could not be saved."""
        sweeps = (work for work in works if isinstance(work, SweepWork))
        rows: dict[RowKey, Row] = {one.key: one for sweep in sweeps for one in sweep.closed()}
        return save_settled(self.ledger, self.new_token(), rows, self._closed).unsaved

    def _closed(self, row: Row) -> Settlement[Row] | None:
        return Settlement(close_occurrence(row, self._moment())) if isinstance(row, Occurrence) else None

    def _give_back(
        self, one: Delivery, rows: Mapping[RowKey, Row], settled: Mapping[RowKey, Settlement[Row]]
    ) -> int | None:
        if _is_early(one, rows):
            return wait_for_save(one.sent_at, one.receives, self.clock.now(), self.intake_window)
        return settled[one.key].give_back if one.key in settled else None

    def _moment(self) -> Moment:
        return Moment(self.clock.now(), self.jitter(), self.policy)


def _is_early(one: Delivery, rows: Mapping[RowKey, Row]) -> bool:
    return one.key not in rows or rows[one.key].revision < one.revision
