"""Puts back on the delivery queue what has waited long enough."""

from __future__ import annotations

from dataclasses import dataclass

from trigger_provider.ports import SHARDS, Clock, Ledger, Message, Outbox


@dataclass(frozen=True, slots=True)
class Recover:
    """The use case. Rows stay in the index until delivery settles them, so a lost run costs a minute."""

    ledger: Ledger
    outbox: Outbox
    clock: Clock
    most_per_shard: int

    def __call__(self) -> int:
        """Enqueue what is due, a bounded number from each shard of the index; give how many rows that was."""
        now = self.clock.now()
        found = [due for shard in range(SHARDS) for due in self.ledger.due(shard, now, self.most_per_shard)]
        if found:
            self.outbox.send([Message(due.key, due.revision, due.site) for due in found])
        return len(found)
