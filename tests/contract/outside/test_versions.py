"""Versions that were counted in another unit, and entities whose ids are not quite the same: named, not silent."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from tests.contract.outside import Case, each, table
from tests.support.handlers import Handlers, a_cancel, a_visit, an_invoice
from tests.support.log import captured_log

UNITS: Final = "Kafka's, Java's and JavaScript's milliseconds beside Unix seconds and Go's nanoseconds"
UNICODE: Final = "Unicode Standard Annex 15, normalisation; HFS+ gives NFD where others give NFC"
BLANKS: Final = "SQL's CHAR(n) pads with blanks, and comparison there ignores them"

BY_FAR: Final = table(
    Case("milliseconds, then seconds", UNITS, (1_795_507_200_000, 1_795_507_260), {"Stale": 1, "StaleByFar": 1}),
    Case(
        "nanoseconds, then milliseconds",
        UNITS,
        (1_795_507_200 * 10**9, 1_795_507_260_000),
        {"Stale": 1, "StaleByFar": 1},
    ),
    Case("overtaken by one", UNITS, (8, 7), {"Stale": 1}),
    Case("in order", UNITS, (7, 8), {"Unchanged": 1}),
)
UNKNOWN: Final = table(
    Case("composed and decomposed", UNICODE, ("caf\u00e9", "cafe\u0301"), "nothing is known of this entity"),
    Case("a blank at the end", BLANKS, ("inv-1", "inv-1 "), "nothing is known of this entity"),
    Case(
        "a capital letter",
        "RFC 9562, section 4: ids are compared without regard to case, texts are not",
        ("inv-a", "inv-A"),
        "nothing is known of this entity",
    ),
    Case("the very same", BLANKS, ("inv-1", "inv-1"), "accepted"),
)


@each(BY_FAR)
def test_a_version_of_another_unit_is_counted_apart(
    case: Case[tuple[int, int], dict[str, int]], capsys: pytest.CaptureFixture[str]
) -> None:
    handlers = Handlers()
    first, second = case.given
    handlers.ask(an_invoice(version=first))
    with captured_log() as log:
        handlers.ask(an_invoice(version=second))
        assert log.counts == case.expected
    by_trigger = [line for line in map(json.loads, capsys.readouterr().out.splitlines()) if "trigger" in line]
    assert [(line["trigger"], line["Stale"]) for line in by_trigger] == [("invoice_due", [1.0])] * case.expected.get(
        "Stale", 0
    )


@each(UNKNOWN)
def test_a_cancel_of_what_is_not_known_says_so(case: Case[tuple[str, str], str]) -> None:
    handlers = Handlers()
    reported, cancelled = case.given
    handlers.ask(an_invoice(entityId=reported))
    with captured_log() as log:
        (answer,) = handlers.ask(a_cancel(entityId=cancelled))
        assert log.counts.get("CancelOfUnknown", 0) == (case.expected != "accepted")
        assert ("INFO", "INTAKE_008") in log.events or case.expected == "accepted"
        assert cancelled not in log.text
    assert (answer["outcome"], answer["reason"]) == ("accepted", case.expected)


def test_an_occurrence_that_is_stale_by_a_cancel_is_counted_for_its_trigger(capsys: pytest.CaptureFixture[str]) -> None:
    handlers = Handlers()
    named: dict[str, Any] = {"entityId": "tab-1", "version": "2026-11-24T08:00:00Z"}
    handlers.ask(a_cancel(triggerKey="page_visited", **named))
    (answer,) = handlers.ask(a_visit(**named))
    assert answer["outcome"] == "stale"
    assert '"trigger":"page_visited"' in capsys.readouterr().out
