from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.support.bad_requests import BAD, ENTITY, PLANTED, Bad, cancel, invoice, payable, visit
from tests.support.handlers import (
    NOW,
    BusyLedger,
    Handlers,
    Json,
    a_cancel,
    a_visit,
    an_invoice,
    the_last_generation,
    without,
)
from tests.support.log import Log
from tests.support.rows import APP, SITE
from trigger_provider.domain.intake.commands import MOST_REQUESTS
from trigger_provider.domain.ledger.generations import first_generation
from trigger_provider.domain.ledger.ids import entity_key, generation_id, occurrence_key
from trigger_provider.domain.ledger.rows import EventRow, State, Transition
from trigger_provider.errors import LedgerUnavailable

EVERY_BAD_REQUEST = [pytest.param(bad, id=name) for name, bad in BAD.items()]
BAD_EVENTS: dict[str, tuple[object, str, str]] = {
    "no object": (["planted"], "", "type"),
    "null": (None, "", "type"),
    "no requests": ({}, "/requests", "required"),
    "requests that are null": ({"requests": None}, "/requests", "type"),
    "requests that are an object": ({"requests": {"planted": 1}}, "/requests", "type"),
    "requests empty": ({"requests": []}, "/requests", "minItems"),
    "requests over 100": ({"requests": [a_visit(id="planted")] * 101}, "/requests", "maxItems"),
    "an unknown member": ({"requests": [a_visit(id="planted")], "mode": "planted"}, "/mode", "additionalProperties"),
}


def status_of(request: Json) -> Json:
    return {**without(request, "payload", "version"), "action": "status"}


def places(errors: list[Json]) -> list[tuple[str, str]]:
    return [(error["pointer"], error["rule"]) for error in errors]


@pytest.mark.parametrize("bad", EVERY_BAD_REQUEST)
def test_a_bad_request_is_answered_with_every_fault_and_its_neighbours_are_taken(bad: Bad) -> None:
    handlers = Handlers()
    before, refused, after = handlers.ask(a_visit(id="before"), bad.request, a_visit(id="after"))
    assert (refused["outcome"], refused["reason"]) == ("invalid", bad.violations[0][1])
    assert tuple(places(refused["errors"])) == bad.violations
    assert [before["outcome"], after["outcome"]] == ["accepted", "accepted"]
    assert len(handlers.ledger.rows) == len(handlers.outbox.sent) == 2


@pytest.mark.parametrize("bad", EVERY_BAD_REQUEST)
def test_a_bad_request_changes_no_row(bad: Bad) -> None:
    handlers = Handlers()
    handlers.ask(invoice(), visit(), cancel(triggerKey="page_visited", version="2026-01-01T00:00:00Z"))
    before, sent = dict(handlers.ledger.rows), list(handlers.outbox.sent)
    assert len(before) == 3
    handlers.ask(bad.request)
    assert handlers.ledger.rows == before
    assert handlers.outbox.sent == sent


@pytest.mark.parametrize("bad", EVERY_BAD_REQUEST)
def test_a_bad_request_is_one_line_and_one_metric_and_neither_they_nor_the_answer_show_a_value(
    bad: Bad, log: Log
) -> None:
    answer = Handlers().ask(bad.request)
    (line,) = log.lines
    assert (line["level"], line["log_event"]) == ("WARNING", "INTAKE_002")
    assert line["violations"] == [{"pointer": pointer, "rule": rule} for pointer, rule in bad.written]
    assert log.counts == {"Refused": 1}
    assert PLANTED not in f"{log.text} {answer}"


@pytest.mark.parametrize("event, pointer, rule", [pytest.param(*row, id=name) for name, row in BAD_EVENTS.items()])
def test_an_event_that_holds_no_requests_is_answered_and_none_is_looked_at(
    event: object, pointer: str, rule: str, log: Log
) -> None:
    handlers = Handlers()
    answer = handlers.direct.handle(event)
    assert (answer["results"], places(answer["errors"])) == ([], [(pointer, rule)])
    assert (handlers.ledger.rows, handlers.outbox.sent) == ({}, [])
    assert log.events == [("WARNING", "INTAKE_002")]
    assert log.counts == {"Refused": 1}
    assert PLANTED not in f"{log.text} {answer}"


def test_a_hundred_requests_are_taken_in_order() -> None:
    handlers = Handlers()
    results = handlers.ask(*(a_visit(id=f"visit-{number}") for number in range(MOST_REQUESTS)))
    keys = [occurrence_key(APP, SITE, "page_visited", None, f"visit-{number}") for number in range(MOST_REQUESTS)]
    assert [message.key for message in handlers.outbox.sent] == keys
    assert len({result["eventId"] for result in results}) == MOST_REQUESTS


def test_an_accepted_request_is_answered_with_its_event_id_and_state() -> None:
    handlers = Handlers()
    (answer,) = handlers.ask(an_invoice())
    key = entity_key(APP, SITE, "invoice_due", "inv-1")
    assert answer == {
        "outcome": "accepted",
        "reason": "accepted",
        "eventId": generation_id(key, first_generation(handlers.clock.now())),
        "state": "pending",
    }


def test_each_outcome_of_intake_is_answered_by_its_name() -> None:
    results = Handlers().ask(
        an_invoice(), an_invoice(), an_invoice(version=0), an_invoice(version=2), a_cancel(version=3)
    )
    assert [result["outcome"] for result in results] == ["accepted", "duplicate", "stale", "unchanged", "accepted"]


def test_duplicate_requests_in_one_event_are_one_row_and_one_message() -> None:
    handlers = Handlers()
    results = handlers.ask(*[a_visit()] * 3)
    assert [result["outcome"] for result in results] == ["accepted", "duplicate", "duplicate"]
    assert len({result["eventId"] for result in results}) == 1
    assert len(handlers.ledger.rows) == len(handlers.outbox.sent) == 1


def test_an_upper_case_site_is_the_same_site() -> None:
    handlers = Handlers()
    item, other = handlers.ask(an_invoice(), an_invoice(instanceId=SITE.upper()))
    assert (other["outcome"], other["eventId"]) == ("duplicate", item["eventId"])


def test_three_point_zero_and_three_are_one_version() -> None:
    first, second = Handlers().ask(an_invoice(version=3), an_invoice(version=3.0))
    assert (first["outcome"], second["outcome"]) == ("accepted", "duplicate")


def test_a_date_already_past_is_accepted() -> None:
    (answer,) = Handlers().ask(an_invoice(payload=payable(due_date="2020-02-29T09:00:00Z")))
    assert answer["outcome"] == "accepted"


def test_the_17th_change_at_one_version_is_answered_logged_and_counted(log: Log) -> None:
    handlers = Handlers()
    changes = [invoice(id=f"planted {number}", payload=payable(total=f"{number}.00")) for number in range(1, 18)]
    handlers.ask(*changes[:16])
    before = dict(handlers.ledger.rows)
    (answer,) = handlers.ask(changes[16])
    assert (answer["outcome"], answer["reason"]) == ("rejected", "changes-at-one-version")
    assert places(answer["errors"]) == [("/version", "changes-at-one-version")]
    assert handlers.ledger.rows == before
    assert log.lines[-1]["violations"] == [{"pointer": "/version", "rule": "changes-at-one-version"}]
    assert log.events[-1] == ("WARNING", "INTAKE_002")
    assert log.counts == {"Accepted": 16, "Rejected": 1, "Refused": 1}
    assert PLANTED not in log.text


def test_an_entity_without_a_generation_left_is_answered_logged_and_counted(log: Log) -> None:
    handlers = Handlers()
    row = the_last_generation(ENTITY)
    handlers.ledger.rows[row.key] = row
    (answer,) = handlers.ask(invoice(version=2))
    assert (answer["outcome"], places(answer["errors"])) == ("rejected", [("/entityId", "generations")])
    assert handlers.ledger.rows == {row.key: row}
    assert log.events[-1] == ("WARNING", "INTAKE_002")
    assert log.counts == {"Rejected": 1, "Refused": 1}


def test_a_busy_row_is_answered_with_retry() -> None:
    handlers = Handlers(ledger=BusyLedger(entity_key(APP, SITE, "invoice_due", "inv-1")))
    busy, visit_beside = handlers.ask(an_invoice(), a_visit())
    assert busy == {"outcome": "retry", "reason": "others keep changing this row"}
    assert visit_beside["outcome"] == "accepted"


def test_a_ledger_that_is_down_is_an_error_of_the_invocation() -> None:
    handlers = Handlers()
    handlers.ledger.down = True
    for request in (a_visit(), status_of(a_visit())):
        with pytest.raises(LedgerUnavailable):
            handlers.ask(request)


def test_a_status_tells_the_timeline_of_its_row() -> None:
    handlers = Handlers()
    handlers.ask(a_visit())
    ((key, row),) = handlers.ledger.rows.items()
    line = Transition(NOW + 1_500, State.REPORTED, "acknowledged", "wix-request-1")
    assert isinstance(row, EventRow)
    reported = replace(row, state=State.REPORTED, reason="acknowledged", activation_ids=("activation-1",))
    handlers.ledger.rows[key] = replace(reported, timeline=(*row.timeline, line))
    assert handlers.ask(status_of(a_visit())) == [
        {
            "outcome": "found",
            "reason": "acknowledged",
            "eventId": f"{key.partition}-{key.row.rsplit('#', 1)[1][:12]}",
            "state": "reported",
            "activationIds": ["activation-1"],
            "timeline": [
                {"at": "2026-11-24T08:00:00Z", "state": "pending", "reason": "accepted"},
                {
                    "at": "2026-11-24T08:00:01.500000Z",
                    "state": "reported",
                    "reason": "acknowledged",
                    "wixRequestId": "wix-request-1",
                },
            ],
        }
    ]


def test_a_status_beside_a_change_tells_what_the_change_made() -> None:
    values, accepted = Handlers().ask(status_of(a_visit()), a_visit())
    assert (values["outcome"], accepted["outcome"]) == ("found", "accepted")
    assert values["eventId"] == accepted["eventId"]


def test_what_nobody_ever_reported_is_not_found() -> None:
    handlers = Handlers()
    assert handlers.ask(status_of(a_visit())) == [{"outcome": "not_found", "reason": "the ledger knows nothing of it"}]
    assert handlers.ledger.rows == {}


def test_a_status_changes_nothing_and_sends_nothing() -> None:
    handlers = Handlers()
    handlers.ask(an_invoice())
    before, sent = dict(handlers.ledger.rows), list(handlers.outbox.sent)
    handlers.ask(status_of(an_invoice()))
    assert (handlers.ledger.rows, handlers.outbox.sent) == (before, sent)


def test_what_is_logged_of_good_requests_holds_neither_payload_nor_entity(log: Log) -> None:
    requests: list[Any] = [invoice(), cancel(), visit(), status_of(visit()), status_of(invoice())]
    results = Handlers().ask(*requests)
    assert [result["outcome"] for result in results] == ["accepted", "accepted", "accepted", "found", "found"]
    assert log.events == [("DEBUG", "INTAKE_001")] * 3
    assert PLANTED not in log.text
