from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.support.bad_requests import BAD, PLANTED, Bad
from tests.support.handlers import CHECKER, NOW, a_cancel, a_visit, an_invoice, an_invoice_payload, without
from tests.support.rows import APP, SITE
from trigger_provider.domain.catalogue.trigger import catalogue_of
from trigger_provider.domain.intake.commands import OccurrenceReport, OccurrencesCancel, ScheduledChange, StatusQuery
from trigger_provider.domain.intake.parser import RequestChecker
from trigger_provider.domain.ledger.ids import entity_key, occurrence_key
from trigger_provider.domain.ledger.rows import Intent
from trigger_provider.domain.payload.limits import MOST_PAYLOAD_BYTES
from trigger_provider.domain.payload.rfc3339 import parse_nanoseconds
from trigger_provider.errors import InvalidRequest, Violation

TIME = "2026-11-24T09:00:00+01:00"


def faults_of(raw: object) -> tuple[Violation, ...]:
    with pytest.raises(InvalidRequest) as refused:
        CHECKER.check(raw, NOW)
    return refused.value.violations


def change(raw: object) -> ScheduledChange:
    request = CHECKER.check(raw, NOW)
    assert isinstance(request, ScheduledChange)
    return request


def occurrence(raw: object) -> OccurrenceReport:
    request = CHECKER.check(raw, NOW)
    assert isinstance(request, OccurrenceReport)
    return request


@pytest.mark.parametrize("bad", [pytest.param(bad, id=name) for name, bad in BAD.items()])
def test_a_bad_request_is_answered_by_all_its_faults(bad: Bad) -> None:
    assert tuple((violation.pointer, violation.rule) for violation in faults_of(bad.request)) == bad.violations


@pytest.mark.parametrize("bad", [pytest.param(bad, id=name) for name, bad in BAD.items()])
def test_no_fault_shows_a_value(bad: Bad) -> None:
    with pytest.raises(InvalidRequest) as refused:
        CHECKER.check(bad.request, NOW)
    assert PLANTED not in f"{refused.value} {refused.value.violations}"


def test_a_request_nested_deeper_than_can_be_looked_at_is_no_json() -> None:
    deep: Any = []
    for _ in range(50_000):
        deep = [deep]
    assert [(violation.pointer, violation.rule) for violation in faults_of(deep)] == [("", "json")]


def test_a_payload_nested_without_end_is_told_where_it_is_wrong() -> None:
    deep: Any = {}
    for _ in range(50_000):
        deep = {"a": deep}
    violations = faults_of(an_invoice(payload=an_invoice_payload(deep=deep)))
    assert [(violation.pointer, violation.rule) for violation in violations] == [("/payload/deep/a", "nesting")]


def test_a_value_that_no_json_has_is_a_fault_and_no_crash() -> None:
    odd: dict[Any, Any] = {**a_visit(), 7: "x"}
    assert [violation.rule for violation in faults_of(odd)] == ["json"]
    assert [violation.rule for violation in faults_of(a_visit(version=b"1"))] == ["json"]


def test_a_scheduled_report_is_taken_with_all_it_needs() -> None:
    assert change(an_invoice(version=7)) == ScheduledChange(
        key=entity_key(APP, SITE, "invoice_due", "inv-1"),
        site=SITE,
        trigger="invoice_due",
        entity="inv-1",
        version=7,
        intent=Intent.REPORT,
        fingerprint=change(an_invoice(version=8)).fingerprint,
        payload=json.dumps(an_invoice_payload(), sort_keys=True, separators=(",", ":")),
        due_at=1_796_889_600_000,
    )


def test_a_scheduled_cancel_has_neither_payload_nor_date() -> None:
    cancel = change(a_cancel())
    assert (cancel.intent, cancel.version, cancel.payload, cancel.due_at) == (Intent.CANCEL, 2, None, None)


def test_a_date_already_past_is_taken() -> None:
    assert change(an_invoice(payload=an_invoice_payload(due_date="1999-12-31T23:59:59Z"))).due_at == 946_684_799_000


def test_a_real_time_report_without_an_entity_has_no_version_even_if_it_brings_one() -> None:
    taken = occurrence(a_visit(version=TIME))
    assert (taken.occurrence, taken.entity, taken.version) == ("visit-1", None, None)
    assert taken.key == occurrence_key(APP, SITE, "page_visited", None, "visit-1")


def test_a_real_time_report_that_names_an_entity_lies_in_its_partition() -> None:
    taken = occurrence(a_visit(entityId="tab-1", version=TIME))
    assert (taken.entity, taken.version) == ("tab-1", parse_nanoseconds(TIME))
    assert taken.key == occurrence_key(APP, SITE, "page_visited", "tab-1", "visit-1")


def test_a_cancel_under_a_real_time_trigger_is_one_of_all_its_occurrences() -> None:
    assert CHECKER.check(a_cancel(triggerKey="page_visited", version=TIME), NOW) == OccurrencesCancel(
        key=entity_key(APP, SITE, "page_visited", "inv-1"),
        site=SITE,
        trigger="page_visited",
        entity="inv-1",
        version=parse_nanoseconds(TIME),
    )


def test_a_status_by_id_asks_for_the_occurrence() -> None:
    visit = occurrence(a_visit(entityId="tab-1", version=TIME))
    asked = {**without(a_visit(), "payload"), "action": "status"}
    assert CHECKER.check({**asked, "entityId": "tab-1"}, NOW) == StatusQuery(key=visit.key)
    assert CHECKER.check(asked, NOW) == StatusQuery(key=occurrence(a_visit()).key)


def test_a_status_by_entity_asks_for_its_row() -> None:
    asked = {"action": "status", "instanceId": SITE, "entityId": "inv-1"}
    assert CHECKER.check({**asked, "triggerKey": "invoice_due"}, NOW) == StatusQuery(key=change(an_invoice()).key)
    tombstone = entity_key(APP, SITE, "page_visited", "inv-1")
    assert CHECKER.check({**asked, "triggerKey": "page_visited"}, NOW) == StatusQuery(key=tombstone)


def test_upper_and_lower_case_guids_name_the_same_row() -> None:
    assert change(an_invoice(instanceId=SITE.upper())) == change(an_invoice())
    assert occurrence(a_visit(instanceId=SITE.upper())) == occurrence(a_visit())


def test_entities_that_differ_in_case_or_blanks_are_different() -> None:
    keys = {change(an_invoice(entityId=entity)).key for entity in ("inv-1", "INV-1", " inv-1", "inv-1 ")}
    assert len(keys) == 4


def test_any_text_up_to_256_characters_is_an_entity() -> None:
    for entity in (" ", "0", "a/b#c", "\x00", "é" * 256, "\U0001f600" * 256):
        assert change(an_invoice(entityId=entity)).entity == entity


@pytest.mark.parametrize("version", [3.0, 3])
def test_a_whole_number_written_as_a_fraction_is_an_integer_version(version: float) -> None:
    taken = change(an_invoice(version=version))
    assert taken.version == 3
    assert type(taken.version) is int


@pytest.mark.parametrize("version", [0, -7, 2**63 - 1, 1 - 2**63])
def test_every_integer_of_63_bits_and_a_sign_is_a_version(version: int) -> None:
    assert change(an_invoice(version=version)).version == version


def test_versions_that_are_times_are_told_apart_by_the_nanosecond_and_not_by_their_offset() -> None:
    times = ["2026-11-24T08:00:00.000000001Z", "2026-11-24T08:00:00Z", "2026-11-24T09:00:00+01:00"]
    later, number, same = (occurrence(a_visit(entityId="e", version=time)).version for time in times)
    assert number is not None
    assert (later, same) == (number + 1, number)


def test_nulls_in_a_payload_are_left_out() -> None:
    with_nulls = an_invoice_payload(payment_link=None, billing_address={"country": "IE", "city": None})
    without_nulls = an_invoice_payload(billing_address={"country": "IE"})
    assert change(an_invoice(payload=with_nulls)) == change(an_invoice(payload=without_nulls))


def test_the_order_of_a_payloads_properties_makes_no_other_request() -> None:
    turned = dict(reversed(an_invoice_payload().items()))
    assert change(an_invoice(payload=turned)) == change(an_invoice())


def test_an_id_makes_a_scheduled_request_another_one() -> None:
    prints = {change(an_invoice(**extra)).fingerprint for extra in ({}, {"id": "a"}, {"id": "b"})}
    assert len(prints) == 3


def test_a_report_and_a_cancel_of_the_same_version_are_different_requests() -> None:
    assert change(an_invoice()).fingerprint != change(a_cancel(version=1)).fingerprint


def test_a_payload_may_be_exactly_as_large_as_allowed() -> None:
    def sized(length: int) -> Any:  # noqa: ANN401 # a request
        return a_visit(payload={**a_visit()["payload"], "note": "é" * (length // 2) + "x" * (length % 2)})

    room = MOST_PAYLOAD_BYTES - len(occurrence(sized(0)).payload.encode())
    assert len(occurrence(sized(room)).payload.encode()) == MOST_PAYLOAD_BYTES
    assert [(violation.pointer, violation.rule) for violation in faults_of(sized(room + 1))] == [
        ("/payload", "maxBytes")
    ]


def test_a_cancel_may_bring_the_payload_of_what_it_cancels() -> None:
    assert change(a_cancel(payload={"whatever": 1})) == change(a_cancel())


def test_rows_of_two_apps_are_different() -> None:
    other = RequestChecker(CHECKER.catalogue, "another app").check(an_invoice(), NOW)
    assert isinstance(other, ScheduledChange)
    assert other.key != change(an_invoice()).key


def test_a_request_tells_whether_its_trigger_has_a_gate() -> None:
    trigger = CHECKER.catalogue.triggers["invoice_due"]
    gated = RequestChecker(catalogue_of({"invoice_due": replace(trigger, gate=True)}), APP)
    request = gated.check(an_invoice(), NOW)

    assert isinstance(request, ScheduledChange)
    assert (request.is_gated, change(an_invoice()).is_gated) == (True, False)
