"""Invocations of recovery by its schedules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from trigger_provider.domain.ledger.rows import SHARDS
from trigger_provider.entrypoints.isolation import record_error, sanitise
from trigger_provider.errors import TriggerProviderError
from trigger_provider.observability.recording import record_recovered, record_walked
from trigger_provider.use_cases.recovery.walk import Walked

if TYPE_CHECKING:
    from collections.abc import Collection

    from trigger_provider.use_cases.recovery.recover import Recover
    from trigger_provider.use_cases.recovery.walk import Walk


class RecoveryTask(NamedTuple):
    """What an invocation does: which shards of the index it reads, whether it resumes sites, and whether it walks."""

    shards: Collection[int]
    with_sites: bool
    with_walk: bool


@dataclass(frozen=True, slots=True)
class RecoveryHandler:
    """Requeues rows that are due, once for each invocation. `patience` is how long a walk may take, in milliseconds."""

    recover: Recover
    walk: Walk
    patience: int

    def handle(self, event: object) -> dict[str, int]:
        """Do what the event asks for, and return how many rows were requeued.

        Raise the first error that ended a part of the run, once all other parts are done.
        """
        task = task_of(event)
        recovered = self.recover.run(task.shards, with_sites=task.with_sites)
        record_recovered(recovered)
        walked = self._walk() if task.with_walk else Walked()
        errors = (*recovered.errors, *walked.requeued.errors)
        for error in errors:
            if not isinstance(error, TriggerProviderError):
                record_error(error, "")
        if errors:
            raise sanitise(errors[0])
        return {"due": recovered.rows + walked.requeued.rows}

    def _walk(self) -> Walked:
        walked = self.walk.run(self.recover.requeue.clock.now() + self.patience)
        record_walked(walked)
        return walked


def task_of(event: object) -> RecoveryTask:
    """Return what an event asks for: `{"shards": [0, 1]}`, `{"sites": true}`, `{"walk": true}`.

    An event that names nothing asks for everything.
    """
    match event:
        case {"shards": [*shards]} if all(isinstance(shard, int) and 0 <= shard < SHARDS for shard in shards):
            return RecoveryTask(frozenset(shards), with_sites=False, with_walk=False)
        case {"sites": True}:
            return RecoveryTask((), with_sites=True, with_walk=False)
        case {"walk": True}:
            return RecoveryTask((), with_sites=False, with_walk=True)
    return RecoveryTask(range(SHARDS), with_sites=True, with_walk=True)
