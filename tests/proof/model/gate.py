"""The gate at any moment: what would pass if Wix acted now, on any event that it holds.

In every state, and not only at rest, only the newest wanted event passes. So while Wix asks the gate, no automation
acts twice, even in the middle of a change.
"""

from __future__ import annotations

from functools import cache

from tests.proof.model.cases import SITE, TRIGGER, Case
from tests.proof.model.kept import Kept
from tests.proof.model.rules import Rules
from tests.proof.model.world import Event
from trigger_provider.domain.gate import RefreshQuery
from trigger_provider.domain.intake.commands import ScheduledChange
from trigger_provider.domain.ledger.ids import event_id
from trigger_provider.domain.ledger.rows import Intent, RealtimeEvent, Row, Tombstone


@cache
def passes_wrongly(
    rules: Rules, case: Case, rows: tuple[Kept[Row | None], ...], events: tuple[Event, ...]
) -> str | None:
    """Return which event would pass although it must not, if any."""
    stored = [row.value for row in rows if row.value is not None]
    for event in (event.report.value.event_id for event in events if event.is_live):
        payload = rules.gate(RefreshQuery(event, TRIGGER, SITE), stored).payload
        if payload is not None and not _is_wanted(rules, case, stored, event, payload):
            return f"…{event[-4:]} passes the gate with {payload}"
    return None


def passes(rules: Rules, rows: tuple[Kept[Row | None], ...], event: str) -> bool:
    """Return whether an event would pass."""
    stored = [row.value for row in rows if row.value is not None]
    return rules.gate(RefreshQuery(event, TRIGGER, SITE), stored).payload is not None


def _is_wanted(rules: Rules, case: Case, rows: list[Row], event: str, payload: str) -> bool:
    row = next((row for row in rows if rules.id_at_wix(event_id(row)) == event), None)
    entity = next((row for row in rows if isinstance(row, Tombstone)), None)
    if isinstance(row, RealtimeEvent):
        return payload == row.payload and (entity is None or (row.version or 0) > entity.version)
    return row is not None and payload in _asked_at(case, row.version)


def _asked_at(case: Case, version: int | None) -> set[str | None]:
    asked = [
        request for request in case.requests if isinstance(request, ScheduledChange) and request.version == version
    ]
    return {request.payload for request in asked if request.intent is Intent.REPORT}
