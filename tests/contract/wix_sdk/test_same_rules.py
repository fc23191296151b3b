"""Bounds, fields, scopes and words are those that Wix wrote into the typings of its SDK."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

import pytest

from tests.contract.wix_sdk.equivalent_calls import CALLS, HERE
from tests.contract.wix_sdk.host import WixHost
from tests.contract.wix_sdk.typings import ACTIVATION_LOG, PLUGIN, Field, enumeration, interface, scopes
from tests.sandbox.wix import AppDriver, ScopeList, WixSandbox
from tests.sandbox.wix.engine.activation_states import MOVES, Status, Target, WarningReason
from tests.sandbox.wix.engine.durations import Unit
from tests.sandbox.wix.registry import NEEDED_SCOPES
from tests.sandbox.wix.samples import APP, PAYLOAD, guid
from tests.support.plugin_answers import CONFIGURED, REFRESHED
from tests.support.wix_harness import TRIGGER
from trigger_provider.adapters.wix.automations import WixAutomations

Fields: TypeAlias = Mapping[str, Field]

REQUESTS = {
    "report": interface("ReportEventRequest"),
    "bulk-report": interface("BulkReportEventRequest"),
    "cancel": interface("CancelEventRequest"),
    "bulk-cancel": interface("BulkCancelEventRequest"),
}
ANSWERS = {
    "report": interface("ReportEventResponse"),
    "bulk-report": interface("BulkReportEventResponse"),
    "cancel": interface("CancelEventResponse"),
    "bulk-cancel": interface("BulkCancelEventResponse"),
}
KEY = interface("Idempotency")


def strangers(message: object, fields: Fields) -> list[str]:
    """The names in a message, and in messages inside it, that its interface doesn't have. A payload's are its own."""
    if isinstance(message, list):
        return [name for each in message for name in strangers(each, fields)]
    if not isinstance(message, dict):
        return []
    missing = [name for name in message if name not in fields]
    for name in message.keys() & fields.keys():
        if (kind := fields[name].message) is not None:
            missing += strangers(message[name], interface(kind))
    return missing


def around(least: int, most: int) -> list[tuple[int, bool]]:
    """The four numbers at two bounds, and whether each is allowed."""
    return [(least - 1, False), (least, True), (most, True), (most + 1, False)]


@pytest.fixture
def driver(wix: WixSandbox) -> AppDriver:
    driver = AppDriver(wix.url, APP, HERE)
    driver.fetch_token()
    return driver


def an_event(number: int = 0, **idempotency: str) -> dict[str, object]:
    event: dict[str, object] = {"externalEntityId": guid(str(number)), "payload": PAYLOAD}
    return {**event, "idempotency": idempotency} if idempotency else event


def test_a_trigger_key_is_as_long_as_wix_says(driver: AppDriver) -> None:
    for fields in REQUESTS.values():
        for length, allowed in around(*fields["triggerKey"].bounds("Length")):
            key, entity = "k" * length, guid("x")
            answers = [
                driver.report(key),
                driver.bulk_report(key, {}),
                driver.cancel(key, entity),
                driver.bulk_cancel(key, entity),
            ]
            assert {answer.status_code for answer in answers} == {404 if allowed else 400}, length


def test_an_idempotency_key_is_as_long_and_lives_as_long_as_wix_says(driver: AppDriver) -> None:
    for length, allowed in around(*KEY["key"].bounds("Length")):
        assert driver.report(TRIGGER, **an_event(key="k" * length)).ok == allowed, length
    least = int(KEY["ttlInMilliseconds"].rules["min"])
    for ttl, allowed in [(least - 1, False), (least, True)]:
        assert driver.report(TRIGGER, **an_event(key="k", ttlInMilliseconds=str(ttl))).ok == allowed, ttl


def test_a_bulk_call_is_as_large_as_wix_says(driver: AppDriver) -> None:
    for items, allowed in around(*REQUESTS["bulk-report"]["eventsInfo"].bounds("Size")):
        assert driver.bulk_report(TRIGGER, *map(an_event, range(items))).ok == allowed, items
    for items, allowed in around(*REQUESTS["bulk-cancel"]["externalEntityIds"].bounds("Size")):
        assert driver.bulk_cancel(TRIGGER, *(guid(str(number)) for number in range(items))).ok == allowed, items


@pytest.mark.parametrize("method", ["reportEvent", "bulkReportEvent", "cancelEvent", "bulkCancelEvent"])
def test_the_scopes_of_the_sdks_list_are_these(method: str) -> None:
    assert NEEDED_SCOPES[ScopeList.SDK, "report" in method.lower()] == scopes(method)


def test_our_requests_have_no_field_that_wix_does_not_know(host: WixHost, ours: WixAutomations) -> None:
    for equivalent in CALLS:
        equivalent.by_us(ours)
        assert strangers(host.sent[-1].json, REQUESTS[equivalent.route]) == []


def test_the_sandboxs_answers_have_no_field_that_wix_does_not_have(wix: WixSandbox, driver: AppDriver) -> None:
    wix.switches = replace(wix.switches, defaults_left_out=False)
    good = an_event(key="k", ttlInMilliseconds="1")
    answers = {
        "report": driver.report(TRIGGER, **good),
        "bulk-report": driver.bulk_report(TRIGGER, good, {"payload": {}}),
        "cancel": driver.cancel(TRIGGER, guid("x")),
        "bulk-cancel": driver.bulk_cancel(TRIGGER, guid("x"), "no GUID"),
    }
    assert [answer.status_code for answer in answers.values()] == [200] * 4
    assert [name for route, answer in answers.items() for name in strangers(answer.json(), ANSWERS[route])] == []


def test_the_life_of_an_activation_is_told_in_wixs_words() -> None:
    assert set(Status) == enumeration("ActivationStatusChangedStatus")
    assert set(Target) == enumeration("Target")
    assert set(Unit) == enumeration("TimeUnit")
    assert set(WarningReason) < enumeration("WarningReason", ACTIVATION_LOG)


@pytest.mark.parametrize(
    "status, reasons",
    [
        (Status.SKIPPED, "SkipReason"),
        (Status.CANCELLED, "CancellationReason"),
        (Status.FAILED, "ErrorReason"),
    ],
)
def test_an_activation_ends_early_for_wixs_reasons(status: Status, reasons: str) -> None:
    assert {cause for cause, (_, end) in MOVES.items() if end is status} == enumeration(reasons)


def test_our_plugin_answers_in_the_fields_that_wix_reads() -> None:
    refreshed = {name for answer in REFRESHED.values() if isinstance(answer, dict) for name in answer}
    assert refreshed == set(interface("RefreshPayloadResponse", PLUGIN))
    configured = {frozenset(members) for members in CONFIGURED.values()}
    messages = "ValidateConfigurationResponse", "GetDynamicSchemaResponse"
    assert configured == {frozenset(interface(message, PLUGIN)) for message in messages}
