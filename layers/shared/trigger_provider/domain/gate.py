"""What Wix gets when it asks before an action: the newest payload, or that nothing of the event is wanted.

Of the two errors, a message too many is the worse: it can't be taken back, and says what is no longer so. So an event
passes only if the ledger vouches for it: as the newest generation of an entity that is to have an event, or as an
occurrence that was not called off. In which state it stands there does not matter then: that Wix asks shows that it
holds the event, even if its answer to our report was lost and the row has failed, expired or been rejected since.
And whatever else might be live of the same entity is called off by the same rule.
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
    """Why an event passes the gate, or is called off: all but the first."""

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
    """The newest payload, as JSON text; without one the activation is called off."""

    because: Reason
    payload: str | None = None


UNKNOWN: Final = GateAnswer(Reason.UNKNOWN)


def answer(asked: RefreshQuery, rows: Sequence[Row]) -> GateAnswer:
    """Answer for an event id, from the rows that it may name and the tombstones beside them.

    A row of another site or trigger does not answer: an id is known only together with what it was reported for.
    Should two entities share a partition, and both have such an event, it is unknown which is meant.
    """
    own = list(_find_named(asked, rows))
    if len(own) > 1:
        return GateAnswer(Reason.AMBIGUOUS)
    return _judge(*own[0], rows) if own else UNKNOWN


def _find_named(asked: RefreshQuery, rows: Iterable[Row]) -> Iterator[tuple[ScheduledEntity | RealtimeEvent, int]]:
    """Find the events that have the id, and which generation it names; a tombstone stands for no event."""
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
