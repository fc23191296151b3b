"""What a cancel under a real-time trigger stops: each occurrence of its entity up to the version of the cancel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trigger_provider.domain.ledger.ids import entity_of
from trigger_provider.domain.ledger.rows import CALLED_OFF, RealtimeEvent, Row, RowKey, State, Tombstone
from trigger_provider.domain.ledger.transitions import transition

if TYPE_CHECKING:
    from collections.abc import Mapping


def begin_sweep(
    row: Tombstone,
    reason: str,
    now: int,
    retention: int,
    **changes: Any,  # noqa: ANN401 - the fields of the row
) -> Tombstone:
    """Return the tombstone with its cancel pending delivery. `changes` are further fields of the row."""
    fresh: dict[str, Any] = {"accepted_at": now, "attempts": 0, "next_attempt_at": None, "second_cancel_at": None}
    fresh |= {"sweep_position": "", "first_open_position": None}
    return transition(row, State.PENDING, reason, now, retention=retention, **{**fresh, **changes})


def tombstone_beside(key: RowKey, rows: Mapping[RowKey, Row]) -> Tombstone | None:
    """Return the tombstone of an occurrence's entity, or None if `rows` holds none."""
    entity = entity_of(key)
    beside = None if entity is None else rows.get(entity)
    return beside if isinstance(beside, Tombstone) else None


def covers(tombstone: Tombstone | None, version: int | None) -> bool:
    """Return whether a cancel stops an occurrence of this version. At equal versions the cancel wins.

    A cancel never stops an occurrence without a version.
    """
    return tombstone is not None and version is not None and version <= tombstone.version


def is_called_off(row: RealtimeEvent, tombstone: Tombstone | None) -> bool:
    """Return whether an occurrence is not wanted at Wix any more, even if no sweep has closed it yet."""
    return row.closed or row.state in CALLED_OFF or covers(tombstone, row.version)
