"""What happens to a row whose message the delivery queue gave up: its worker died, or the ledger was unavailable."""

from __future__ import annotations

from typing import Final

from trigger_provider.domain.ledger.rows import ON_THE_WAY, Row, ScheduledEntity, State
from trigger_provider.domain.ledger.transitions import AnyRow, annotate, transition

LAST_RETRY: Final = "given up by the queue: tried once more"
WORKERS_DIED: Final = "workers died on it"

_TWO_SAVES: Final = 2
"""The save of the waiting row, then recovery's save. Recovery's message expects the second; all others are older."""


def handle_dead_letter(row: AnyRow, revision: int, now: int, retention: int) -> AnyRow | None:
    """Return the row with a last retry, which recovery starts; or as failed, if the last retry was given up too.

    SQS gives up a message after a number of receives. That number shows a row that kills its workers. But it also
    grows while the ledger is unavailable. If the row can be saved here, the ledger is back, and the last retry delivers
    a harmless row. A row that kills its worker changes nothing in the ledger before SQS gives up its next message too.

    `revision` is the one that the message expected. Return None, since nothing is to do, in three cases. The row had
    nothing left to do. Or the message is older than the newest change or the last retry, which have their own messages:
    a dead letter for an older revision must not fail the row. Or the row waits or is parked: recovery brings it back.
    """
    if row.accepted_revision > revision or not _is_left_alone(row):
        return None
    if _had_its_chance(row):
        return transition(row, State.FAILED, WORKERS_DIED, now, retention=retention)
    return annotate(
        row, LAST_RETRY, now, retention=retention, next_attempt_at=now, accepted_revision=row.revision + _TWO_SAVES
    )


def _is_left_alone(row: Row) -> bool:
    if row.state is State.FAILED or row.next_attempt_at is not None or row.parked_at is not None:
        return False
    has_open = isinstance(row, ScheduledEntity) and row.oldest_open_generation < row.generation
    return row.state in ON_THE_WAY or has_open


def _had_its_chance(row: Row) -> bool:
    """Return whether nothing has happened to the row since its last retry was noted."""
    return bool(row.timeline) and row.timeline[-1].reason == LAST_RETRY
