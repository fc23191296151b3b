"""What a replay by the operator does to a row: from the row and the time follows a proposal, or the row to save.

Wix would ignore a report under an old idempotency key. So each replay gets a new key. An entity of a scheduled trigger
begins a new generation, and an occurrence is accepted again under an id that is derived from its own. Nothing is
reported twice by that. A generation is cancelled before the next is reported. An occurrence is *marked* with the name
of its replay before the derived one is accepted. So a second replay, after a crash or under another name, derives the
same id.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from trigger_provider.domain.delivery.policy import IDEMPOTENCY_KEY_TTL
from trigger_provider.domain.intake.commands import OccurrenceReport
from trigger_provider.domain.ledger.generations import LAST_GENERATION, begin_generation
from trigger_provider.domain.ledger.ids import event_id, occurrence_id, occurrence_key
from trigger_provider.domain.ledger.replay_mark import find_mark, mark_of
from trigger_provider.domain.ledger.rows import (
    ON_THE_WAY,
    EventRow,
    Intent,
    RealtimeEvent,
    Row,
    ScheduledEntity,
    State,
    Tombstone,
)
from trigger_provider.domain.ledger.tombstones import begin_sweep, is_called_off
from trigger_provider.domain.ledger.transitions import transition

REPLAYED: Final = "replayed by a person"

_NEVER_ANSWERED: Final = frozenset({State.FAILED, State.EXPIRED})


class Way(StrEnum):
    """How a row is replayed."""

    GENERATION = "new generation"
    OCCURRENCE = "new occurrence"
    SWEEP = "swept again"
    LOOK = "looked at again"
    NONE = "left out"


class Proposal(NamedTuple):
    """How a row would be replayed, and what the operator should know before that."""

    way: Way
    note: str = ""


def propose(row: Row, tombstone: Tombstone | None, successor: RealtimeEvent | None, now: int) -> Proposal:
    """Return the proposal for a row.

    `tombstone` is the one of an occurrence's entity. `successor` is the occurrence that its mark derives. Each is None
    if it does not exist.
    """
    if isinstance(row, RealtimeEvent):
        return _propose_occurrence(row, tombstone, successor, now)
    if isinstance(row, Tombstone):
        return _propose_sweep(row)
    return _propose_generation(row, now) if isinstance(row, ScheduledEntity) else Proposal(Way.NONE, "it is no event")


def next_generation(row: ScheduledEntity, now: int, retention: int) -> ScheduledEntity:
    """Return the row of a scheduled trigger's entity with its next generation, and with the same intent and payload.

    As after an accepted change, older generations count as live until delivery cancels them again.
    """
    return begin_generation(row, REPLAYED, now, retention)


def sweep_again(row: Tombstone, now: int, retention: int) -> Tombstone:
    """Return the tombstone as it was when its cancel was accepted.

    It is safe to reset `swept_version`, since this field only narrows a sweep. The sweep still passes over occurrences
    that are `closed`. It cancels all others in a first and a second pass. At worst, Wix does not know such an event.

    A late worker may settle its older sweep over this one. Then the row says what it said before, which is true, and
    the replay had no effect.
    """
    return begin_sweep(row, REPLAYED, now, retention, swept_version=None)


def mark(row: RealtimeEvent, app_id: str, name: str, now: int, retention: int) -> RealtimeEvent:
    """Return the occurrence with its replay noted in its history. Its state stays."""
    event = occurrence_id(derive_request(row, app_id, name).key)
    return transition(row, row.state, mark_of(event, name), now, retention=retention)


def derive_request(row: RealtimeEvent, app_id: str, name: str) -> OccurrenceReport:
    """Return the request that reports an occurrence again: the same except for its id."""
    occurrence = f"{row.occurrence}~{name}"
    return OccurrenceReport(
        key=occurrence_key(app_id, row.site, row.trigger, row.entity, occurrence), site=row.site,
        trigger=row.trigger, occurrence=occurrence, payload=row.payload or "{}", entity=row.entity,
        version=row.version,
    )  # fmt: skip


def has_moved_on(row: Row | None, seen: Row) -> bool:
    """Return whether a row is gone, or has another state, version, payload or generation than the operator saw."""
    return row is None or _standing(row) != _standing(seen)


def _standing(row: Row) -> tuple[object, ...]:
    payload = row.payload if isinstance(row, EventRow) else None
    return row.state, row.version, payload, row.generation if isinstance(row, ScheduledEntity) else None


def _propose_generation(row: ScheduledEntity, now: int) -> Proposal:
    if row.generation >= LAST_GENERATION:
        return Proposal(Way.NONE, "no generation of this entity is left")
    if row.intent is Intent.CANCEL:
        if row.state is State.CANCELLED:
            return Proposal(Way.NONE, "nothing of it is open at Wix")
        return Proposal(Way.GENERATION, "it is cancelled again")
    if row.due_at is not None and row.due_at <= now:
        return Proposal(Way.GENERATION, "its date has passed: it will end expired")
    live = row.state in ON_THE_WAY or row.acked_generation == row.generation
    return Proposal(Way.GENERATION, "what Wix may hold of it is cancelled first" if live else "")


def _propose_sweep(row: Tombstone) -> Proposal:
    if row.state in ON_THE_WAY:
        return _propose_look(row)
    return Proposal(Way.SWEEP, "what is not closed for good is cancelled again")


def _propose_occurrence(
    row: RealtimeEvent, tombstone: Tombstone | None, successor: RealtimeEvent | None, now: int
) -> Proposal:
    if is_called_off(row, tombstone):
        return Proposal(Way.NONE, "it was cancelled")
    if (mark := find_mark(row)) is not None:
        if successor is not None:
            return Proposal(Way.NONE, f"it was replayed: see {event_id(successor)}")
        too_old = now - mark.at >= IDEMPOTENCY_KEY_TTL
        return (
            Proposal(Way.NONE, "it was replayed too long ago to repeat that") if too_old else Proposal(Way.OCCURRENCE)
        )
    if row.state in ON_THE_WAY:
        too_old = now - row.accepted_at >= IDEMPOTENCY_KEY_TTL
        return Proposal(Way.NONE, "Wix may have forgotten its key") if too_old else _propose_look(row)
    if row.parked_at is not None:
        return Proposal(Way.NONE, "it is parked, and continues when its site is resumed")
    return Proposal(Way.OCCURRENCE, _doubt(row))


def _doubt(row: RealtimeEvent) -> str:
    if row.acked_at is not None:
        return "Wix has acknowledged it: this is a second event"
    return "if Wix took it without an answer, this is a second event" if row.state in _NEVER_ANSWERED else ""


def _propose_look(row: Row) -> Proposal:
    """Propose another message for a row that is on its way, in case its message was lost. The row keeps its key."""
    if row.next_attempt_at is not None:
        return Proposal(Way.NONE, "it waits, and comes again by itself")
    return Proposal(Way.LOOK, "it is still on its way")
