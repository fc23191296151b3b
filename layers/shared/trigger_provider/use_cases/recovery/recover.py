"""Requeues rows whose time has come, and rows that were parked with their site.

Runs may overlap or stop halfway, and one run may find more than it can requeue. The next run finds what is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from trigger_provider.domain.delivery.resumption import end_wait_if_due
from trigger_provider.domain.ledger.rows import SHARDS

if TYPE_CHECKING:
    from collections.abc import Collection

    from trigger_provider.use_cases.recovery.requeue import Requeue
    from trigger_provider.use_cases.recovery.resume_sites import ResumedSites, ResumeSites

_WITH_SITES: Final = 0


class Recovered(NamedTuple):
    """The result of a run. `rows` is the number of requeued rows, including those released with their sites.

    `oldest` is the age, in milliseconds, of the oldest row that waited at the beginning of the run. Parked rows don't
    count for it. `sites` is None if the run had no part in resuming sites.
    """

    rows: int
    oldest: int
    sites: ResumedSites | None


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

    def run(self, shards: Collection[int] = range(SHARDS)) -> Recovered:
        """Requeue what is due. The age counts all rows of these shards that wait, even if they are not due yet.

        Other runs may process the other shards at the same time. The run with the first shard also resumes sites. Raise
        `QueueUnavailable` or `LedgerUnavailable`.
        """
        now = self.requeue.clock.now()
        end = now + self.patience
        ledger = self.requeue.ledger
        waiting = [entry for shard in shards for entry in ledger.waiting(shard, self.most_per_shard)]
        due = [entry for entry in waiting if entry.next_attempt_at <= now + self.ahead]
        due.sort(key=lambda item: item.next_attempt_at)
        rows = self.requeue.run(due, partial(end_wait_if_due, now=now, ahead=self.ahead), end)
        oldest = min((entry.accepted_at for entry in waiting), default=now)
        taken = self.resume_sites.run(end) if _WITH_SITES in shards else None
        return Recovered(rows + (taken.rows if taken else 0), now - oldest, taken)
