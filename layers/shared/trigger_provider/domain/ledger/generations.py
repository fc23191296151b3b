"""Generations: how one begins, which one an event id names, and how it stands.

A row's first generation is born from the clock: the second of its acceptance in the upper 32 bits, and 1 in the lower
16. Each change then adds 1. So a row that is made anew, after an erasure or in a new table, never repeats an event id
or an idempotency key of the row before it, as long as that had fewer changes than 65,536 for each second of its life.
"""

from __future__ import annotations

from typing import Any, Final

from trigger_provider.domain.durations import MINUTE, SECOND
from trigger_provider.domain.ledger.ids import event_id, generation_id
from trigger_provider.domain.ledger.rows import Intent, Row, ScheduledEntity, State, Tombstone
from trigger_provider.domain.ledger.transitions import transition

LAST_GENERATION: Final = 0xFFFF_FFFF_FFFF
"""The last that an event id has room for: 48 bits. First generations reach it in the year 2106."""

_HEXADECIMAL: Final = 16
_BITS_OF_CHANGES: Final = 16
_FIRST: Final = 1


def first_generation(now: int) -> int:
    """Return the first generation of a row that is made at `now`, in milliseconds since the epoch."""
    return (now // SECOND << _BITS_OF_CHANGES) + _FIRST


def change_count(generation: int) -> int:
    """Return which change of its row a generation is, for a person: 1 for the first."""
    return generation & ((1 << _BITS_OF_CHANGES) - 1)


def before_birth(row: ScheduledEntity) -> int:
    """Return the number just below the row's first generation. Earlier rows of the entity had no higher generation."""
    return row.generation - change_count(row.generation)


def begin_generation(
    row: ScheduledEntity,
    reason: str,
    now: int,
    retention: int,
    **changes: Any,  # noqa: ANN401 - the fields of the row
) -> ScheduledEntity:
    """Return the row with its next generation, pending delivery; with its first, if it has none yet.

    The attempts, waits, second cancel and activation ids of older generations are dropped. `oldest_open_generation`
    stays: it says which generations may still be open at Wix. `changes` are further fields of the row.
    """
    generation = row.generation + 1 if row.generation else first_generation(now)
    fresh: dict[str, Any] = {
        "generation": generation,
        "oldest_open_generation": row.oldest_open_generation or generation,
        "acked_before": row.acked_generation,
        "accepted_at": now,
        "attempts": 0,
        "next_attempt_at": None,
    }
    fresh |= {"second_cancel_at": None, "activation_ids": ()}
    return transition(row, State.PENDING, reason, now, retention=retention, **{**fresh, **changes})


def may_be_gone(row: ScheduledEntity, removed_at: int | None) -> bool:
    """Return whether Wix may have dropped a reported event, since its site removed the app after its generation began.

    `removed_at` is when the site last removed the app, in milliseconds, or None. Wix does not document whether it drops
    events then. An acknowledgement after the removal proves nothing: an earlier report, whose answer was lost, may have
    taken effect before it. Wix then ignores the report after the install, because it knows the idempotency key.
    """
    is_reported = row.state is State.REPORTED and row.intent is Intent.REPORT
    return is_reported and was_begun_before(row, removed_at)


def was_begun_before(row: ScheduledEntity, removed_at: int | None) -> bool:
    """Return whether a generation began before its site last removed the app, as far as two clocks can tell.

    Wix's time is in whole seconds, and its clock is not ours: hence the minute.
    """
    return removed_at is not None and row.accepted_at <= removed_at + MINUTE


def is_too_young_to_delete(row: Row, now: int) -> bool:
    """Return whether a row made anew at `now`, in milliseconds, could repeat the generations of this one.

    Clocks of functions may differ, by less than a minute.
    """
    return isinstance(row, ScheduledEntity) and row.generation >= first_generation(now - MINUTE)


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
    if _is_of_another_life(row, generation):
        return "a generation of an earlier row of this entity, which the ledger has forgotten"
    which = f"generation {change_count(generation)} of {change_count(row.generation)}"
    if generation == row.generation:
        return f"{which}: a cancel, which Wix never sees" if row.intent is Intent.CANCEL else f"{which}: the newest"
    if generation < row.oldest_open_generation:
        return f"{which}: superseded, and closed at Wix"
    return f"{which}: superseded, and perhaps live at Wix until its cancel is conclusive"


def _is_of_another_life(row: ScheduledEntity, generation: int) -> bool:
    return generation < min(before_birth(row), row.oldest_open_generation)
