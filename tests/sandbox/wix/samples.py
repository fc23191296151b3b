"""An app with triggers, two sites and payloads: enough to try the sandbox with."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import NAMESPACE_DNS, uuid5

from tests.sandbox.wix.registry import App, Schema, Site

INVOICE_DUE: Schema = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {
        "contact_id": {"type": "string", "format": "uuid", "title": "Contact", "identityType": "contact"},
        "due_date": {"type": "string", "format": "date-time", "title": "Due date", "futureDate": True},
        "amount": {"type": "number", "title": "Amount"},
        "lines": {
            "type": "array",
            "title": "Lines",
            "items": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
        },
        "address": {"type": "object", "title": "Address", "properties": {"city": {"type": "string"}}},
    },
    "required": ["contact_id", "due_date"],
}
PAGE_VISITED: Schema = {"type": "object", "properties": {"page": {"type": "string", "title": "Page"}}}


def guid(name: str) -> str:
    """A GUID that is always the same for a name."""
    return str(uuid5(NAMESPACE_DNS, name))


APP = App(guid("our app"), "a made-up secret", {"invoice_due": INVOICE_DUE, "page_visited": PAGE_VISITED})
NEIGHBOUR = App(guid("another app"), "another secret", {"course_started": PAGE_VISITED})
SITE = Site(guid("a site"))
OTHER_SITE = Site(guid("another site"))
PAYLOAD: dict[str, object] = {"contact_id": guid("a contact"), "due_date": "2030-03-01T09:00:00+01:00", "amount": 12.5}


@dataclass
class ManualClock:
    """A clock that stands still until it is moved."""

    now: float = 1_700_000_000.0

    def __call__(self) -> float:
        """The present second."""
        return self.now
