"""Numbers and texts as JSON spells them: which are taken, and which two are one."""

from __future__ import annotations

import json
from typing import Final

from tests.contract.outside import Case, each, table
from tests.support.handlers import Handlers, a_batch, an_invoice, an_invoice_payload

BIG: Final = "RFC 8259, section 6: numbers beyond the range and the precision of a double"
I_JSON: Final = "I-JSON, RFC 7493, section 2.2: integers outside of -(2^53)+1 to 2^53-1"
EQUAL: Final = "JSON Schema draft-07 core, Instance Equality: numbers are equal if they have the same value"
SPELLED: Final = "RFC 8259, section 6: 10, 10.0, 1e1 and 1E+1 are one number; JSON tools respell numbers"
TEXTS: Final = "RFC 8259, sections 8.1 and 8.2; JSONTestSuite, i_string_* and n_*"

PAYLOAD_NUMBERS: Final = table(
    Case("1e400", BIG, "1e400", "finite"),
    Case("-1e400", BIG, "-1e400", "finite"),
    Case("2^53 + 1", I_JSON, "9007199254740993", "double"),
    Case("-(2^53) - 1", I_JSON, "-9007199254740993", "double"),
    Case("an integer of 400 digits", I_JSON, "1" * 400, "double"),
    Case("2^53", I_JSON, "9007199254740992", None),
    Case("an id of 63 bits as a number", "n8n #14715", "8202522731445525542", "double"),
    Case("nearly the largest double", "python-jsonschema #743", "1e308", None),
    Case("a number that underflows", BIG, "1e-400", None),
    Case("more digits than a double has", BIG, "3.141592653589793238462643383279", None),
)
VERSIONS: Final = table(
    Case("1.0", SPELLED, "1.0", 1),
    Case("1e3", SPELLED, "1e3", 1_000),
    Case("12E2", SPELLED, "12E2", 1_200),
    Case("-0", SPELLED, "-0", 0),
    Case("-0.0", SPELLED, "-0.0", 0),
    Case("2^53 + 1 as an integer", I_JSON, "9007199254740993", 2**53 + 1),
    Case("2^63 - 1 as an integer", I_JSON, "9223372036854775807", 2**63 - 1),
    Case("an id of 63 bits", "n8n #14715; webhook.site #76", "8202522731445525542", 8202522731445525542),
    Case("2^53 - 1 with a point", I_JSON, "9007199254740991.0", 2**53 - 1),
    Case("2^53 + 1 with a point, which a double can't tell from 2^53", I_JSON, "9007199254740993.0", "double"),
    Case("2^53 with a point", I_JSON, "9007199254740992.0", "double"),
    Case("nanoseconds of today with an exponent", I_JSON, "1.795507200123456789E18", "double"),
    Case("2^63", I_JSON, "9223372036854775808", "maximum"),
    Case("2^63 with a point", I_JSON, "9223372036854775808.0", "maximum"),
    Case("1e400", BIG, "1e400", "type"),
    Case("one and a half", BIG, "1.5", "type"),
)
PAIRS: Final = table(
    Case("19 and 19.0", EQUAL, ("19", "19.0"), "unchanged"),
    Case("10 and 1e1", SPELLED, ("10", "1e1"), "unchanged"),
    Case("0.0 and -0.0", EQUAL, ("0.0", "-0.0"), "unchanged"),
    Case("0 and -0", EQUAL, ("0", "-0"), "unchanged"),
    Case("7.5 and 7.50", EQUAL, ("7.5", "7.50"), "unchanged"),
    Case("2^53, with and without a point", EQUAL, ("9007199254740992", "9007199254740992.0"), "unchanged"),
    Case("a large number, written in two ways", SPELLED, ("1e300", "10.0E299"), "unchanged"),
    Case("1 and 1.1", EQUAL, ("1", "1.1"), "accepted"),
    Case("1 and -1", EQUAL, ("1", "-1"), "accepted"),
)
BODIES: Final = table(
    Case("a byte order mark", TEXTS, "\ufeff" + json.dumps(an_invoice()), "json"),
    Case("a comma too many", TEXTS, '{"action":"report",}', "json"),
    Case("single quotes", TEXTS, "{'action':'report'}", "json"),
    Case("a number with a leading zero", TEXTS, '{"version":01}', "json"),
    Case("a plus sign", TEXTS, '{"version":+1}', "json"),
    Case("a hexadecimal number", TEXTS, '{"version":0x1}', "json"),
    Case("a number without digits after its point", TEXTS, '{"version":1.}', "json"),
    Case("NaN", TEXTS, '{"version":NaN}', "json"),
    Case("two documents", TEXTS, "{} {}", "json"),
    Case("a control character in a string", TEXTS, '{"action":"re\nport"}', "json"),
    Case("a list around a request", TEXTS, json.dumps([an_invoice()]), "type"),
)


def invoice_with(number: str) -> str:
    """Return an invoice whose tax rate is spelt like that."""
    return json.dumps(an_invoice(payload=an_invoice_payload(tax_rate="HERE"))).replace('"HERE"', number)


@each(PAYLOAD_NUMBERS)
def test_a_number_that_can_not_be_carried_is_refused_by_name(case: Case[str, str | None]) -> None:
    handlers = Handlers()
    handlers.sqs.handle(a_batch(invoice_with(case.given)))
    assert handlers.reasons() == ([] if case.expected is None else [("invalid", "/payload/tax_rate", case.expected)])


@each(VERSIONS)
def test_an_integer_version_is_exact_or_invalid(case: Case[str, int | str]) -> None:
    handlers = Handlers()
    handlers.sqs.handle(a_batch(json.dumps(an_invoice(version="HERE")).replace('"HERE"', case.given)))
    versions = [row.version for row in handlers.ledger.rows.values()]
    assert [*versions, *(rule for _, _, rule in handlers.reasons())] == [case.expected]


@each(PAIRS)
def test_equal_numbers_make_equal_payloads(case: Case[tuple[str, str], str]) -> None:
    first, second = case.given
    _, answer = Handlers().ask(json.loads(invoice_with(first)), {**json.loads(invoice_with(second)), "version": 2})
    assert answer["outcome"] == case.expected


@each(BODIES)
def test_what_is_no_request_in_json_is_refused_by_name(case: Case[str, str]) -> None:
    handlers = Handlers()
    handlers.sqs.handle(a_batch(case.given))
    assert handlers.reasons() == [("invalid", "", case.expected)]
    assert [refusal.body for refusal in handlers.refusals.refused] == [case.given]
