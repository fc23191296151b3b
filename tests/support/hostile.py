"""Bodies that an attacker might send to use up our time, as large as a payload may be, and an ordinary one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from tests.support.handlers import a_visit, an_invoice, an_invoice_payload
from trigger_provider.domain.payload.limits import MOST_PAYLOAD_BYTES

SIZE: Final = MOST_PAYLOAD_BYTES - 1024


def ordinary() -> str:
    """Return a good request with as many properties as there is room for."""
    return json.dumps(an_invoice(payload=an_invoice_payload(**_many(SIZE // 38, lambda _: "a line of text"))))


def _many(number: int, value: Callable[[int], object]) -> dict[str, object]:
    return {f"property_{at:06}": value(at) for at in range(number)}


def _with(**payload: object) -> str:
    return json.dumps(an_invoice(payload=an_invoice_payload(**payload)))


def _spliced(text: str, **changes: Any) -> str:  # noqa: ANN401 - any JSON
    """Return a request in which a piece of JSON stands that no encoder writes."""
    return json.dumps(an_invoice(payload=an_invoice_payload(note="HERE"), **changes)).replace('"HERE"', text)


def _nested(opening: str, closing: str, depth: int) -> str:
    return opening * depth + "1" + closing * depth


def _filled(piece: str, before: str = "", after: str = "") -> str:
    return before + piece * ((SIZE - 1024) // len(piece)) + after


HOSTILE: Final[Mapping[str, Callable[[], str]]] = {
    "lists nested as deeply as the body has room for": lambda: _spliced(_nested("[", "]", SIZE // 2)),
    "objects nested as deeply as the body has room for": lambda: _spliced(_nested('{"a":', "}", SIZE // 6)),
    "lists nested so deeply that any parser takes them": lambda: _spliced(_nested("[", "]", 200)),
    "an integer of a hundred thousand digits": lambda: _spliced("9" * SIZE),
    "an integer of a thousand digits": lambda: _spliced("9" * 1_000),
    "thousands of integers of a thousand digits": lambda: _spliced(f"[{','.join(['9' * 1_000] * (SIZE // 1_001))}]"),
    "a version of a thousand digits": lambda: _spliced('"a"', version=0).replace(
        '"version": 0', f'"version": {"9" * 1_000}'
    ),
    "a fraction of a hundred thousand digits": lambda: _spliced("0." + "1" * SIZE),
    "a number beyond all doubles": lambda: _spliced(f"[{','.join(['1e999999'] * (SIZE // 9))}]"),
    "a string as long as the body has room for": lambda: _with(note=_filled("x")),
    "a string of nothing but escapes": lambda: _spliced(json.dumps("\u0001" * (SIZE // 7))),
    "halves of characters": lambda: _spliced('"' + "\\ud800" * (SIZE // 6) + '"'),
    "names that Wix forbids": lambda: _with(**{f"_{at:06}": 1 for at in range(SIZE // 12)}),
    "names of a hundred thousand characters": lambda: _with(**{"é" * (SIZE // 8): 1}),
    "one name again and again": lambda: _spliced("1," + ",".join(['"note":1'] * (SIZE // 9))),
    "members that no request has": lambda: json.dumps(an_invoice(**_many(SIZE // 24, lambda _: 1))),
    "a list of numbers": lambda: _with(numbers=[1] * (SIZE // 3)),
    "a list of empty objects": lambda: _with(lines=[{}] * (SIZE // 4)),
    "an entity's id of a hundred thousand characters": lambda: json.dumps(an_invoice(entityId=_filled("x"))),
    "a trigger's key of a hundred thousand characters": lambda: json.dumps(an_invoice(triggerKey=_filled("x"))),
    "a site's id of a hundred thousand digits": lambda: json.dumps(an_invoice(instanceId=_filled("0"))),
    "a date with a hundred thousand digits of a second": lambda: _with(
        due_date=_filled("0", "2026-12-10T09:00:00.", "Z")
    ),
    "a date that goes on and on": lambda: _with(due_date=_filled("2026-12-10T09:00:00.0")),
    "a GUID that goes on and on": lambda: _with(contact_id=_filled("6f2b9f6e-")),
    "an address of one endless label": lambda: _form(email=_filled("a", "a@", "!")),
    "an address of labels that almost end": lambda: _form(email=_filled("a-", "a@", "!")),
    "an address of endless labels": lambda: _form(email=_filled("a" * 62 + ".", "a@", "!")),
    "an address of nothing but at signs": lambda: _form(email=_filled("a@")),
    "an address of dots": lambda: _form(email=_filled(".", "a@a")),
    "a URI of percent signs": lambda: _visit(page_url=_filled("%41", "https://a/", "%")),
    "a URI of hashes": lambda: _visit(page_url=_filled("#", "https://a/")),
    "a URI of brackets": lambda: _visit(page_url=_filled("[", "https://")),
    "a URI of endless schemes": lambda: _visit(page_url=_filled("a+")),
    "an address whose name in quotation marks almost ends": lambda: _form(email=_filled("\\a", '"', "!")),
    "an address of umlauts": lambda: _form(email=_filled("\u00e4", "a@", "!")),
    "a URI of braces": lambda: _visit(page_url=_filled("{", "https://a/")),
    "a URI of umlauts for a host": lambda: _visit(page_url=_filled("\u00e4", "https://")),
    "JSON inside a text that almost ends": lambda: _with(line_items=_filled("} ", "{", "x")),
    "a number in text that almost ends": lambda: _with(total=_filled("0", "1.", "e")),
    "spaces": lambda: " " * SIZE,
    "no JSON at all": lambda: _filled("{"),
}


def _form(**payload: object) -> str:
    return json.dumps(
        a_visit(triggerKey="form_submitted", payload={"contact_id": an_invoice_payload()["contact_id"], **payload})
    )


def _visit(**payload: object) -> str:
    return json.dumps(a_visit(payload={"contact_id": an_invoice_payload()["contact_id"], **payload}))
