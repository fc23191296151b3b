"""Names of members that no schema declares: told to their sender, and to nothing else."""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.contract.outside import Case, each, table
from tests.support.handlers import Handlers, a_batch, an_envelope, an_invoice, an_invoice_payload
from tests.support.log import captured_log

LOGS: Final = "OWASP Logging Cheat Sheet, Data to exclude; members keyed by a phone number, as in messaging APIs"
POINTERS: Final = "RFC 6901, sections 3 and 5"
NESTING: Final = "nesting"

FAULTS: Final = table(
    Case("a map keyed by phone numbers", LOGS, {"attendees": {"15551234567": {"name": "Ada"}}}, "/payload/?/?"),
    Case("a person's name that Wix would take as a name", LOGS, {"Ada_Byrne": [1]}, "/payload/?/?"),
    Case(
        "an undeclared member of a declared object",
        LOGS,
        {"billing_address": {"country": "IE", "Ada": {}}},
        "/payload/billing_address/?",
    ),
    Case("an undeclared member of a list's item", LOGS, {"line_items": [{"Ada": []}]}, "/payload/line_items/0/?"),
    Case("a name with an escape", POINTERS, {"a/b": 1}, "/payload/?"),
    Case("an empty name", POINTERS, {"": 1}, "/payload/?"),
    Case("a name outside ASCII", POINTERS, {"gr\u00f6\u00dfe": 1}, "/payload/?"),
    Case("a declared name", LOGS, {"tax_rate": 2**60}, "/payload/tax_rate"),
)
NAMES: Final = table(
    Case("a slash", POINTERS, "a/b", "/payload/a~1b"),
    Case("a tilde", POINTERS, "m~n", "/payload/m~0n"),
    Case("both", POINTERS, "~1", "/payload/~01"),
    Case("a percent sign", POINTERS, "c%d", "/payload/c%d"),
    Case("a circumflex", POINTERS, "e^f", "/payload/e^f"),
    Case("a bar", POINTERS, "g|h", "/payload/g|h"),
    Case("a backslash", POINTERS, "i\\j", "/payload/i\\j"),
    Case("a quotation mark", POINTERS, 'k"l', '/payload/k"l'),
    Case("a blank", POINTERS, " ", "/payload/ "),
    Case("nothing", POINTERS, "", "/payload/"),
    Case("an umlaut", POINTERS, "gr\u00f6\u00dfe", "/payload/gr\u00f6\u00dfe"),
    Case("a character beyond the first plane", POINTERS, "\U0001f600", "/payload/\U0001f600"),
    Case("a line break", POINTERS, "a\nb", "/payload/a\nb"),
)


@each(FAULTS)
def test_no_undeclared_name_reaches_a_log_a_metric_or_a_queue(case: Case[dict[str, Any], str]) -> None:
    request = an_invoice(payload=an_invoice_payload(**case.given))
    for way in ("sqs", "eventbridge"):
        handlers = Handlers()
        with captured_log() as log:
            if way == "sqs":
                handlers.sqs.handle(a_batch(request))
            else:
                handlers.eventbridge.handle(an_envelope(request))
            assert case.expected in {fault["pointer"] for fault in log.lines[0]["violations"]}
            assert "Ada" not in log.text
            assert "15551234567" not in log.text
        (refusal,) = handlers.refusals.refused
        assert refusal.pointer.startswith(case.expected)


@each(NAMES)
def test_the_sender_is_told_the_place_by_a_pointer_of_rfc_6901(case: Case[str, str]) -> None:
    (answer,) = Handlers().ask(an_invoice(payload=an_invoice_payload(**{case.given: 1})))
    assert [fault["pointer"] for fault in answer["errors"]] == [case.expected]


@pytest.mark.parametrize("name", ["Ada_Byrne", "15551234567"])
def test_nor_does_a_name_in_a_request_or_an_invocation(name: str) -> None:
    handlers = Handlers()
    with captured_log() as log:
        handlers.sqs.handle(a_batch(an_invoice(**{name: 1})))
        handlers.direct.handle({"requests": [], name: 1})
        assert name not in log.text
    assert [refusal.pointer for refusal in handlers.refusals.refused] == ["/?"]
