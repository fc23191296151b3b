"""Delivers: looks at the rows that messages name, does with Wix what they ask for, and writes down the answers.

A message says only which row to look at, and which revision of it to expect; everything else follows from the
row. So duplicates, disorder and repeated runs are harmless.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from trigger_provider.domain.delivery.messages import NullOutcomes, OutcomeEvent
from trigger_provider.domain.delivery.outcomes import outcome_of
from trigger_provider.domain.delivery.planning import plan_occurrence, plan_scheduled, plan_sweep, wait_for_save
from trigger_provider.domain.delivery.resumption import FORGOTTEN
from trigger_provider.domain.delivery.retry import SettleContext, Settlement
from trigger_provider.domain.delivery.settlement import close_occurrence
from trigger_provider.domain.durations import SECOND
from trigger_provider.domain.ledger.ids import entity_of
from trigger_provider.domain.ledger.rows import RealtimeEvent, Row, RowKey, ScheduledEntity, Tombstone
from trigger_provider.domain.ledger.tombstones import tombstone_beside
from trigger_provider.use_cases.concurrency import MapConcurrently, map_concurrently
from trigger_provider.use_cases.delivery.dispatch import dispatch
from trigger_provider.use_cases.delivery.jobs import Job, RealtimeJob, ScheduledJob, SweepJob
from trigger_provider.use_cases.delivery.save import save_until_unchanged

if TYPE_CHECKING:
    from trigger_provider.domain.delivery.policy import DeliveryPolicy
    from trigger_provider.use_cases.delivery.admission import Admission
    from trigger_provider.use_cases.ports.clock import Clock
    from trigger_provider.use_cases.ports.ledger import Ledger
    from trigger_provider.use_cases.ports.messaging import Outcomes
    from trigger_provider.use_cases.ports.wix import AutomationsApi

Settled = Mapping[RowKey, Settlement[Row]]


class Delivery(NamedTuple):
    """A message as it was received; `sent_at` is when it was first sent, in milliseconds."""

    key: RowKey
    revision: int
    sent_at: int
    receives: int = 1


class Delivered(NamedTuple):
    """What became of a batch: for each message in how many milliseconds it must come back, if it must.

    `settled` are the rows that were saved or found as they should be, `jobs` what was done for them, and `early`
    are the places of the messages that came before their rows were saved.
    """

    give_back: tuple[int | None, ...]
    settled: tuple[Row, ...]
    jobs: tuple[Job, ...]
    early: frozenset[int] = frozenset()


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
        """Work through a batch, the message first that came first; no call to Wix can end after `deadline`."""
        keys = dict.fromkeys(delivery.key for delivery in deliveries)
        looked_at = self.clock.now()
        rows = self._load(keys)
        ready = dict.fromkeys(delivery.key for delivery in deliveries if not _is_early(delivery, rows))
        jobs = [job for key in ready if (job := self._plan(rows[key], rows)) is not None]
        self._ask_wix(jobs, deadline)
        newest = {delivery.key: delivery for delivery in sorted(deliveries, key=lambda delivery: delivery.revision)}
        self._publish(end for job in jobs for end in job.proven_ends())
        settled, unsaved = self._settle({job.row.key: job for job in jobs}, newest)
        self._publish(_ends(deliveries, rows, settled))
        waits = {key: settlement.give_back for key, settlement in settled.items()} | dict.fromkeys(unsaved, SECOND)
        early = frozenset(at for at, delivery in enumerate(deliveries) if _is_early(delivery, rows))
        give_back = (
            self._wait_for_save(delivery, looked_at) if at in early else waits.get(delivery.key)
            for at, delivery in enumerate(deliveries)
        )
        return Delivered(tuple(give_back), tuple(settlement.row for settlement in settled.values()), tuple(jobs), early)

    def _ask_wix(self, jobs: Sequence[Job], deadline: int) -> None:
        """Call Wix for the jobs that their sites admit. Each job gets its results, from Wix or from its site."""
        entry = self.admission.admit(jobs)
        dispatch(self.automations, self.app_id, entry.jobs, deadline, self.spread)
        self.admission.record_results(entry)

    def _load(self, keys: Iterable[RowKey]) -> Mapping[RowKey, Row]:
        """Load rows, and after them the entity rows of occurrences: one batch of reads is no snapshot.

        In this order, since a cancel whose sweep has missed an occurrence was saved before the occurrence was.
        """
        rows = self.ledger.load_many(keys)
        beside = {entity for key in rows if (entity := entity_of(key)) is not None}
        return {**rows, **self.ledger.load_many(beside)} if beside else rows

    def _plan(self, row: Row, rows: Mapping[RowKey, Row]) -> Job | None:
        now, settle_delay = self.clock.now(), self.policy.settle_delay
        if isinstance(row, RealtimeEvent):
            plan = plan_occurrence(row, tombstone_beside(row.key, rows), now)
            return None if plan is None else RealtimeJob(row, plan)
        if isinstance(row, Tombstone):
            sweep = plan_sweep(row, self.ledger.occurrences(row.key), now, settle_delay)
            return None if sweep is None else SweepJob(row, sweep)
        if not isinstance(row, ScheduledEntity):
            return None
        scheduled = plan_scheduled(row, now, settle_delay)
        return None if scheduled is None else ScheduledJob(row, scheduled)

    def _settle(self, jobs: Mapping[RowKey, Job], newest: Mapping[RowKey, Delivery]) -> tuple[Settled, set[RowKey]]:
        """Settle all; what a sweep has closed is saved first, since its own row says that all is closed."""
        unclosed = {entity_of(key) for key in self._close(jobs.values())}
        rows = {key: job.row for key, job in jobs.items() if key not in unclosed}
        saved = save_until_unchanged(
            self.ledger,
            self.new_token(),
            rows,
            lambda row: self._settle_row(jobs[row.key], row, newest[row.key]),
        )
        return saved.settled, {key for key in jobs if key in unclosed or key in saved.unsaved}

    def _settle_row(self, job: Job, row: Row, message: Delivery) -> Settlement[Row] | None:
        """Settle a row as it is now, which others may have saved since its message was sent.

        That worker may have had the same message, and be done with it. Then no message would come for the row's end,
        should this worker die before it does. So such an end is published before it is saved, and then once more.
        """
        settlement = job.settled(row, self._moment(message.receives))
        if settlement is not None and row.revision > message.revision and settlement.row.state is not row.state:
            self._publish(outcome_of(settlement.row))
        return settlement

    def _publish(self, ends: Iterable[OutcomeEvent]) -> None:
        """Publish ends, each before the message is done that would bring it about again."""
        announcements = list(dict.fromkeys(ends))
        if announcements:
            self.outcomes.publish(announcements)

    def _close(self, jobs: Iterable[Job]) -> frozenset[RowKey]:
        """Save what sweeps have closed; give the keys of what could not be saved."""
        sweeps = (job for job in jobs if isinstance(job, SweepJob))
        rows: dict[RowKey, Row] = {row.key: row for sweep in sweeps for row in sweep.closed()}
        return save_until_unchanged(self.ledger, self.new_token(), rows, self._settle_closed).unsaved

    def _settle_closed(self, row: Row) -> Settlement[Row] | None:
        return Settlement(close_occurrence(row, self._moment(1))) if isinstance(row, RealtimeEvent) else None

    def _wait_for_save(self, delivery: Delivery, looked_at: int) -> int | None:
        """Judge by the time before the rows were loaded: a save since then must still find its message."""
        return wait_for_save(delivery.sent_at, delivery.receives, looked_at, self.intake_window)

    def _moment(self, receives: int) -> SettleContext:
        return SettleContext(self.clock.now(), self.jitter(), self.policy, receives)


def _ends(deliveries: Iterable[Delivery], rows: Mapping[RowKey, Row], settled: Settled) -> Iterator[OutcomeEvent]:
    """Return the ends that rows have come to now, and those that a worker may have died before publishing.

    A row that was saved since its message was sent is one of these, too: SQS may have given the message to two. And one
    that recovery has brought to its end was not published.
    """
    for delivery in deliveries:
        if _is_early(delivery, rows):
            continue
        before = rows[delivery.key]
        row = settled[delivery.key].row if delivery.key in settled else before
        may_be_untold = delivery.receives > 1 or before.revision > delivery.revision or before.reason == FORGOTTEN
        if row.state is not before.state or may_be_untold:
            yield from outcome_of(row)


def _is_early(delivery: Delivery, rows: Mapping[RowKey, Row]) -> bool:
    return delivery.key not in rows or rows[delivery.key].revision < delivery.revision
