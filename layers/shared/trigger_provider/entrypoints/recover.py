"""Invocations of recovery by its schedules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from trigger_provider.domain.ledger.rows import SHARDS
from trigger_provider.entrypoints.isolation import record_error, sanitise
from trigger_provider.errors import TriggerProviderError
from trigger_provider.observability.recording import record_recovered

if TYPE_CHECKING:
    from collections.abc import Collection

    from trigger_provider.use_cases.recovery.recover import Recover


class RecoveryTask(NamedTuple):
    """What an invocation does: the shards of the index that it reads, and whether it resumes sites."""

    shards: Collection[int]
    with_sites: bool


@dataclass(frozen=True, slots=True)
class RecoveryHandler:
    """Requeues rows that are due, once for each invocation."""

    recover: Recover

    def handle(self, event: object) -> dict[str, int]:
        """Do what the event asks for, and return how many rows were requeued.

        Raise the first error that ended a part of the run, once all other parts are done.
        """
        task = task_of(event)
        recovered = self.recover.run(task.shards, with_sites=task.with_sites)
        record_recovered(recovered)
        for error in recovered.errors:
            if not isinstance(error, TriggerProviderError):
                record_error(error, "")
        if recovered.errors:
            raise sanitise(recovered.errors[0])
        return {"due": recovered.rows}


def task_of(event: object) -> RecoveryTask:
    """Return what an event asks for: `{"shards": [0, 1]}`, `{"sites": true}`, or everything if it names nothing."""
    match event:
        case {"shards": [*shards]} if all(isinstance(shard, int) and 0 <= shard < SHARDS for shard in shards):
            return RecoveryTask(frozenset(shards), with_sites=False)
        case {"sites": True}:
            return RecoveryTask((), with_sites=True)
    return RecoveryTask(range(SHARDS), with_sites=True)
