from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest

from tests.support.bad_requests import BAD, PLANTED, UNREADABLE, Bad
from tests.support.fixed_clock import FixedClock
from tests.support.handlers import (
    CHECKER,
    NOW,
    Json,
    a_cancel,
    a_visit,
    an_envelope,
    an_invoice,
    an_invoice_payload,
    without,
)
from tests.support.rows import APP, SITE
from trigger_provider.domain.catalogue.builder import trigger_of
from trigger_provider.domain.catalogue.reserved_names import OWN_SOURCE
from trigger_provider.domain.catalogue.trigger import Catalogue, catalogue_of
from trigger_provider.domain.intake.commands import OccurrenceReport, ScheduledChange, TriggerRequest
from trigger_provider.domain.intake.parser import RequestChecker
from trigger_provider.domain.payload.rfc3339 import parse_nanoseconds
from trigger_provider.entrypoints.message_reader import MessageReader
from trigger_provider.use_cases.intake.intake import Incoming

READER = MessageReader(CHECKER, FixedClock(NOW))
BILLING = "com.example.billing"


def places(incoming: Incoming) -> list[tuple[str, str]]:
    return [(violation.pointer, violation.rule) for violation in incoming.violations]


def checked(raw: object) -> TriggerRequest:
    request = CHECKER.check(raw, NOW)
    assert isinstance(request, TriggerRequest)
    return request


def a_booking() -> Json:
    return {
        "instanceId": SITE,
        "contactId": "6f2b9f6e-3d54-4c1c-9f0a-2b7c1d0e5a44",
        "booking": {"id": "bk-1", "price": {"amount": "25.00"}},
        "session": {"title": "Yoga", "startsAt": "2026-12-01T18:30:00+01:00"},
    }


def test_a_request_as_it_stands_is_read() -> None:
    body = json.dumps(an_invoice())
    assert READER.read_text(body) == Incoming(body, (checked(an_invoice()),))


@pytest.mark.parametrize("body", [pytest.param(body, id=name) for name, body in UNREADABLE.items()])
def test_a_body_that_cannot_be_read_is_refused_whole(body: str) -> None:
    incoming = READER.read_text(body)
    assert (incoming.body, incoming.requests, places(incoming)) == (body, (), [("", "json")])
    assert PLANTED not in str(incoming.violations)


def test_a_number_too_large_for_a_double_is_refused_where_it_stands() -> None:
    body = json.dumps(a_visit(payload={**a_visit()["payload"], "seconds_on_page": "?"})).replace('"?"', "1e400")
    assert places(READER.read_text(body)) == [("/payload/seconds_on_page", "finite")]


def test_a_name_that_is_given_twice_means_its_last_value() -> None:
    body = json.dumps(an_invoice()).replace('"version": 1', '"version": 1, "version": 9')
    assert READER.read_text(body).requests == (checked(an_invoice(version=9)),)


@pytest.mark.parametrize("bad", [pytest.param(bad, id=name) for name, bad in BAD.items()])
def test_a_bad_request_in_a_message_makes_no_request(bad: Bad) -> None:
    incoming = READER.read_envelope(an_envelope(bad.request) | {"id": 7, "time": 7})
    assert incoming.requests == ()
    assert incoming.violations


def test_a_status_can_be_asked_for_by_a_direct_invocation_only() -> None:
    asked = {"action": "status", "triggerKey": "invoice_due", "instanceId": SITE, "entityId": "inv-1"}
    assert places(READER.read_text(json.dumps(asked))) == [("/action", "enum")]
    assert places(READER.read_envelope(an_envelope(asked))) == [("/action", "enum")]


def test_a_request_in_an_envelope_takes_its_id_and_its_time_from_it() -> None:
    envelope = an_envelope(without(a_visit(entityId="tab-1"), "id"))
    (request,) = READER.read_envelope(envelope).requests
    assert isinstance(request, OccurrenceReport)
    assert (request.occurrence, request.version) == (envelope["id"], parse_nanoseconds(envelope["time"]))


def test_what_a_request_says_itself_goes_before_what_its_envelope_says() -> None:
    said = a_visit(entityId="tab-1", id="mine", version="2026-01-01T00:00:00Z")
    assert READER.read_envelope(an_envelope(said)).requests == (checked(said),)


def test_an_integer_version_is_never_taken_from_an_envelope() -> None:
    incoming = READER.read_envelope(an_envelope(without(an_invoice(), "version")))
    assert places(incoming) == [("/version", "required")]


def test_an_envelope_without_id_gives_none() -> None:
    incoming = READER.read_envelope(without(an_envelope(without(a_visit(), "id")), "id"))
    assert places(incoming) == [("/id", "required")]


def test_an_envelope_without_time_gives_no_version() -> None:
    incoming = READER.read_envelope(without(an_envelope(a_visit(entityId="tab-1")), "time"))
    assert places(incoming) == [("/version", "required")]


def test_a_cancel_in_an_envelope_takes_its_version_from_it() -> None:
    envelope = an_envelope(without(a_cancel(triggerKey="page_visited"), "version"))
    expected = checked(a_cancel(triggerKey="page_visited", version=envelope["time"]))
    assert READER.read_envelope(envelope).requests == (expected,)


@pytest.mark.parametrize("detail", [None, "planted", ["planted"], 7])
def test_a_detail_that_is_no_object_is_refused(detail: object) -> None:
    assert places(READER.read_envelope(an_envelope(detail))) == [("", "type")]


@pytest.mark.parametrize("key", [["planted"], {"planted": 1}, True, 7])
def test_a_trigger_key_that_is_no_text_is_refused(key: object) -> None:
    assert ("/triggerKey", "type") in places(READER.read_envelope(an_envelope(a_visit(triggerKey=key))))


def test_an_event_that_no_binding_matches_makes_neither_request_nor_fault() -> None:
    for source, detail_type in [(BILLING, "Invoice Printed"), ("com.example.elsewhere", "Invoice Paid"), ("", "")]:
        incoming = READER.read_envelope(an_envelope({}, source, detail_type))
        assert (incoming.requests, incoming.violations) == ((), ())


@pytest.mark.parametrize("detail_type", ["Wix Trigger Request", "Invoice Paid"])
def test_what_we_publish_ourselves_never_comes_back_in(detail_type: str) -> None:
    reader = MessageReader(RequestChecker(a_catalogue_that_listens_to(OWN_SOURCE), APP), FixedClock(NOW))
    envelope = an_envelope(a_cancel(), OWN_SOURCE, detail_type)
    for incoming in (reader.read_envelope(envelope), reader.read_text(json.dumps(envelope))):
        assert (incoming.requests, incoming.violations) == ((), ())


def test_one_event_feeds_every_trigger_whose_binding_matches() -> None:
    incoming = READER.read_envelope(an_envelope(a_booking(), "com.example.bookings", "Session Booked"))
    assert [request.trigger for request in incoming.requests] == ["session_booked", "session_starting"]
    assert incoming.violations == ()


def test_of_one_event_what_is_right_is_kept_beside_what_is_wrong() -> None:
    booking = a_booking() | {"booking": {"id": "bk-1", "price": {"amount": 25}}}
    incoming = READER.read_envelope(an_envelope(booking, "com.example.bookings", "Session Booked"))
    assert [request.trigger for request in incoming.requests] == ["session_starting"]
    assert places(incoming) == [("/payload/price", "type")]


def test_of_one_event_the_faults_of_all_triggers_are_listed() -> None:
    booking = a_booking() | {"contactId": "planted"}
    incoming = READER.read_envelope(an_envelope(booking, "com.example.bookings", "Session Booked"))
    assert (incoming.requests, places(incoming)) == ((), [("/payload/contact_id", "format")] * 2)


def test_an_expression_that_cannot_be_applied_is_a_fault_of_its_trigger_alone() -> None:
    reader = MessageReader(RequestChecker(a_catalogue_with_a_failing_binding(), APP), FixedClock(NOW))
    detail = {"instanceId": SITE, "invoice": {"id": "inv-1", "revision": 3, "total": "planted"}}
    incoming = reader.read_envelope(an_envelope(detail, BILLING, "Invoice Paid"))
    assert [request.trigger for request in incoming.requests] == ["invoice_due"]
    assert places(incoming) == [("/entityId", "mapping")]
    assert PLANTED not in str(incoming.violations)


@pytest.mark.parametrize("detail", [None, [], "planted", 7])
def test_a_business_event_of_any_form_is_a_list_of_faults_at_worst(detail: object) -> None:
    incoming = READER.read_envelope(an_envelope(detail, BILLING, "Invoice Issued"))
    assert incoming.requests == ()
    assert places(incoming) == [("/detail", "type")]


def test_an_envelope_in_a_queue_is_the_same_as_on_the_bus() -> None:
    events = [
        an_envelope(a_visit(entityId="tab-1")),
        an_envelope(a_booking(), "com.example.bookings", "Session Booked"),
        an_envelope(a_booking() | {"contactId": "planted"}, "com.example.bookings", "Session Booked"),
        an_envelope({}, BILLING, "Invoice Printed"),
        an_envelope(a_cancel(), OWN_SOURCE),
    ]
    for event in events:
        queued, direct = READER.read_text(json.dumps(event)), READER.read_envelope(event)
        assert (queued.requests, queued.violations) == (direct.requests, direct.violations)


def test_an_event_is_kept_whole() -> None:
    event = an_envelope(a_visit(id="grün \ud800 \uffff"))
    incoming = READER.read_envelope(event)
    assert json.loads(incoming.body) == event
    assert "grün \\ud800 \\uffff" in incoming.body, "a queue takes every character of it, and none is made longer"


def test_a_redelivered_event_is_the_same_request() -> None:
    event = an_envelope(a_booking(), "com.example.bookings", "Session Booked")
    assert READER.read_envelope(event).requests == READER.read_envelope(event).requests


def test_the_version_of_a_business_event_is_its_own_time() -> None:
    event = an_envelope(a_booking(), "com.example.bookings", "Session Booked")
    (_, starting) = READER.read_envelope(event).requests
    assert isinstance(starting, ScheduledChange)
    assert starting.version == parse_nanoseconds(event["time"])


def test_a_binding_gives_the_request_that_a_producer_would_have_sent() -> None:
    payload = an_invoice_payload()
    detail = {
        "instanceId": SITE,
        "customer": {"contactId": payload["contact_id"]},
        "invoice": {
            "id": "inv-1",
            "number": payload["invoice_number"],
            "revision": 1,
            "dueDate": payload["due_date"],
            "total": {"amount": payload["total"], "currency": payload["currency"]},
        },
    }
    event = an_envelope(detail, BILLING, "Invoice Issued")
    assert READER.read_envelope(event).requests == (checked(an_invoice(id=event["id"])),)


def a_catalogue_that_listens_to(source: str) -> Catalogue:
    """Return a catalogue as no check would let it pass: here is the second line of defence."""
    trigger = _file("invoice_due")
    return _catalogue({**trigger, "bindings": [{**binding, "source": source} for binding in trigger["bindings"]]})


def a_catalogue_with_a_failing_binding() -> Catalogue:
    trigger = _file("invoice_due")
    bindings = [{**binding, "entityId": "abs(detail.invoice.total)"} for binding in trigger["bindings"]]
    return _catalogue(trigger, {**trigger, "key": "invoice_weighed", "bindings": bindings})


def _file(key: str) -> Any:  # noqa: ANN401 # a trigger file
    return json.loads(files("triggers").joinpath(f"{key}.json").read_text("utf-8"))


def _catalogue(*documents: Json) -> Catalogue:
    return catalogue_of({document["key"]: trigger_of(document) for document in documents})
