"""Whose the rows of tests are, and when they were accepted: the names that all builders share."""

from __future__ import annotations

from trigger_provider.domain.ledger.ids import entity_key
from trigger_provider.domain.ledger.rows import RowKey

APP = "b3a1f9a6-2f7a-4f0e-9d55-0c7a2f6f1e01"
SITE = "4d2f64b1-7f0a-4d0b-8f43-6f5f1f4bb6a2"
TRIGGER = "invoice-due"
ACCEPTED_AT = 1_760_000_000_000
EXPIRES_AT = 4_000_000_000_000


def entity_key_of(entity: str) -> RowKey:
    """Return the key of an entity's row, also when only its occurrences have rows."""
    return entity_key(APP, SITE, TRIGGER, entity)
