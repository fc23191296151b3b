"""Explains one event's history, found by its id alone, as a site owner's log shows it, or by what it is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from trigger_provider.domain.ledger.generations import generation_named, partition_of
from trigger_provider.domain.ledger.ids import entity_key, occurrence_key
from trigger_provider.domain.ledger.rows import Row, ScheduledEntity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trigger_provider.use_cases.ports.ledger import Ledger
    from trigger_provider.use_cases.ports.operator import Archive


class Explained(NamedTuple):
    """A row, and the generation that the operator asks about, or 0 if the row has none."""

    row: Row
    generation: int


@dataclass(frozen=True, slots=True)
class Explain:
    """The use case."""

    ledger: Ledger
    archive: Archive
    app_id: str

    def event(self, event: str) -> list[Explained]:
        """Return the rows that an event id names: several if two entities share a partition and both have the id."""
        event = event.lower()
        pairs = ((row, generation_named(row, event)) for row in self.archive.partition(partition_of(event)))
        return [Explained(row, generation) for row, generation in pairs if generation is not None]

    def entity(self, site: str, trigger: str, entity: str) -> list[Explained]:
        """Return the entity's row, if it has one, and after it its occurrences, the oldest first."""
        key = entity_key(self.app_id, site.lower(), trigger, entity)
        occurrences = sorted(self.ledger.occurrences(key), key=lambda row: row.accepted_at)
        return _newest([*self.ledger.load_many([key]).values(), *occurrences])

    def occurrence(self, site: str, trigger: str, entity: str | None, occurrence: str) -> list[Explained]:
        """Return one real-time event, by the producer's id of it. The list is empty if the ledger has none."""
        key = occurrence_key(self.app_id, site.lower(), trigger, entity, occurrence)
        return _newest(list(self.ledger.load_many([key]).values()))


def _newest(rows: Sequence[Row]) -> list[Explained]:
    return [Explained(row, row.generation if isinstance(row, ScheduledEntity) else 0) for row in rows]
