"""Rows of the ledger for tests, valid as they are: say only what the test is about."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from trigger_provider.events import EntityRow, Intent, Occurrence, RowKey, State
from trigger_provider.ids import entity_key, occurrence_key

APP = "b3a1f9a6-2f7a-4f0e-9d55-0c7a2f6f1e01"
SITE = "4d2f64b1-7f0a-4d0b-8f43-6f5f1f4bb6a2"
TRIGGER = "invoice-due"
ACCEPTED_AT = 1_760_000_000_000
EXPIRES_AT = 4_000_000_000_000


def an_entity(entity: str = "invoice 1", **changes: Any) -> EntityRow:  # noqa: ANN401 - any field of the row
    """Give an entity's first row, inserted by the first save."""
    row = EntityRow(
        key=entity_key(APP, SITE, TRIGGER, entity),
        site=SITE,
        trigger=TRIGGER,
        entity=entity,
        version=1,
        state=State.PENDING,
        reason="accepted",
        accepted_at=ACCEPTED_AT,
        expires_at=EXPIRES_AT,
        revision=1,
        token="first",
        payload='{"number": 1}',
        intent=Intent.REPORT,
        generation=1,
    )
    return replace(row, **changes)


def an_occurrence(occurrence: str = "booked 1", entity: str | None = None, **changes: Any) -> Occurrence:  # noqa: ANN401 - any field of the row
    """Give an occurrence's first row, inserted by the first save."""
    row = Occurrence(
        key=occurrence_key(APP, SITE, TRIGGER, entity, occurrence),
        site=SITE,
        trigger=TRIGGER,
        entity=entity,
        occurrence=occurrence,
        state=State.PENDING,
        reason="accepted",
        accepted_at=ACCEPTED_AT,
        expires_at=EXPIRES_AT,
        revision=1,
        token="first",
        payload='{"number": 1}',
    )
    return replace(row, **changes)


def entity_key_of(entity: str) -> RowKey:
    """Give the key of `an_entity(entity)`, also when only its occurrences have rows."""
    return entity_key(APP, SITE, TRIGGER, entity)
