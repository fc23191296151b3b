"""Numbers and texts as JSON spells them: what is taken, and what two spellings of one number are."""

from __future__ import annotations

import json
from typing import Final

from tests.contract.outside import Case, each, table
from tests.support.handlers import Handlers, a_batch, an_invoice

Outcomes = tuple[str, ...]

LARGE: Final = "RFC 8259, section 6: numbers beyond a double's range and precision; I-JSON (RFC 7493), section 2.2"

BODIES: Final = table(
    Case("a number beyond all doubles", LARGE, '{"tax_rate": 1e400}', ("invalid", "/payload/tax_rate", "finite")),
    Case("2^53 + 1", LARGE, '{"tax_rate": 9007199254740993}', ("invalid", "/payload/tax_rate", "double")),
)


@each(BODIES)
def test_a_payload_that_can_not_be_carried_is_refused_by_name(case: Case[str, Outcomes]) -> None:
    handlers, request = Handlers(), an_invoice(payload={"HERE": 1})
    body = json.dumps(request).replace('{"HERE": 1}', case.given[:-1] + PAYABLE)
    handlers.sqs.handle(a_batch(body))
    assert handlers.reasons() == [case.expected]


PAYABLE: Final = "," + json.dumps(an_invoice()["payload"])[1:]
