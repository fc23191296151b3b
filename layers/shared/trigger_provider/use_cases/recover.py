"""Puts back on the delivery queue what has waited long enough.

As in `accept`, the message goes first and the save follows: a row leaves the index only when a message looks
after it. So runs may overlap, stop halfway, and find more than one of them can take.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from trigger_provider.decisions.waking import woken
from trigger_provider.events import Row
from trigger_provider.ports import SHARDS, Clock, Ledger, Message, Outbox, Waiting


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a run has done: rows put back, and the age in milliseconds of the oldest that still waits or did."""

    rows: int
    oldest: int


@dataclass(frozen=True, slots=True)
class Recover:
    """The use case. A run looks at no more than `most_per_shard` rows in each part of the index."""

    ledger: Ledger
    outbox: Outbox
    clock: Clock
    new_token: Callable[[], str]
    most_per_shard: int

    def __call__(self) -> Recovered:
        """Put back what is due; what nobody has settled counts for the age, be it due or waiting on purpose."""
        now = self.clock.now()
        waiting = [one for shard in range(SHARDS) for one in self.ledger.waiting(shard, self.most_per_shard)]
        rows = self._woken([one for one in waiting if one.again_at <= now], now)
        if rows:
            self.outbox.send([Message(row.key, row.revision, row.site) for row in rows])
            self.ledger.save_many(rows)
        oldest = min((one.accepted_at for one in waiting), default=now)
        return Recovered(len(rows), now - oldest)

    def _woken(self, due: Sequence[Waiting], now: int) -> list[Row]:
        stored = self.ledger.load_many([one.key for one in due]) if due else {}
        rows = (row for one in stored.values() if (row := woken(one, now)) is not None)
        token = self.new_token()
        return [replace(row, revision=row.revision + 1, token=token) for row in rows]
