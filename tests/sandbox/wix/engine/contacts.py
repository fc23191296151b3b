"""The contact that an event is about, and what Wix adds to the payload for actions to use (section 4.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.sandbox.wix.engine.activation_states import WarningReason
from tests.sandbox.wix.registry import Contact, Schema

CONTACT = "contact"


def contact_id_of(schema: Schema, payload: Mapping[str, Any]) -> str | None:
    """The payload's contact; None if the trigger has no such property, or the payload lacks it."""
    properties = schema.get("properties", {})
    name = next((name for name, rules in properties.items() if rules.get("identityType") == CONTACT), None)
    value = payload.get(name) if name else None
    return value if isinstance(value, str) else None


def enriched(
    contacts: Mapping[str, Contact], schema: Schema, payload: Mapping[str, Any]
) -> tuple[Mapping[str, Any], tuple[WarningReason, ...]]:
    """The payload as actions see it; a contact that the site doesn't have is a warning, and nothing is added."""
    contact_id = contact_id_of(schema, payload)
    if contact_id is None:
        return payload, ()
    if contact_id not in contacts:
        return payload, (WarningReason.GET_CONTACT_ENRICHMENT_FAILED,)
    return {**payload, CONTACT: {"id": contact_id, **contacts[contact_id]}}, ()
