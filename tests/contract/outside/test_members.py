"""Members that are null, and documents that were made a text once too often."""

from __future__ import annotations

import json
from typing import Any, Final

from tests.contract.outside import Case, each, table
from tests.support.handlers import Handlers, a_batch, a_cancel, a_visit, an_envelope, an_invoice, an_invoice_payload

NULLS: Final = "Jackson's default of writing nulls (JsonInclude); Gson's serializeNulls"
TWICE: Final = "json.dumps called twice; EventBridge user guide, PutEvents: the Detail of an entry is JSON in a string"


ABSENT: Final = table(
    Case("an entity of a visit", NULLS, (a_visit(entityId=None), a_visit()), "accepted"),
    Case("a version of a visit", NULLS, (a_visit(version=None), a_visit()), "accepted"),
    Case("an id of an invoice", NULLS, (an_invoice(id=None), an_invoice()), "accepted"),
    Case("the payload of a cancel", NULLS, (a_cancel(payload=None), a_cancel()), "accepted"),
    Case("a member that no request has", NULLS, (a_cancel(note=None), a_cancel()), "accepted"),
    Case(
        "an optional property",
        NULLS,
        (an_invoice(payload=an_invoice_payload(tax_rate=None)), an_invoice()),
        "accepted",
    ),
)
MISSING: Final = table(
    Case("a trigger key", NULLS, a_visit(triggerKey=None), ("/triggerKey", "required")),
    Case("a site", NULLS, a_visit(instanceId=None), ("/instanceId", "required")),
    Case("an action", NULLS, a_visit(action=None), ("/action", "required")),
    Case("the id of a visit", NULLS, a_visit(id=None), ("/id", "required")),
    Case("the entity of an invoice", NULLS, an_invoice(entityId=None), ("/entityId", "required")),
    Case("the payload of a report", NULLS, a_visit(payload=None), ("/payload", "required")),
)
IN_TEXTS: Final = table(
    Case("a whole request", TWICE, json.dumps(json.dumps(an_invoice())), ""),
    Case("a payload", TWICE, json.dumps(an_invoice(payload=json.dumps(an_invoice_payload()))), "/payload"),
    Case(
        "a list in a payload",
        TWICE,
        json.dumps(an_invoice(payload=an_invoice_payload(line_items=' [{"quantity": 1}]\n'))),
        "/payload/line_items",
    ),
    Case(
        "an object in a payload",
        TWICE,
        json.dumps(an_invoice(payload=an_invoice_payload(billing_address='{"country":"IE"}'))),
        "/payload/billing_address",
    ),
    Case("the detail of a request", TWICE, json.dumps(an_envelope(json.dumps(an_invoice()))), ""),
    Case(
        "the detail of a business event",
        TWICE,
        json.dumps(an_envelope('{"instanceId": "x"}', "com.example.web", "Page Visited")),
        "/detail",
    ),
)
AT_THE_BUS: Final = table(
    Case("a text", TWICE, "{}", ("/detail", "type")),
    Case("a list", TWICE, [], ("/detail", "type")),
    Case("null", NULLS, None, ("/detail", "type")),
    Case("a number", TWICE, 7, ("/detail", "type")),
)


@each(ABSENT)
def test_a_member_that_is_null_is_absent(case: Case[tuple[dict[str, Any], dict[str, Any]], str]) -> None:
    with_null, without = Handlers(), Handlers()
    (answer,) = with_null.ask(case.given[0])
    without.ask(case.given[1])
    assert answer["outcome"] == case.expected
    assert with_null.ledger.rows == without.ledger.rows


@each(MISSING)
def test_a_needed_member_that_is_null_is_missing(case: Case[dict[str, Any], tuple[str, str]]) -> None:
    (answer,) = Handlers().ask(case.given)
    assert [(fault["pointer"], fault["rule"]) for fault in answer["errors"]] == [case.expected]


def test_an_id_and_a_version_that_are_null_hide_neither_id_nor_time_of_the_envelope() -> None:
    handlers = Handlers()
    handlers.eventbridge.handle(an_envelope(a_visit(entityId="tab-1", id=None, version=None)))
    assert handlers.reasons() == []
    assert len(handlers.ledger.rows) == 1


@each(IN_TEXTS)
def test_json_inside_a_text_is_called_by_its_name(case: Case[str, str]) -> None:
    handlers = Handlers()
    (violation,) = handlers.reader.read_text(case.given).violations
    assert (violation.pointer, violation.rule) == (case.expected, "type")
    assert "JSON inside a text" in violation.message
    handlers.sqs.handle(a_batch(case.given))
    assert handlers.reasons() == [("invalid", case.expected, "type")]


@each(AT_THE_BUS)
def test_a_detail_that_is_no_object_is_refused_as_such(case: Case[object, tuple[str, str]]) -> None:
    handlers = Handlers()
    handlers.eventbridge.handle(an_envelope(case.given, "com.example.web", "Page Visited"))
    assert handlers.reasons() == [("invalid", *case.expected)]


def test_a_direct_invocation_is_told_the_same() -> None:
    handlers = Handlers()
    for event in (json.dumps({"requests": [an_invoice()]}), {"requests": json.dumps([an_invoice()])}):
        (error,) = handlers.direct.handle(event)["errors"]
        assert "JSON inside a text" in error["message"]
