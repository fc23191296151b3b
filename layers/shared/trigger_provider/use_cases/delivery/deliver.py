"""Delivers: loads the rows that messages name, calls Wix as they require, and saves what the results mean.

A message says only which row to load, and which revision of it to expect. Everything else follows from the row. So
duplicate messages, messages out of order and repeated runs do no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from trigger_provider.domain.delivery.jobs import NO_RESULTS, Job, plan_job, proven_outcomes, settle_job
from trigger_provider.domain.delivery.messages import NullOutcomes, OutcomeEvent
from trigger_provider.domain.delivery.outcomes import outcome_of
from trigger_provider.domain.delivery.planning import wait_for_save
from trigger_provider.domain.delivery.resumption import FORGOTTEN
from trigger_provider.domain.delivery.retry import SettleContext, Settlement
from trigger_provider.domain.delivery.sweeps import SweepPlan, close_occurrence, find_closed
from trigger_provider.domain.durations import SECOND
from trigger_provider.domain.ledger.ids import entity_of
from trigger_provider.domain.ledger.rows import RealtimeEvent, Row, RowKey, Tombstone
from trigger_provider.errors import RowsUnavailable, TriggerProviderError
from trigger_provider.use_cases.concurrency import MapConcurrently, map_concurrently
from trigger_provider.use_cases.delivery.dispatch import dispatch
from trigger_provider.use_cases.loading import load_available
from trigger_provider.use_cases.saving import Saved, save_until_unchanged

if TYPE_CHECKING:
    from trigger_provider.domain.delivery.policy import DeliveryPolicy
    from trigger_provider.domain.delivery.results import JobResults
    from trigger_provider.use_cases.delivery.admission import Admission, AdmittedBatch
    from trigger_provider.use_cases.ports.clock import Clock
    from trigger_provider.use_cases.ports.ledger import Ledger
    from trigger_provider.use_cases.ports.messaging import Outcomes
    from trigger_provider.use_cases.ports.wix import AutomationsApi

Settle = Callable[[Row], Settlement[Row] | None]
Settled = Mapping[RowKey, Settlement[Row]]
Errors = dict[RowKey, Exception]


class Delivery(NamedTuple):
    """A message as it was received. `sent_at` is when it was first sent, in milliseconds."""

    key: RowKey
    revision: int
    sent_at: int
    receives: int = 1


class Delivered(NamedTuple):
    """The result of a batch.

    `give_back` holds, for each message, after how many milliseconds it must come back, or None. `settled` are the rows
    that were saved, or that needed no change. `jobs` and `results` say what was done for them. `early` holds the
    positions of the messages that came before their rows were saved. `errors` holds the error of each message that
    could not be processed: its row can't be read, or an unforeseen error ended its group of calls.
    """

    give_back: tuple[int | None, ...]
    settled: tuple[Row, ...]
    jobs: tuple[Job, ...]
    results: Mapping[RowKey, JobResults]
    early: frozenset[int] = frozenset()
    errors: Mapping[int, Exception] = MappingProxyType({})


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
    admission: Admission
    outcomes: Outcomes = field(default_factory=NullOutcomes)
    spread: MapConcurrently = map_concurrently

    def process(self, deliveries: Sequence[Delivery], deadline: int) -> Delivered:
        """Work through a batch in the order of its messages. No call to Wix can end after `deadline`, in milliseconds.

        Load, plan, admit, call, record, settle: each step returns values, and no step changes what another returned.
        """
        looked_at = self.clock.now()
        rows, errors = self._load(dict.fromkeys(delivery.key for delivery in deliveries))
        early = frozenset(
            at for at, delivery in enumerate(deliveries) if delivery.key not in errors and _is_early(delivery, rows)
        )
        named = dict.fromkeys(delivery.key for at, delivery in enumerate(deliveries) if at not in early)
        planned, unplanned = self._plan([key for key in named if key not in errors], rows)
        batch = self.admission.admit(planned)
        answered, unanswered = dispatch(self.automations, self.app_id, batch.jobs, deadline, self.spread)
        errors |= {**unplanned, **unanswered}
        jobs = [job for job in planned if job.row.key not in errors]
        ready = [delivery for at, delivery in enumerate(deliveries) if at not in early and delivery.key not in errors]
        results = {**batch.refused, **self.admission.record_results(_without(batch, errors), answered)}
        self._publish(outcome for job in jobs for outcome in proven_outcomes(job, results.get(job.row.key, NO_RESULTS)))
        settled, unsaved = self._settle(jobs, results, deliveries)
        self._publish(_outcomes(ready, rows, settled))
        waits = {key: settlement.give_back for key, settlement in settled.items()} | dict.fromkeys(unsaved, SECOND)
        give_back = tuple(
            self._wait_for_save(delivery, looked_at) if at in early else waits.get(delivery.key)
            for at, delivery in enumerate(deliveries)
        )
        return Delivered(
            give_back, tuple(settlement.row for settlement in settled.values()), tuple(jobs), results, early,
            {at: errors[delivery.key] for at, delivery in enumerate(deliveries) if delivery.key in errors},
        )  # fmt: skip

    def _load(self, keys: Iterable[RowKey]) -> tuple[Mapping[RowKey, Row], Errors]:
        """Load rows, and after them the entity rows of occurrences, since one batch of reads is no snapshot.

        The order matters. If the sweep of a cancel missed an occurrence, the cancel was saved before the occurrence. So
        the second read finds it. An occurrence whose tombstone can't be read is not sent.
        """
        rows, unavailable = load_available(self.ledger.load_many, keys)
        beside = {entity for key in rows if (entity := entity_of(key)) is not None}
        if beside:
            tombstones, unknown = load_available(self.ledger.load_many, beside)
            unavailable |= {key for key in rows if entity_of(key) in unknown}
            rows = {**rows, **tombstones}
        return rows, {key: RowsUnavailable("a row can't be read", frozenset({key}), {}) for key in unavailable}

    def _plan(self, keys: Sequence[RowKey], rows: Mapping[RowKey, Row]) -> tuple[list[Job], Errors]:
        """Plan each row, and return the errors of rows that can't be planned. An error of ours concerns all rows."""
        jobs: list[Job] = []
        errors: Errors = {}
        for key in keys:
            try:
                job = self._plan_row(rows[key], rows)
            except TriggerProviderError:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, it must stay with the row that causes it
                errors[key] = error
            else:
                jobs += [] if job is None else [job]
        return jobs, errors

    def _plan_row(self, row: Row, rows: Mapping[RowKey, Row]) -> Job | None:
        occurrences = self.ledger.occurrences(row.key) if isinstance(row, Tombstone) else ()
        return plan_job(row, rows, occurrences, self.clock.now(), self.policy.settle_delay)

    def _settle(
        self, jobs: Iterable[Job], results: Mapping[RowKey, JobResults], messages: Iterable[Delivery]
    ) -> tuple[Settled, set[RowKey]]:
        """Settle all jobs. Save first what sweeps have closed, since a tombstone's row then says that all is closed.

        If several messages name one row, the one that expects the newest revision counts.
        """
        by_key = {job.row.key: job for job in jobs}
        newest = {message.key: message for message in sorted(messages, key=lambda message: message.revision)}
        unclosed = {entity_of(key) for key in self._close(by_key.values(), results)}
        rows = {key: job.row for key, job in by_key.items() if key not in unclosed}
        saved = self._save(
            rows, lambda row: self._settle_row(by_key[row.key], results.get(row.key, NO_RESULTS), row, newest[row.key])
        )
        return saved.decisions, {key for key in by_key if key in unclosed or key in saved.unsaved}

    def _settle_row(self, job: Job, results: JobResults, row: Row, message: Delivery) -> Settlement[Row] | None:
        """Settle a row as it is now. Another worker may have saved it since its message was sent.

        That worker may have received the same message, and deleted it. If this worker then dies after the save, no
        message comes that would publish the row's end. So publish such an end before the save, and again after it.
        """
        settlement = settle_job(job, results, row, self._moment(message.receives))
        if settlement is not None and row.revision > message.revision and settlement.row.state is not row.state:
            self._publish(outcome_of(settlement.row))
        return settlement

    def _publish(self, outcomes: Iterable[OutcomeEvent]) -> None:
        """Publish outcomes, before the messages are deleted that would lead to the same outcomes again."""
        distinct = list(dict.fromkeys(outcomes))
        if distinct:
            self.outcomes.publish(distinct)

    def _close(self, jobs: Iterable[Job], results: Mapping[RowKey, JobResults]) -> frozenset[RowKey]:
        """Save the occurrences that sweeps have closed. Return the keys of those that could not be saved."""
        closed = (row for job in jobs for row in _closed_by(job, results))
        rows: dict[RowKey, Row] = {row.key: row for row in closed}
        return self._save(rows, self._settle_closed).unsaved if rows else frozenset()

    def _save(self, rows: Mapping[RowKey, Row], settle: Settle) -> Saved[RowKey, Row, Settlement[Row]]:
        return save_until_unchanged(self.ledger.load_many, self.ledger.save_many, self.new_token, rows, settle)

    def _settle_closed(self, row: Row) -> Settlement[Row] | None:
        return Settlement(close_occurrence(row, self._moment(1))) if isinstance(row, RealtimeEvent) else None

    def _wait_for_save(self, delivery: Delivery, looked_at: int) -> int | None:
        """Return the wait by the time before the rows were loaded: a row saved since then still needs its message."""
        return wait_for_save(delivery.sent_at, delivery.receives, looked_at, self.intake_window)

    def _moment(self, receives: int) -> SettleContext:
        return SettleContext(self.clock.now(), self.jitter(), self.policy, receives)


def _without(batch: AdmittedBatch, errors: Errors) -> AdmittedBatch:
    return batch._replace(jobs=[job for job in batch.jobs if job.row.key not in errors])


def _closed_by(job: Job, results: Mapping[RowKey, JobResults]) -> list[RealtimeEvent]:
    if not isinstance(job.plan, SweepPlan):
        return []
    return find_closed(job.plan, results.get(job.row.key, NO_RESULTS).cancels)


def _outcomes(deliveries: Iterable[Delivery], rows: Mapping[RowKey, Row], settled: Settled) -> Iterator[OutcomeEvent]:
    """Yield the outcomes of rows that changed their state now, and those that another worker may not have published.

    It may have died before. A row that was saved since its message was sent is such a case, since SQS may have
    delivered the message to two workers. And recovery publishes no outcome for a row that it ends itself.
    """
    for delivery in deliveries:
        before = rows[delivery.key]
        row = settled[delivery.key].row if delivery.key in settled else before
        may_be_unpublished = delivery.receives > 1 or before.revision > delivery.revision or before.reason == FORGOTTEN
        if row.state is not before.state or may_be_unpublished:
            yield from outcome_of(row)


def _is_early(delivery: Delivery, rows: Mapping[RowKey, Row]) -> bool:
    return delivery.key not in rows or rows[delivery.key].revision < delivery.revision
