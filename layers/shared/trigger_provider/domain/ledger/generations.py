"""Generations: how one begins, which one an event id names, and how it stands."""

from __future__ import annotations

from typing import Any, Final

from trigger_provider.domain.ledger.ids import event_id, generation_id
from trigger_provider.domain.ledger.rows import Intent, Row, ScheduledEntity, State, Tombstone
from trigger_provider.domain.ledger.transitions import transition

_HEXADECIMAL: Final = 16


def begin_generation(
    row: ScheduledEntity,
    reason: str,
    now: int,
    retention: int,
    **changes: Any,  # noqa: ANN401 - the fields of the row
) -> ScheduledEntity:
    """Return the row with its next generation, pending delivery.

    The attempts, waits, second cancel and activation ids of older generations are dropped. `oldest_open_generation`
    stays: it says which generations may still be open at Wix. `changes` are further fields of the row.
    """
    fresh: dict[str, Any] = {
        "generation": row.generation + 1,
        "accepted_at": now,
        "attempts": 0,
        "next_attempt_at": None,
    }
    fresh |= {"second_cancel_at": None, "activation_ids": ()}
    return transition(row, State.PENDING, reason, now, retention=retention, **{**fresh, **changes})


def partition_of(event: str) -> str:
    """Return the partition that an event id leads to: the id without its last part."""
    return event.rpartition("-")[0]


def generation_named(row: Row, event: str) -> int | None:
    """Return the generation that an event id, a GUID, names: 0 if the row has none, None if the id isn't the row's."""
    if not isinstance(row, ScheduledEntity):
        return 0 if event_id(row) == event else None
    generation = int(event.rpartition("-")[2], _HEXADECIMAL)
    is_its = generation_id(row.key, generation) == event and 1 <= generation <= row.generation
    return generation if is_its else None


def standing(row: Row, generation: int) -> str:
    """Return for a person, in a few words, how a generation stands, or what the row stands for."""
    if isinstance(row, Tombstone):
        return "a cancel of real-time events"
    if not isinstance(row, ScheduledEntity):
        return "a real-time event"
    which = f"generation {generation} of {row.generation}"
    if generation == row.generation:
        return f"{which}: a cancel, which Wix never sees" if row.intent is Intent.CANCEL else f"{which}: the newest"
    if generation < row.oldest_open_generation:
        return f"{which}: superseded, and closed at Wix"
    return f"{which}: superseded, and perhaps live at Wix until its cancel is conclusive"
