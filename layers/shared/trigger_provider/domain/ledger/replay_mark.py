"""The mark in the history of an occurrence that the operator has replayed: the replay's name and the new event id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from trigger_provider.domain.ledger.rows import RealtimeEvent, Transition

_PREFIX: Final = "replayed as "


def mark_of(event: str, name: str) -> str:
    """Return the reason that marks a row as replayed under `name` as `event`. `name` holds no space."""
    return f"{_PREFIX}{event} by {name}"


def find_mark(row: RealtimeEvent) -> Transition | None:
    """Return the mark of a row, or None if it was not replayed."""
    return next((line for line in row.timeline if line.reason.startswith(_PREFIX)), None)


def name_of_replay(row: RealtimeEvent) -> str | None:
    """Return the name under which a row was replayed, or None if it was not."""
    mark = find_mark(row)
    return None if mark is None else mark.reason.rpartition(" ")[2]
