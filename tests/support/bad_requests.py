"""Every way in which a request can be wrong, with the faults that it must be answered by.

Each one carries the word `planted` wherever a value can be: in what is wrong, and in what is right beside it. No log,
no fault and no attribute may ever show it.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any, Final

from tests.support.handlers import Json, a_cancel, a_visit, an_invoice, an_invoice_payload, without
from tests.support.rows import SITE

PLANTED: Final = "planted"
ENTITY: Final = "planted@example.com"

Faults = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Bad:
    """A request, and pointer and rule of each fault, in order.

    `masked` is the same as logs and queues hold it, where a pointer has names that no schema declares.
    """

    request: object
    violations: Faults
    masked: Faults = ()

    @property
    def written(self) -> Faults:
        """Return the faults as logs and queues hold them."""
        return self.masked or self.violations


def visit(**changes: object) -> Json:
    """Return a visit with planted values."""
    return a_visit(**{"id": "planted visit", **changes})


def invoice(**changes: object) -> Json:
    """Return an invoice with planted values."""
    return an_invoice(**{"entityId": ENTITY, "payload": payable(), **changes})


def cancel(**changes: object) -> Json:
    """Return a cancel with planted values."""
    return a_cancel(**{"entityId": ENTITY, **changes})


def payable(**changes: object) -> Json:
    """Return an invoice's payload with planted values."""
    return an_invoice_payload(**{"invoice_number": "planted number", **changes})


def visited(**changes: object) -> Json:
    """Return a visit's payload with planted values."""
    return {**a_visit()["payload"], "page_title": "planted title", **changes}


def status(**changes: object) -> Json:
    """Return a question with nothing to tell which row is meant."""
    return {"action": "status", "triggerKey": "page_visited", "instanceId": SITE, **changes}


def nested(levels: int) -> Any:  # noqa: ANN401 # lists in lists
    value: Any = "planted"
    for _ in range(levels):
        value = [value]
    return value


EVERY_FAULT: Final = payable(
    contact_id="planted contact",
    invoice_id=7,
    issue_date="planted date",
    total=80.0,
    currency=None,
    billing_address={"city": "planted city"},
    line_items=[{"description": "planted line", "quantity": "planted", "unit_price": "planted"}],
)

BAD: Final[dict[str, Bad]] = {
    # what a request is
    "not an object": Bad(["planted"], (("", "type"),)),
    "a text": Bad("planted", (("", "type"),)),
    "null": Bad(None, (("", "type"),)),
    "an empty object": Bad({}, (("/action", "required"), ("/triggerKey", "required"), ("/instanceId", "required"))),
    "an unknown member": Bad(
        visit(entity="planted"), (("/entity", "additionalProperties"),), (("/?", "additionalProperties"),)
    ),
    "an unknown action": Bad(visit(action="planted"), (("/action", "enum"),)),
    # its trigger
    "unknown trigger": Bad(visit(triggerKey="planted"), (("/triggerKey", "unknown-trigger"),)),
    "a trigger key of half a character": Bad(visit(triggerKey="planted \ud800"), (("/triggerKey", "unknown-trigger"),)),
    "a trigger key that is too long": Bad(visit(triggerKey="planted" * 20), (("/triggerKey", "maxLength"),)),
    "entity and version that are null": Bad(
        invoice(entityId=None, version=None),
        (("/entityId", "required"), ("/version", "required")),
    ),
    "trigger of the wrong kind: scheduled, without entity and version": Bad(
        without(invoice(id="planted"), "entityId", "version"), (("/entityId", "required"), ("/version", "required"))
    ),
    "trigger of the wrong kind: real-time, with entity and version alone": Bad(
        without(visit(entityId=ENTITY, version="2026-11-24T08:00:00Z"), "id"), (("/id", "required"),)
    ),
    "status of a scheduled trigger by id": Bad(
        status(triggerKey="invoice_due", id="planted"), (("/entityId", "required"),)
    ),
    "status of a real-time trigger by nothing": Bad(status(), (("/id", "required"),)),
    # its site
    "non-GUID site": Bad(visit(instanceId="planted site"), (("/instanceId", "format"),)),
    "a site in braces": Bad(visit(instanceId=f"{{{SITE}}}"), (("/instanceId", "format"),)),
    # its entity and id
    "empty entity": Bad(invoice(entityId=""), (("/entityId", "minLength"),)),
    "an entity of 257 characters": Bad(invoice(entityId="planted".ljust(257, "x")), (("/entityId", "maxLength"),)),
    "an entity that is a number": Bad(invoice(entityId=7), (("/entityId", "type"),)),
    "half a character in the entity": Bad(invoice(entityId="planted \ud800"), (("/entityId", "unicode"),)),
    "half a character in the id": Bad(visit(id="planted \udfff"), (("/id", "unicode"),)),
    "an empty id": Bad(visit(id=""), (("/id", "minLength"),)),
    "real-time report without id": Bad(without(visit(payload=visited()), "id"), (("/id", "required"),)),
    # its version
    "scheduled report without version": Bad(without(invoice(), "version"), (("/version", "required"),)),
    "cancel without version": Bad(without(cancel(), "version"), (("/version", "required"),)),
    "cancel under a real-time trigger without version": Bad(
        without(cancel(triggerKey="page_visited"), "version"), (("/version", "required"),)
    ),
    "cancel without entity": Bad(
        without(cancel(triggerKey="page_visited", version="2026-11-24T08:00:00Z"), "entityId"),
        (("/entityId", "required"),),
    ),
    "real-time report that names an entity without version": Bad(visit(entityId=ENTITY), (("/version", "required"),)),
    "version of the wrong kind: a time for an integer": Bad(
        invoice(version="2026-11-24T08:00:00Z"), (("/version", "version-kind"),)
    ),
    "version of the wrong kind: an integer for a time": Bad(
        visit(entityId=ENTITY, version=7), (("/version", "version-kind"),)
    ),
    "version not a number or time: a list": Bad(invoice(version=["planted"]), (("/version", "type"),)),
    "version not a number or time: true": Bad(invoice(version=True), (("/version", "type"),)),
    "version not a number or time: a fraction": Bad(invoice(version=1.5), (("/version", "type"),)),
    "version not a number or time: infinity": Bad(invoice(version=float("inf")), (("/version", "type"),)),
    "version not a number or time: a text": Bad(visit(entityId=ENTITY, version="planted"), (("/version", "format"),)),
    "version without offset": Bad(visit(entityId=ENTITY, version="2026-11-24T08:00:00"), (("/version", "format"),)),
    "a version of 64 bits": Bad(invoice(version=2**63), (("/version", "maximum"),)),
    "a negative version of 64 bits": Bad(invoice(version=-(2**63)), (("/version", "maximum"),)),
    "a version of 400 digits": Bad(invoice(version=10**400), (("/version", "maximum"),)),
    "a version of 1e300": Bad(invoice(version=1e300), (("/version", "maximum"),)),
    "a version that a double can't tell from its neighbour": Bad(invoice(version=2.0**53), (("/version", "double"),)),
    "a version in year 1": Bad(visit(entityId=ENTITY, version="0001-01-01T00:00:00Z"), (("/version", "range"),)),
    "a version in year 9999": Bad(visit(entityId=ENTITY, version="9999-01-01T00:00:00Z"), (("/version", "ahead"),)),
    # its payload
    "a date in year 1": Bad(
        invoice(payload=payable(due_date="0001-01-01T00:00:00Z")), (("/payload/due_date", "range"),)
    ),
    "report without payload": Bad(without(invoice(), "payload"), (("/payload", "required"),)),
    "a payload that is null": Bad(invoice(payload=None), (("/payload", "required"),)),
    "a payload that is a list": Bad(invoice(payload=["planted"]), (("/payload", "type"),)),
    "payload that breaks the schema": Bad(
        invoice(payload=EVERY_FAULT),
        (
            ("/payload/billing_address/country", "required"),
            ("/payload/contact_id", "format"),
            ("/payload/currency", "required"),
            ("/payload/invoice_id", "type"),
            ("/payload/issue_date", "format"),
            ("/payload/line_items/0/quantity", "type"),
            ("/payload/line_items/0/unit_price", "format"),
            ("/payload/total", "type"),
        ),
    ),
    "missing required": Bad(invoice(payload=without(payable(), "total")), (("/payload/total", "required"),)),
    "key name Wix forbids": Bad(
        invoice(payload=payable(**{"_note": "planted", "pay-by": "planted"})),
        (("/payload/_note", "key-name"), ("/payload/pay-by", "key-name")),
        (("/payload/?", "key-name"), ("/payload/?", "key-name")),
    ),
    "wrong nesting: a list of texts": Bad(
        invoice(payload=payable(tags=["planted"])),
        (("/payload/tags/0", "nesting"),),
        (("/payload/?/?", "nesting"),),
    ),
    "wrong nesting: three levels": Bad(
        invoice(payload=payable(shop={"city": {"name": "planted"}})),
        (("/payload/shop/city", "nesting"),),
        (("/payload/?/?", "nesting"),),
    ),
    "deep nesting": Bad(
        invoice(payload=payable(deep=nested(500))),
        (("/payload/deep/0", "nesting"),),
        (("/payload/?/?", "nesting"),),
    ),
    "date without offset": Bad(
        invoice(payload=payable(due_date="2026-12-10T09:00:00")), (("/payload/due_date", "format"),)
    ),
    "impossible date": Bad(
        invoice(payload=payable(due_date="2026-02-30T09:00:00Z")), (("/payload/due_date", "format"),)
    ),
    "a date that is null": Bad(invoice(payload=payable(due_date=None)), (("/payload/due_date", "required"),)),
    "non-finite numbers": Bad(
        visit(payload=visited(seconds_on_page=float("inf"), depth=float("-inf"))),
        (("/payload/depth", "finite"), ("/payload/seconds_on_page", "finite")),
        (("/payload/?", "finite"), ("/payload/seconds_on_page", "finite")),
    ),
    "an integer that is not exact at Wix": Bad(
        visit(payload=visited(seconds_on_page=2**53 + 1)), (("/payload/seconds_on_page", "double"),)
    ),
    "an integer of 400 digits": Bad(
        visit(payload=visited(seconds_on_page=10**400)), (("/payload/seconds_on_page", "double"),)
    ),
    "half a character in the payload": Bad(
        visit(payload=visited(page_title="planted \ud800")), (("/payload/page_title", "unicode"),)
    ),
    "too large for a ledger row": Bad(invoice(payload=payable(note="planted" * 20_000)), (("/payload", "maxBytes"),)),
    # several things at once
    "faults of version and payload together": Bad(
        without(invoice(version="planted", payload=payable(total=80)), "entityId"),
        (("/entityId", "required"), ("/version", "version-kind"), ("/payload/total", "type")),
    ),
}

UNREADABLE: Final[dict[str, str]] = {
    "body that is not JSON": '{"action": "planted',
    "an empty body": "",
    "NaN": '{"action":"report","payload":{"seconds_on_page":NaN,"page_title":"planted"}}',
    "a negative Infinity": '{"action":"report","payload":{"seconds_on_page":-Infinity,"page_title":"planted"}}',
    "an integer that Python does not read": '{"action":"planted","version":'
    + "1" * (sys.get_int_max_str_digits() + 1)
    + "}",
    "nesting that Python does not read": '{"action":"planted","payload":' + "[" * 100_000 + "]" * 100_000 + "}",
}
"""Bodies of messages that are no JSON, or none that can be read: pointer `""`, rule `json`."""
