"""Requeues rows whose time has come, and rows that were parked with their site.

Runs may overlap or stop halfway, and one run may find more than it can requeue. The next run finds what is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from trigger_provider.domain.delivery.resumption import is_due
from trigger_provider.domain.delivery.turns import take_turns
from trigger_provider.domain.durations import MINUTE
from trigger_provider.domain.ledger.rows import SHARDS, RowKey, Waiting
from trigger_provider.use_cases.concurrency import Tried, try_each
from trigger_provider.use_cases.recovery.requeue import Requeued

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from trigger_provider.use_cases.recovery.requeue import Requeue
    from trigger_provider.use_cases.recovery.resume_sites import ResumedSites, ResumeSites


class Recovered(NamedTuple):
    """The result of a run. `rows` is the number of requeued rows, including those released with their sites.

    `oldest` is the age, in milliseconds, of the oldest row that waited at the beginning of the run, or None if the run
    did not look. Parked rows don't count for it. `sites` is None if the run had no part in resuming sites. `errors`
    have ended parts of the run.
    """

    rows: int
    oldest: int | None
    sites: ResumedSites | None
    unavailable: frozenset[RowKey] = frozenset()
    errors: tuple[Exception, ...] = ()


@dataclass(frozen=True, slots=True)
class Recover:
    """The use case. A run looks at no more than `most_per_shard` rows in each part of the index.

    It begins nothing after `patience`. Rows whose time comes within `ahead`, that is before the next run, are requeued
    too, and SQS holds back their messages until then. Both are in milliseconds.
    """

    requeue: Requeue
    resume_sites: ResumeSites
    most_per_shard: int
    patience: int
    ahead: int

    def run(self, shards: Collection[int] = range(SHARDS), *, with_sites: bool = True) -> Recovered:
        """Resume sites, then requeue what is due; sites take turns. The age counts rows of these shards that wait.

        Other runs may process the other shards and the sites at the same time.
        """
        now = self.requeue.clock.now()
        taken = self.resume_sites.run(now + self.patience // (2 if shards else 1)) if with_sites else None
        waiting, errors = self._read(shards, now)
        due = take_turns(row for row in waiting if is_due(row, now, self.ahead))
        parts = [self.requeue.end_waits(due, now + self.patience), Requeued(errors=errors)]
        requeued = Requeued.total([*parts, taken.requeued] if taken else parts)
        oldest = now - min((row.accepted_at for row in waiting), default=now) if shards else None
        return Recovered(requeued.rows, oldest, taken, requeued.unavailable, requeued.errors)

    def _read(self, shards: Collection[int], now: int) -> Tried[Waiting]:
        """Read the shards, in another order each minute. No read begins after half of the time."""
        names = sorted(shards)
        first = now // MINUTE % max(1, len(names))

        def read(shard: int) -> Sequence[Waiting]:
            in_time = self.requeue.clock.now() < now + self.patience // 2
            return self.requeue.ledger.waiting(shard, self.most_per_shard) if in_time else ()

        tried = try_each(read, [*names[first:], *names[:first]], self.requeue.spread)
        return Tried([row for rows in tried.results for row in rows], tried.errors)
