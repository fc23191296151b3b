"""What Wix gets when it asks before an action: the newest payload, or that the event is called off.

An automation may act once too often or once too little. The first error is worse: a message can't be taken back, and
says what is no longer true. So an event passes only if the ledger confirms it: as the newest generation of an entity
that is to have an event, or as an occurrence that was not called off.

The row may then even have failed, expired or been rejected. Wix's question shows that Wix holds the event, although
its answer to our report was lost. The same rule calls off all other events of the entity that may be live.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from trigger_provider.domain.ledger.generations import generation_named
from trigger_provider.domain.ledger.replay_mark import name_of_replay
from trigger_provider.domain.ledger.rows import CALLED_OFF, Intent, RealtimeEvent, Row, ScheduledEntity
from trigger_provider.domain.ledger.tombstones import is_called_off, tombstone_beside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


class Reason(StrEnum):
    """Why an event passes the gate (the first reason), or is called off (all others)."""

    NEWEST = "it is the newest"
    SUPERSEDED = "a newer version has come"
    CANCELLED = "it was cancelled"
    REPLAYED = "it was replayed under another id"
    UNKNOWN = "the ledger does not know it"
    AMBIGUOUS = "two events have this id"


class RefreshQuery(NamedTuple):
    """What Wix is about to act on: an event by its id, on a site, for a trigger."""

    event: str
    trigger: str
    site: str


class GateAnswer(NamedTuple):
    """The newest payload, as JSON text. Without a payload, the activation is called off."""

    because: Reason
    payload: str | None = None


UNKNOWN: Final = GateAnswer(Reason.UNKNOWN)


def answer(asked: RefreshQuery, rows: Sequence[Row]) -> GateAnswer:
    """Return the answer for an event id, from the rows that it may name and the tombstones beside them.

    A row of another site or trigger does not count: an id is known only with the site and trigger that it was reported
    for. If two entities share a partition and both have an event with this id, the id is ambiguous.
    """
    own = list(_find_named(asked, rows))
    if len(own) > 1:
        return GateAnswer(Reason.AMBIGUOUS)
    return _judge(*own[0], rows) if own else UNKNOWN


def _find_named(asked: RefreshQuery, rows: Iterable[Row]) -> Iterator[tuple[ScheduledEntity | RealtimeEvent, int]]:
    """Yield the events that have the id, and the generation that it names. A tombstone stands for no event."""
    for row in rows:
        is_its = (row.site, row.trigger) == (asked.site, asked.trigger)
        if not is_its or not isinstance(row, ScheduledEntity | RealtimeEvent):
            continue
        if (generation := generation_named(row, asked.event)) is not None:
            yield row, generation


def _judge(row: ScheduledEntity | RealtimeEvent, generation: int, rows: Iterable[Row]) -> GateAnswer:
    because = _of_generation(row, generation) if isinstance(row, ScheduledEntity) else _of_occurrence(row, rows)
    return GateAnswer(because, (row.payload or "{}") if because is Reason.NEWEST else None)


def _of_generation(row: ScheduledEntity, generation: int) -> Reason:
    if row.intent is Intent.CANCEL or row.state in CALLED_OFF:
        return Reason.CANCELLED
    return Reason.SUPERSEDED if generation < row.generation else Reason.NEWEST


def _of_occurrence(row: RealtimeEvent, rows: Iterable[Row]) -> Reason:
    if is_called_off(row, tombstone_beside(row.key, {row.key: row for row in rows})):
        return Reason.CANCELLED
    return Reason.REPLAYED if name_of_replay(row) is not None else Reason.NEWEST
