"""What becomes of a row on whose message workers died."""

from __future__ import annotations

from typing import Final

from trigger_provider.decisions.moving import AnyRow, moved
from trigger_provider.events import ON_THE_WAY, EntityRow, Row, State

WORKERS_DIED: Final = "workers died on it"


def buried(row: AnyRow, revision: int, now: int, retention: int) -> AnyRow | None:
    """Give the row as failed, if something of it was left to do; `revision` is what its message expected.

    A change that came in after the message has a message of its own: then the row is not this one's to bury. Nor is
    one that is parked, which its site's waking brings back.
    """
    if row.accepted_revision > revision or not _is_unsettled(row):
        return None
    return moved(row, State.FAILED, WORKERS_DIED, now, retention=retention, again_at=None)


def _is_unsettled(row: Row) -> bool:
    if row.state is State.FAILED or row.parked_at is not None:
        return False
    has_open = isinstance(row, EntityRow) and row.open_from < row.generation
    return row.state in ON_THE_WAY or has_open
