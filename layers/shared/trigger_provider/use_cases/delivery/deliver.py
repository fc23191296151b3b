"""Delivers: loads the rows that messages name, calls Wix as they require, and saves what the results mean.

A message says only which row to load, and which revision of it to expect. Everything else follows from the row. So
duplicate messages, messages out of order and repeated runs do no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from trigger_provider.domain.delivery.jobs import (
    NO_RESULTS,
    Job,
    find_ended_occurrences,
    plan_job,
    proven_outcomes,
    settle_job,
)
from trigger_provider.domain.delivery.messages import NullOutcomes, OutcomeEvent
from trigger_provider.domain.delivery.outcomes import outcome_of
from trigger_provider.domain.delivery.planning import wait_for_save
from trigger_provider.domain.delivery.results import JobResults
from trigger_provider.domain.delivery.resumption import FORGOTTEN
from trigger_provider.domain.delivery.retry import SettleContext, Settlement
from trigger_provider.domain.delivery.sweeps import end_occurrence, is_to_go_on
from trigger_provider.domain.durations import SECOND
from trigger_provider.domain.ledger.ids import entity_of
from trigger_provider.domain.ledger.rows import NO_OCCURRENCES, RealtimeEvent, Row, RowKey, Tombstone
from trigger_provider.errors import RowsUnavailable, TriggerProviderError
from trigger_provider.use_cases.concurrency import MapConcurrently, map_concurrently
from trigger_provider.use_cases.delivery.dispatch import dispatch
from trigger_provider.use_cases.loading import load_available
from trigger_provider.use_cases.saving import Saved, save_until_unchanged

if TYPE_CHECKING:
    from trigger_provider.domain.delivery.policy import DeliveryPolicy
    from trigger_provider.domain.delivery.results import ItemResult
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


class _Round(NamedTuple):
    """The jobs of one round, what came of them, the rows as they are stored now, the keys not saved, and the errors."""

    jobs: Sequence[Job]
    results: Mapping[RowKey, JobResults]
    settled: Settled
    saved: Mapping[RowKey, Row]
    unsaved: set[RowKey]
    errors: Mapping[RowKey, Exception] = MappingProxyType({})


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
        pages = [self._round([key for key in named if key not in errors], rows, deliveries, deadline)]
        while sweeps := self._sweeps_to_go_on(pages[-1], looked_at, deadline):
            pages.append(self._round(list(sweeps), sweeps, deliveries, deadline))
        done = _unite(pages)
        errors |= done.errors
        ready = [delivery for at, delivery in enumerate(deliveries) if at not in early and delivery.key not in errors]
        self._publish(_outcomes(ready, rows, done.settled))
        waits = {key: settlement.give_back for key, settlement in done.settled.items()}
        waits |= dict.fromkeys(done.unsaved, SECOND)
        give_back = tuple(
            self._wait_for_save(delivery, looked_at) if at in early else waits.get(delivery.key)
            for at, delivery in enumerate(deliveries)
        )
        return Delivered(
            give_back, tuple(settlement.row for settlement in done.settled.values()), tuple(done.jobs), done.results,
            early, {at: errors[delivery.key] for at, delivery in enumerate(deliveries) if delivery.key in errors},
        )  # fmt: skip

    def _round(
        self, keys: Sequence[RowKey], rows: Mapping[RowKey, Row], messages: Sequence[Delivery], deadline: int
    ) -> _Round:
        """Plan, admit, call, record and settle once."""
        planned, unplanned = self._plan(keys, rows)
        batch = self.admission.admit(planned)
        answered, unanswered = dispatch(self.automations, self.app_id, batch.jobs, deadline, self.spread)
        errors = {**unplanned, **unanswered}
        jobs = [job for job in planned if job.row.key not in errors]
        results = {**batch.refused, **self.admission.record_results(_without(batch, errors), answered)}
        moment = self._moment(1)
        self._publish(
            outcome for job in jobs for outcome in proven_outcomes(job, results.get(job.row.key, NO_RESULTS), moment)
        )
        return self._settle(jobs, results, messages)._replace(errors=errors)

    def _sweeps_to_go_on(self, last: _Round, began_at: int, deadline: int) -> Mapping[RowKey, Row]:
        """Return the tombstones whose sweeps have more pages, as long as half of the time is left.

        Recovery goes on with the others: their rows are due at once.
        """
        now = self.clock.now()
        if now - began_at >= deadline - now:
            return {}
        return {key: row for key, row in last.saved.items() if isinstance(row, Tombstone) and is_to_go_on(row, now)}

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
        page = NO_OCCURRENCES
        if isinstance(row, Tombstone):
            page = self.ledger.occurrence_page(row.key, row.sweep_position, self.policy.sweep_page)
        return plan_job(row, rows, page, self.clock.now(), self.policy.settle_delay)

    def _settle(
        self, jobs: Iterable[Job], results: Mapping[RowKey, JobResults], messages: Iterable[Delivery]
    ) -> _Round:
        """Settle all jobs. Save first what sweeps have ended, since a tombstone's row then says that all is closed.

        If several messages name one row, the one that expects the newest revision counts.
        """
        by_key = {job.row.key: job for job in jobs}
        newest = {message.key: message for message in sorted(messages, key=lambda message: message.revision)}
        unended = {entity_of(key) for key in self._end(by_key.values(), results)}
        rows = {key: job.row for key, job in by_key.items() if key not in unended}
        saved = self._save(
            rows, lambda row: self._settle_row(by_key[row.key], results.get(row.key, NO_RESULTS), row, newest[row.key])
        )
        unsaved = {key for key in by_key if key in unended or key in saved.unsaved}
        return _Round(list(by_key.values()), results, saved.decisions, saved.rows, unsaved)

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

    def _end(self, jobs: Iterable[Job], results: Mapping[RowKey, JobResults]) -> frozenset[RowKey]:
        """Save the occurrences that sweeps have ended. Return the keys of those that could not be saved."""
        ended = {
            each.row.key: each
            for job in jobs
            if isinstance(job.row, Tombstone)
            for each in find_ended_occurrences(job, results.get(job.row.key, NO_RESULTS), self.policy)
        }
        rows: dict[RowKey, Row] = {key: each.row for key, each in ended.items()}
        return (
            self._save(rows, lambda row: self._settle_ended(row, ended[row.key].result)).unsaved
            if rows
            else frozenset()
        )

    def _save(self, rows: Mapping[RowKey, Row], settle: Settle) -> Saved[RowKey, Row, Settlement[Row]]:
        return save_until_unchanged(self.ledger.load_many, self.ledger.save_many, self.new_token, rows, settle)

    def _settle_ended(self, row: Row, result: ItemResult) -> Settlement[Row] | None:
        return Settlement(end_occurrence(row, result, self._moment(1))) if isinstance(row, RealtimeEvent) else None

    def _wait_for_save(self, delivery: Delivery, looked_at: int) -> int | None:
        """Return the wait by the time before the rows were loaded: a row saved since then still needs its message."""
        return wait_for_save(delivery.sent_at, delivery.receives, looked_at, self.intake_window)

    def _moment(self, receives: int) -> SettleContext:
        return SettleContext(self.clock.now(), self.jitter(), self.policy, receives)


def _without(batch: AdmittedBatch, errors: Errors) -> AdmittedBatch:
    return batch._replace(jobs=[job for job in batch.jobs if job.row.key not in errors])


def _unite(rounds: Sequence[_Round]) -> _Round:
    """Return all rounds as one: every sweep with the results of all its pages, and as the last of them left it."""
    first, *others = rounds
    results, settled, unsaved, errors = dict(first.results), dict(first.settled), set(first.unsaved), {**first.errors}
    for each in others:
        for key, page in each.results.items():
            results[key] = JobResults((*results.get(key, NO_RESULTS).cancels, *page.cancels))
        settled |= each.settled
        unsaved |= each.unsaved
        errors |= each.errors
    return first._replace(results=results, settled=settled, unsaved=unsaved, errors=errors)


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
