"""What becomes of a row whose message the delivery queue gave up: its worker died, or the ledger was away."""

from __future__ import annotations

from typing import Final

from trigger_provider.domain.ledger.rows import ON_THE_WAY, Row, ScheduledEntity, State
from trigger_provider.domain.ledger.transitions import AnyRow, annotate, transition

LAST_RETRY: Final = "given up by the queue: tried once more"
WORKERS_DIED: Final = "workers died on it"

_TWO_SAVES: Final = 2
"""That of the row as it waits, and that of recovery, whose message expects it: any other message is older."""


def handle_dead_letter(row: AnyRow, revision: int, now: int, retention: int) -> AnyRow | None:
    """Return the row as it waits for recovery, which tries it once more; given up again, as failed.

    Messages are given up by the number of their receives, which tells a row that kills its workers. But that number
    grows as well while the ledger is down. Once a row can be saved as waiting the ledger is back, so one that harms
    nobody is delivered now; one that kills leaves no trace before its next message is given up, too.

    `revision` is what the message expected. There is nothing to do if nothing of the row was left to do; if the message
    is older than a change, or than the row's last chance, which have messages of their own; or if the row waits, or is
    parked: then others bring it back.
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
    """Return whether nothing has come of the row since it was tried once more."""
    return bool(row.timeline) and row.timeline[-1].reason == LAST_RETRY
