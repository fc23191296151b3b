"""The gate: if Wix acted now on all events that it holds, only the newest wanted ones would pass."""

from __future__ import annotations

from collections.abc import Iterator

from tests.proof.simulation.world import World
from trigger_provider.domain.gate import RefreshQuery, answer
from trigger_provider.domain.ledger.ids import entity_of, event_id
from trigger_provider.domain.ledger.rows import EventRow, Intent, Row, ScheduledEntity


def at_the_gate(world: World) -> Iterator[str]:
    """Return what would pass that must not, and what would not that must."""
    rows = world.ledger.rows
    beside: dict[str, list[Row]] = {}
    for row in rows.values():
        beside.setdefault(row.key.partition, []).append(row)
    for site, trigger, event in world.wix.live:
        neighbours = beside.get(event.rpartition("-")[0], [])
        payload = answer(RefreshQuery(event, trigger, site), neighbours).payload
        own = next((row for row in neighbours if event_id(row) == event), None)
        wanted = own.payload if isinstance(own, EventRow) and _is_wanted(own, neighbours) else None
        if payload != wanted:
            yield f"{event} of {site} is given {payload} at the gate, and not {wanted}"


def _is_wanted(row: Row, beside: list[Row]) -> bool:
    if isinstance(row, ScheduledEntity):
        return row.intent is Intent.REPORT
    entity = next((other for other in beside if other.key == entity_of(row.key)), None)
    return entity is None or (row.version or 0) > (entity.version or 0)
