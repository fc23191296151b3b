"""What becomes of a row of a restored copy of the table, which is put back into the table that is used now.

The copy is older than the last changes. After it was made, Wix may have been given events that no row of the copy
knows. All of them have generations just above that of the copy's row. So a scheduled entity is put back some
generations ahead. Delivery then cancels all generations in between, twice, before it reports the newest.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Final

from trigger_provider.domain.delivery.policy import IDEMPOTENCY_KEY_TTL, MOST_CANCELS
from trigger_provider.domain.delivery.resumption import FORGOTTEN
from trigger_provider.domain.ledger.generations import before_birth, begin_generation
from trigger_provider.domain.ledger.rows import ENDS, RealtimeEvent, Row, ScheduledEntity, State, Tombstone
from trigger_provider.domain.ledger.tombstones import begin_sweep
from trigger_provider.domain.ledger.transitions import transition

RESTORED: Final = "restored from a copy"

MOST_LOST_CHANGES: Final = MOST_CANCELS - 1
"""How many changes of one entity may be lost after the copy was made. Delivery cancels so many in a single pass."""


class Restoration(StrEnum):
    """What to do with a row of the copy. `REBORN`: its entity has a new row, so older events of it may stay live."""

    RESTORE = "to restore"
    KEEP = "is there"
    REBORN = "has begun anew"
    TOO_OLD = "too old"


def decide_restoration(copy: Row, current: Row | None, now: int) -> Restoration:
    """Return what to do with a row of the copy. `current` is the row with its key in the table that is used now."""
    if current is not None:
        return Restoration.REBORN if _is_born_later(copy, current) else Restoration.KEEP
    return Restoration.TOO_OLD if copy.expires_at <= now else Restoration.RESTORE


def restore_row(copy: Row, now: int, retention: int) -> Row:
    """Return the row to insert, as if it was never saved. All times are in milliseconds.

    A tombstone is swept again: a backup is no snapshot, and may hold an older state of the occurrences than of their
    tombstone. A real-time event that has ended stays as it is. One that was on its way goes on, unless
    Wix may have forgotten its key: then it expires.
    """
    row = replace(copy, revision=0, accepted_revision=0, token="")
    match row:
        case ScheduledEntity():
            ahead = replace(row, generation=row.generation + MOST_LOST_CHANGES)
            return begin_generation(ahead, RESTORED, now, retention)
        case Tombstone():
            return begin_sweep(row, RESTORED, now, retention, swept_version=None)
        case RealtimeEvent(state=state) if state not in ENDS:
            return _continue(row, now, retention)
    return row


def _continue(row: Row, now: int, retention: int) -> Row:
    if row.accepted_at + IDEMPOTENCY_KEY_TTL <= now:
        return transition(row, State.EXPIRED, FORGOTTEN, now, retention=retention, next_attempt_at=None)
    return transition(row, State.PENDING, RESTORED, now, retention=retention, next_attempt_at=None)


def _is_born_later(copy: Row, current: Row) -> bool:
    """Return whether the present row of a scheduled entity knows nothing of the copy's generations."""
    if not isinstance(copy, ScheduledEntity) or not isinstance(current, ScheduledEntity):
        return type(copy) is not type(current)
    return before_birth(current) > copy.generation
