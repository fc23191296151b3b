"""Invocations of recovery by its schedule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trigger_provider.domain.ledger.rows import SHARDS
from trigger_provider.observability.recording import record_recovered

if TYPE_CHECKING:
    from collections.abc import Collection

    from trigger_provider.use_cases.recovery.recover import Recover


@dataclass(frozen=True, slots=True)
class RecoveryHandler:
    """Requeues rows that are due, once for each invocation."""

    recover: Recover

    def handle(self, event: object) -> dict[str, int]:
        """Run recovery for the shards that the event names. Return how many rows were requeued."""
        recovered = self.recover.run(shards_of(event))
        record_recovered(recovered)
        return {"due": recovered.rows}


def shards_of(event: object) -> Collection[int]:
    """Return the shards of the index that an event names, `{"shards": [0, 1]}`, or all shards if it names none."""
    match event:
        case {"shards": [*shards]} if all(isinstance(shard, int) and 0 <= shard < SHARDS for shard in shards):
            return frozenset(shards)
    return range(SHARDS)
