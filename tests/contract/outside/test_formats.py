"""Texts with a format: ids, addresses and links as people and browsers write them, and what becomes of each."""

from __future__ import annotations

import json
from typing import Any, Final

from tests.contract.outside import Case, each, table
from tests.support.handlers import Handlers, a_visit, an_invoice, an_invoice_payload
from tests.support.rows import SITE
from trigger_provider.domain.ledger.rows import EventRow
from trigger_provider.domain.payload.formats import FORMATS
from trigger_provider.domain.payload.tidying import encode_uri

SUITE: Final = "JSON-Schema-Test-Suite, draft7/optional/format"
HTML: Final = "HTML Living Standard, Valid e-mail address"
EAI: Final = "RFC 6531, section 3.3, and RFC 6532: internationalised addresses"
WHATWG: Final = "WHATWG URL Standard, percent-encode sets: what a browser leaves in location.href"
JAVA: Final = "java.net.URI, Character categories: a validator on the JVM refuses these"
IDNA: Final = "RFC 5891, and WHATWG URL Standard, domain to ASCII"
FORMS: Final = "HTML Living Standard, constructing the form data set: a field that is not filled in is an empty text"
GUIDS: Final = "RFC 9562, sections 4 and 5; .NET's Guid.ToString formats"

EMAILS: Final = table(
    Case("a usual one", SUITE, "joe.bloggs@example.com", "taken"),
    Case("a tilde before, in and after", SUITE, "~te~st~@example.com", "taken"),
    Case("a quoted local part with a blank", SUITE, '"joe bloggs"@example.com', "taken"),
    Case("a quoted local part with two dots", SUITE, '"joe..bloggs"@example.com', "taken"),
    Case("a quoted local part with an at sign", SUITE, '"joe@bloggs"@example.com', "taken"),
    Case("two dots, which a browser's field takes", HTML, "te..st@example.com", "taken"),
    Case("no at sign", SUITE, "2962", "refused"),
    Case("an invalid domain", SUITE, "joe.bloggs@invalid=domain.com", "refused"),
    Case("a blank", HTML, "a b@example.com", "refused"),
    Case("two at signs", HTML, "a@b@c", "refused"),
    Case("a name before it", "RFC 5322, section 3.4: display-name", "Ada <ada@example.com>", "refused"),
    Case("two addresses", "HTML Living Standard: multiple is a list", "a@example.com,b@example.com", "refused"),
    Case("a label of 64 characters", "RFC 1035, section 2.3.4", f"ada@{'a' * 64}.com", "refused"),
    Case("a label of 63 characters", "RFC 1035, section 2.3.4", f"ada@{'a' * 63}.com", "taken"),
    Case("a local part in Cyrillic", EAI, "\u0436\u0443\u043a@example.com", "taken"),
    Case(
        "a whole address in Cyrillic",
        EAI,
        "\u043f\u043e\u0447\u0442\u0430@\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444",
        "taken",
    ),
    Case("an umlaut in the domain", EAI, "ada@ex\u00e4mple.com", "taken"),
    Case("a domain as DNS has it", IDNA, "ada@xn--exmple-cua.com", "taken"),
    Case("Chinese", EAI, "\u7528\u6237@\u4f8b\u5b50.\u5e7f\u544a", "taken"),
    Case("a no-break space", EAI, "ada\u00a0b@example.com", "refused"),
    Case("an ideographic space", EAI, "ada\u3000b@example.com", "refused"),
    Case("half a surrogate pair", "RFC 8259, section 8.2", "a\ud800@example.com", "refused"),
    Case("a line break at the end", HTML, "ada@example.com\n", "refused"),
)
URIS: Final = table(
    Case(
        "a template's braces in a query", WHATWG, "https://a.example/?q={keyword}", "https://a.example/?q=%7Bkeyword%7D"
    ),
    Case("a bar", f"{WHATWG}; {JAVA}", "https://a.example/?a|b", "https://a.example/?a%7Cb"),
    Case("a percent sign alone", WHATWG, "https://a.example/?sale=50%", "https://a.example/?sale=50%25"),
    Case("a percent sign before letters", WHATWG, "https://a.example/100%zz", "https://a.example/100%25zz"),
    Case("what is encoded already", WHATWG, "https://a.example/%7B|", "https://a.example/%7B%7C"),
    Case("a blank", WHATWG, "https://a.example/a b", "https://a.example/a%20b"),
    Case(
        "quotation marks, circumflex and grave accent", WHATWG, 'https://a.example/"^`', "https://a.example/%22%5E%60"
    ),
    Case("angle brackets", WHATWG, "https://a.example/<a>", "https://a.example/%3Ca%3E"),
    Case("a backslash in a query", WHATWG, "https://a.example/?a\\b", "https://a.example/?a%5Cb"),
    Case(
        "a path beyond ASCII",
        "RFC 3987, section 3.1",
        "https://a.example/gr\u00f6\u00dfe",
        "https://a.example/gr%C3%B6%C3%9Fe",
    ),
    Case("an emoji", "RFC 3987, section 3.1", "https://a.example/\U0001f600", "https://a.example/%F0%9F%98%80"),
    Case("a host beyond ASCII", IDNA, "https://ex\u00e4mple.com:8080/a", "https://xn--exmple-cua.com:8080/a"),
    Case("two hashes", "RFC 3986, section 3.5", "https://a.example/#a#b", "https://a.example/#a%23b"),
    Case("blanks around it", WHATWG, " https://a.example/a ", "https://a.example/a"),
    Case(
        "a good one",
        "RFC 3986, section 1.1.2",
        "https://a.example/a%20b?c=d&e=[1]#f",
        "https://a.example/a%20b?c=d&e=[1]#f",
    ),
)
NO_URIS: Final = table(
    Case("a port of letters", "RFC 3986, section 3.2.3", "http://example.com:abc/", "a"),
    Case("a port beyond 65535", "RFC 9293, section 3.1: a port has 16 bits", "https://example.com:99999/", "a"),
    Case("a port and no host", "RFC 9110, section 4.2: an empty host is invalid", "https://:443/", "a"),
    Case("a user and no host", "RFC 9110, section 4.2", "https://ada@/", "a"),
    Case("no host at all", "RFC 9110, section 4.2", "https:///a", "a"),
    Case("no scheme", "RFC 3986, section 4.2: a relative reference", "shop.example/a", "the scheme is missing"),
    Case("a relative path", "RFC 3986, section 4.2", "/a/b", "the scheme is missing"),
    Case("an open bracket", "RFC 3986, section 3.2.2", "https://[::1/", "a"),
    Case("a host of endless umlauts", "CVE-2022-45061, CPython #98433", "https://" + "\u00e4" * 7_000, "a"),
    Case("a blank in the host", WHATWG, "https://a b.example/", "a"),
)
UUIDS: Final = table(
    Case("version 4", GUIDS, "6f2b9f6e-3d54-4c1c-9f0a-2b7c1d0e5a44", "taken"),
    Case("version 7", GUIDS, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f", "taken"),
    Case("capital letters, as SQL Server writes it", GUIDS, "6F2B9F6E-3D54-4C1C-9F0A-2B7C1D0E5A44", "taken"),
    Case("nil", GUIDS, "00000000-0000-0000-0000-000000000000", "taken"),
    Case("in braces", GUIDS, "{6f2b9f6e-3d54-4c1c-9f0a-2b7c1d0e5a44}", "refused"),
    Case("as a URN", "RFC 9562, section 4", "urn:uuid:6f2b9f6e-3d54-4c1c-9f0a-2b7c1d0e5a44", "refused"),
    Case("without hyphens", GUIDS, "6f2b9f6e3d544c1c9f0a2b7c1d0e5a44", "refused"),
    Case("hyphens elsewhere", SUITE, "2eb8aa08-aa98-11ea-b4aa73b44-1d16380", "refused"),
    Case("too short", SUITE, "2eb8aa08-aa98-11ea-b4aa-73b441d1638", "refused"),
    Case("digits of another script", SUITE, "6f2b9f6e-3d54-4c1c-9f0a-2b7c1d0e5a4\uff14", "refused"),
    Case("a line break at the end", GUIDS, "6f2b9f6e-3d54-4c1c-9f0a-2b7c1d0e5a44\n", "refused"),
)
NUMBERS: Final = table(
    Case("an amount", "Wix, Schema annotations: number is a numeric string", "1190.00", "taken"),
    Case("a comma", "RFC 8259, section 6", "1190,00", "refused"),
    Case("a currency", "RFC 8259, section 6", "$5", "refused"),
    Case("thousands", "RFC 8259, section 6", "1,190.00", "refused"),
    Case("underscores", "PEP 515", "1_000", "refused"),
)
DATES: Final = table(
    Case("a usual one", SUITE, "1963-06-19", "taken"),
    Case("29 February of a leap year", SUITE, "2020-02-29", "taken"),
    Case("29 February of another", SUITE, "2021-02-29", "refused"),
    Case("31 April", SUITE, "2020-04-31", "refused"),
    Case("month 13", SUITE, "2020-13-01", "refused"),
    Case("slashes", SUITE, "06/19/1963", "refused"),
    Case("a day of the year", SUITE, "2013-350", "refused"),
    Case("a month without padding", SUITE, "1998-1-20", "refused"),
    Case("Bengali digits", SUITE, "1963-06-1\u09ea", "refused"),
    Case("basic form, which Python 3.11 reads", SUITE, "20230328", "refused"),
    Case("a week", SUITE, "2023-W01", "refused"),
    Case("a day of a week, which Python 3.11 reads", SUITE, "2023-W13-2", "refused"),
    Case("a date-time", SUITE, "1963-06-19T00:00:00Z", "refused"),
    Case("a birthday before 1970", "a date is no moment that we reckon with", "1815-12-10", "taken"),
)
EMPTY: Final = table(
    Case("an optional e-mail address", FORMS, {"email": ""}, None),
    Case("an optional id", FORMS, {"form_id": ""}, None),
    Case("an optional time", FORMS, {"submission_time": ""}, None),
    Case("a required id", FORMS, {"contact_id": ""}, ("/payload/contact_id", "format")),
    Case("blanks", FORMS, {"email": " "}, ("/payload/email", "format")),
)


def a_form(**payload: object) -> dict[str, Any]:
    """Return a submission of a form."""
    request = {"action": "report", "triggerKey": "form_submitted", "instanceId": SITE, "id": "submission-1"}
    return {**request, "payload": {"contact_id": "6f2b9f6e-3d54-4c1c-9f0a-2b7c1d0e5a44", "first_name": "", **payload}}


def payload_of(handlers: Handlers) -> dict[str, Any]:
    """Return the payload of the only row."""
    (row,) = handlers.ledger.rows.values()
    assert isinstance(row, EventRow)
    payload: dict[str, Any] = json.loads(row.payload or "null")
    return payload


@each(EMAILS)
def test_an_e_mail_address_is_taken_or_refused(case: Case[str, str]) -> None:
    assert FORMATS["email"].accepts(case.given) == (case.expected == "taken")


@each(UUIDS)
def test_an_id_is_a_guid_or_none(case: Case[str, str]) -> None:
    assert FORMATS["uuid"].accepts(case.given) == (case.expected == "taken")


@each(NUMBERS)
def test_a_number_in_a_text_is_one_as_json_writes_it(case: Case[str, str]) -> None:
    assert FORMATS["number"].accepts(case.given) == (case.expected == "taken")


@each(DATES)
def test_a_date_exists_and_is_written_in_full(case: Case[str, str]) -> None:
    assert FORMATS["date"].accepts(case.given) == (case.expected == "taken")


@each(URIS)
def test_an_address_as_a_browser_shows_it_is_carried_as_a_uri(case: Case[str, str]) -> None:
    handlers = Handlers()
    (answer,) = handlers.ask(a_visit(payload={**a_visit()["payload"], "page_url": case.given}))
    assert answer["outcome"] == "accepted"
    assert payload_of(handlers)["page_url"] == case.expected
    assert encode_uri(case.expected) == case.expected


@each(NO_URIS)
def test_what_no_browser_could_ask_for_is_refused_with_a_reason(case: Case[str, str]) -> None:
    (answer,) = Handlers().ask(a_visit(payload={**a_visit()["payload"], "page_url": case.given}))
    (error,) = answer["errors"]
    assert (error["pointer"], error["rule"]) == ("/payload/page_url", "format")
    assert case.expected in error["message"]
    assert case.given not in error["message"]


@each(EMPTY)
def test_an_empty_text_that_is_not_needed_is_absent(case: Case[dict[str, str], tuple[str, str] | None]) -> None:
    handlers = Handlers()
    (answer,) = handlers.ask(a_form(**case.given))
    faults = [(fault["pointer"], fault["rule"]) for fault in answer.get("errors", [])]
    assert faults == ([] if case.expected is None else [case.expected])
    if not faults:
        assert payload_of(handlers) == a_form()["payload"]


def test_a_list_s_items_are_tidied_too() -> None:
    handlers = Handlers()
    lines = [{"description": "Travel", "quantity": 1, "unit_price": "1"}]
    link = "https://pay.example/{inv}"
    handlers.ask(an_invoice(payload=an_invoice_payload(line_items=lines, issue_date="", payment_link=link)))
    assert payload_of(handlers) == an_invoice_payload(line_items=lines, payment_link="https://pay.example/%7Binv%7D")
