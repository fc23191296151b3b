"""Texts and ids of all alphabets: how long they may be, which are one, and that each comes out as it went in."""

from __future__ import annotations

import json
from typing import Any, Final

from tests.contract.outside import Case, each, table
from tests.support.handlers import (
    NOW,
    Handlers,
    a_batch,
    a_cancel,
    a_visit,
    an_envelope,
    an_invoice,
    an_invoice_payload,
)
from tests.support.rows import SITE
from trigger_provider.cli.output import moment
from trigger_provider.domain.ledger.rows import EventRow
from trigger_provider.domain.operations.dead_letter import QueueName, read
from trigger_provider.domain.operations.values import DeadLetter

LENGTH: Final = "JSON Schema draft-07, maxLength: characters are those of RFC 8259, not units of UTF-16"
TEXT: Final = "RFC 8259, section 7: any character may stand in a string"
I_JSON: Final = "I-JSON, RFC 7493, section 2.1: no surrogates"
ZEROES: Final = "Go's zero time, .NET's with an offset, and SQL's 9999-12-31, as the time of an envelope"

IDS: Final = table(
    Case("256 letters", LENGTH, "a" * 256, None),
    Case("257 letters", LENGTH, "a" * 257, "maxLength"),
    Case("256 characters beyond the first plane", LENGTH, "\U0001f600" * 256, None),
    Case("257 characters beyond the first plane", LENGTH, "\U0001f600" * 257, "maxLength"),
    Case("a letter with 255 accents", LENGTH, "a" + "\u0301" * 255, None),
    Case("a blank", TEXT, " ", None),
    Case("a null character", TEXT, "a\x00b", None),
    Case("a noncharacter", "Unicode corrigendum 9: noncharacters may be exchanged", "\ufffe\U0010ffff", None),
    Case("right-to-left marks", TEXT, "\u202e1-vni\u202c", None),
    Case("a number sign and slashes", TEXT, "a#b/c#d", None),
    Case("an e-mail address", TEXT, "ada@example.com", None),
    Case("nothing", LENGTH, "", "minLength"),
    Case("half a surrogate pair", I_JSON, "\ud83d", "unicode"),
)
KEPT: Final = table(
    Case("a null character", TEXT, "a\x00b", "a\x00b"),
    Case("line breaks", TEXT, "a\r\nb\u2028c", "a\r\nb\u2028c"),
    Case("an emoji of several characters", TEXT, "\U0001f468\u200d\U0001f469", "\U0001f468\u200d\U0001f469"),
    Case("decomposed letters", "Unicode Standard Annex 15: texts are not normalised", "e\u0301", "e\u0301"),
    Case("a noncharacter", TEXT, "\uffff", "\uffff"),
    Case("a text that looks like a number", TEXT, "007", "007"),
    Case("blanks around it", TEXT, " Ada ", " Ada "),
)
SPELT: Final = table(
    Case("an escape for a letter", "RFC 8259, section 8.3", '"inv-1"', '"inv\\u002d1"'),
    Case("an escaped slash", "RFC 8259, section 7", '"a/b"', '"a\\/b"'),
    Case("a surrogate pair for a character", "RFC 8259, section 7", '"\U0001f600"', '"\\ud83d\\ude00"'),
)
TIMES: Final = table(
    Case("year 1", ZEROES, "0001-01-01T00:00:00Z", NOW),
    Case("year 0 in UTC", ZEROES, "0001-01-01T00:00:00+01:00", NOW),
    Case("year 10000 in UTC", ZEROES, "9999-12-31T23:59:59-01:00", NOW),
    Case("a fraction that floats round up", ZEROES, "9999-12-31T23:59:59.9999999Z", NOW),
    Case("no time", ZEROES, "yesterday", NOW),
    Case("an hour before it was sent", "EventBridge user guide, Events: time", "2026-11-24T07:00:00Z", NOW - 3_600_000),
)


@each(IDS)
def test_an_id_is_taken_as_it_is_or_refused(case: Case[str, str | None]) -> None:
    handlers = Handlers()
    handlers.sqs.handle(a_batch(an_invoice(entityId=case.given), a_visit(id=case.given)))
    rules = [rule for _, _, rule in handlers.reasons()]
    assert rules == ([] if case.expected is None else [case.expected] * 2)
    assert len(handlers.ledger.rows) == (2 if case.expected is None else 0)


@each(KEPT)
def test_a_text_comes_out_as_it_went_in(case: Case[str, str]) -> None:
    handlers = Handlers()
    handlers.sqs.handle(a_batch(an_invoice(payload=an_invoice_payload(currency=case.given))))
    (row,) = handlers.ledger.rows.values()
    assert isinstance(row, EventRow)
    assert json.loads(row.payload or "null")["currency"] == case.expected


@each(SPELT)
def test_two_spellings_of_one_text_are_one_entity(case: Case[str, str]) -> None:
    handlers = Handlers()
    for version, spelt in enumerate((case.given, case.expected), 1):
        body = json.dumps(an_invoice(entityId="HERE", version=version)).replace('"HERE"', spelt)
        handlers.sqs.handle(a_batch(body))
    assert handlers.reasons() == []
    assert [row.version for row in handlers.ledger.rows.values()] == [2]


def test_a_site_in_capital_letters_is_the_same_site() -> None:
    """RFC 9562, section 4."""
    handlers = Handlers()
    handlers.ask(an_invoice(), a_cancel(instanceId=SITE.upper()))
    assert [(row.site, row.version) for row in handlers.ledger.rows.values()] == [(SITE, 2)]


def test_of_two_members_of_one_name_the_last_counts() -> None:
    """RFC 8259, section 4; I-JSON, section 2.3."""
    handlers = Handlers()
    body = json.dumps(an_invoice())[:-1] + ',"version":7}'
    handlers.sqs.handle(a_batch(body))
    assert [row.version for row in handlers.ledger.rows.values()] == [7]


@each(TIMES)
def test_a_message_is_shown_whatever_time_its_envelope_has(case: Case[str, int]) -> None:
    event: dict[str, Any] = {**an_envelope(a_visit()), "time": case.given}
    for name in QueueName:
        letter = read(name, DeadLetter("message", "receipt", json.dumps(event), NOW, {}), Handlers().catalogue)
        assert moment(letter.at)
        assert letter.at == (NOW if name is QueueName.FAILED else case.expected)
