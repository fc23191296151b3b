"""The calls of the journal as JSON, with what became of each item."""

from __future__ import annotations

from typing import Any

from tests.sandbox.wix.engine.views import moment_text
from tests.sandbox.wix.journal import Call
from tests.sandbox.wix.outcomes import Entry


def call_document(call: Call) -> dict[str, Any]:
    """A call; `status` is null if the connection was closed without an answer."""
    return {
        "number": call.number,
        "at": moment_text(call.at),
        "route": call.route,
        "appId": call.app_id,
        "site": call.site,
        "triggerKey": call.trigger_key,
        "status": call.status,
        "requestId": call.request_id,
        "items": [_item_document(each) for each in call.items],
    }


def _item_document(entry: Entry) -> dict[str, Any]:
    return {
        "externalEntityId": entry.external_entity_id,
        "idempotencyKey": entry.idempotency_key,
        "payload": entry.payload,
        "effect": entry.effect,
        "code": entry.code,
        "activationIds": list(entry.activation_ids),
    }
