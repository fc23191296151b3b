"""What the catalogue of the tests promises to producers, and that business events become requests that pass."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from tests.support.fixtures import TRIGGERS as TRIGGER_FILES
from tests.tools import check_triggers
from trigger_provider.adapters.catalogue_files import load_catalogue
from trigger_provider.domain.catalogue.trigger import Action, Kind, Trigger, VersionKind
from trigger_provider.domain.payload.rfc3339 import is_date_time

CATALOGUE = load_catalogue(TRIGGER_FILES)
TRIGGERS = list(CATALOGUE.triggers.values())
BY_KEY = [pytest.param(trigger, id=trigger.key) for trigger in TRIGGERS]

SITE = "d2a1f6c3-90b7-4e58-8c14-6b0f3e7a9d21"
CONTACT = "6f2b9f6e-3d54-4c1c-9f0a-2b7c1d0e5a44"
INVOICE = {
    "instanceId": SITE,
    "invoice": {
        "id": "inv_8841",
        "revision": 3,
        "number": "2026-0042",
        "issueDate": "2026-11-10",
        "dueDate": "2026-12-10T09:00:00+01:00",
        "total": {"amount": "1190.00", "currency": "EUR"},
        "taxRate": 19,
        "paymentLink": None,
        "lines": [{"text": "Workshop", "quantity": 2, "unitPrice": "450.00", "internalNote": "x"}],
    },
    "customer": {"contactId": CONTACT, "address": {"street": None, "city": "Dublin", "country": "IE"}},
}
BOOKING = {
    "instanceId": SITE,
    "contactId": CONTACT,
    "booking": {
        "id": "bk_20931",
        "participants": [{"name": "Ada Byrne", "email": "ada@example.com"}, {"name": "Finn Byrne"}],
        "price": {"amount": "25.00", "currency": "EUR"},
    },
    "session": {
        "title": "Yoga for beginners",
        "startsAt": "2026-12-01T18:30:00+01:00",
        "durationInMinutes": 60,
        "online": False,
        "location": {"name": "Studio 2"},
    },
}
FORM = {
    "instanceId": SITE,
    "formId": "0d9c5e3a-7b41-4f2e-8a96-51c7e2f4b8d0",
    "submissionId": "b7e1a2c4-5d60-4e8f-9b13-c2d4f6a80e57",
    "submittedAt": "2026-11-24T08:00:00Z",
    "contactId": CONTACT,
    "fields": {"firstName": "Ada", "lastName": "Byrne", "email": "ada@example.com", "marketingOptIn": True},
}
VISIT = {
    "instanceId": SITE,
    "contactId": CONTACT,
    "page": {"url": "https://www.example.com/courses/pottery", "title": "Pottery course"},
    "secondsOnPage": 42.5,
    "returningVisitor": True,
}
EVENTS: dict[tuple[str, str], tuple[dict[str, Any], dict[str, str]]] = {
    ("com.example.billing", "Invoice Issued"): (INVOICE, {"invoice_due": "report"}),
    ("com.example.billing", "Invoice Updated"): (INVOICE, {"invoice_due": "report"}),
    ("com.example.billing", "Invoice Paid"): (INVOICE, {"invoice_due": "cancel"}),
    ("com.example.billing", "Invoice Voided"): (INVOICE, {"invoice_due": "cancel"}),
    ("com.example.bookings", "Session Booked"): (BOOKING, {"session_booked": "report", "session_starting": "report"}),
    ("com.example.bookings", "Session Rescheduled"): (BOOKING, {"session_starting": "report"}),
    ("com.example.bookings", "Session Cancelled"): (
        BOOKING,
        {"session_booked": "cancel", "session_starting": "cancel"},
    ),
    ("com.example.forms", "Form Submitted"): (FORM, {"form_submitted": "report"}),
    ("com.example.web", "Page Visited"): (VISIT, {"page_visited": "report"}),
}


def an_envelope(source: str, detail_type: str, detail: dict[str, Any]) -> dict[str, Any]:
    time, event_id = "2026-11-24T08:00:00Z", "7bf73129-1428-4cd3-a780-95db273d1602"
    return {"id": event_id, "time": time, "source": source, "detail-type": detail_type, "detail": detail}


@pytest.mark.parametrize("event, detail, actions", [(key, *value) for key, value in EVENTS.items()])
def test_a_business_event_becomes_requests_whose_payloads_pass(
    event: tuple[str, str], detail: dict[str, Any], actions: dict[str, str]
) -> None:
    matches = CATALOGUE.match(*event)
    assert {trigger.key: binding.action for trigger, binding in matches} == actions
    for trigger, binding in matches:
        request = binding.request(an_envelope(*event, detail))
        assert request["instanceId"] == SITE
        payload = request.get("payload")
        assert (payload is None) == (binding.action is Action.CANCEL)
        assert payload is None or trigger.check(payload) == ()  # type: ignore[arg-type]


def test_these_are_all_events_the_catalogue_listens_to() -> None:
    bound = {(binding.source, binding.detail_type) for trigger in TRIGGERS for binding in trigger.bindings}
    assert bound == set(EVENTS)


def test_a_whole_business_event_fills_nearly_every_property() -> None:
    """An expression that is misspelt finds nothing, and says nothing."""
    left_out = {"invoice_due": {"payment_link"}, "session_booked": {"join_link"}, "session_starting": {"join_link"}}
    for event, (detail, _) in EVENTS.items():
        for trigger, binding in CATALOGUE.match(*event):
            payload = binding.request(an_envelope(*event, detail)).get("payload")
            if isinstance(payload, dict):
                assert set(trigger.schema["properties"]) - set(payload) == left_out.get(trigger.key, set())


@pytest.mark.parametrize(
    "key, kind, version_kind, due_property",
    [
        ("form_submitted", Kind.REALTIME, VersionKind.TIME, None),
        ("invoice_due", Kind.SCHEDULED, VersionKind.INTEGER, "due_date"),
        ("page_visited", Kind.REALTIME, VersionKind.TIME, None),
        ("session_booked", Kind.REALTIME, VersionKind.TIME, None),
        ("session_starting", Kind.SCHEDULED, VersionKind.TIME, "session_start"),
    ],
)
def test_the_catalogue_has_these_triggers(
    key: str, kind: Kind, version_kind: VersionKind, due_property: str | None
) -> None:
    trigger = CATALOGUE.triggers[key]
    assert (trigger.kind, trigger.version_kind, trigger.due_property) == (kind, version_kind, due_property)


def test_an_invoice_s_requests_are_ordered_by_its_revision() -> None:
    ((_, binding),) = CATALOGUE.match("com.example.billing", "Invoice Paid")
    request = binding.request(an_envelope("com.example.billing", "Invoice Paid", INVOICE))
    assert request == {
        "action": "cancel",
        "triggerKey": "invoice_due",
        "instanceId": SITE,
        "entityId": "inv_8841",
        "version": 3,
        "id": "7bf73129-1428-4cd3-a780-95db273d1602",
    }


def test_a_submission_is_known_by_its_own_id_so_that_sending_it_twice_reports_it_once() -> None:
    ((_, binding),) = CATALOGUE.match("com.example.forms", "Form Submitted")
    request = binding.request(an_envelope("com.example.forms", "Form Submitted", FORM))
    assert request["id"] == FORM["submissionId"]
    assert "entityId" not in request


@pytest.mark.parametrize("trigger", BY_KEY)
def test_a_schema_is_draft_07_to_the_reference_implementation(trigger: Trigger) -> None:
    Draft7Validator.check_schema(trigger.schema)


@pytest.mark.parametrize("trigger", BY_KEY)
def test_the_examples_of_a_schema_make_a_payload_that_passes(trigger: Trigger) -> None:
    sample = {name: prop["examples"][0] for name, prop in trigger.schema["properties"].items()}
    assert trigger.check(sample) == ()
    assert trigger.due_property is None or is_date_time(sample[trigger.due_property])


def test_the_command_line_prints_one_line_for_each_trigger(capsys: pytest.CaptureFixture[str]) -> None:
    assert check_triggers.main([str(TRIGGER_FILES)]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(CATALOGUE.triggers)


def test_the_command_line_prints_each_schema_with_key_kind_and_scopes(capsys: pytest.CaptureFixture[str]) -> None:
    assert check_triggers.main([str(TRIGGER_FILES), "--schemas"]) == 0
    text = capsys.readouterr().out
    for trigger in TRIGGERS:
        assert f"Key:      {trigger.key}\nKind:     {trigger.kind}\n" in text
    assert text.count("Set Up Automations (to report), Manage Your App (to cancel)") == len(TRIGGERS)


def test_the_command_line_fails_with_file_place_and_rule(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.json").write_text("{", "utf-8")
    assert check_triggers.main([str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith("a.json: json:")
