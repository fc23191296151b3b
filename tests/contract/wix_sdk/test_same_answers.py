"""What the sandbox answers, Wix's own SDK can read, and it reads in it what our client reads."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.contract.wix_sdk.equivalent_calls import HERE, a_report, cancel_by_sdk, report_by_sdk, soon
from tests.contract.wix_sdk.host import WixHost
from tests.contract.wix_sdk.sdk import Sdk
from tests.sandbox.wix import BadItem, Trouble, WixSandbox
from tests.sandbox.wix.samples import APP, guid
from tests.support.wix_harness import TRIGGER
from trigger_provider.adapters.wix.automations import WixAutomations
from trigger_provider.domain.delivery.results import EventReport, ItemResult

GOOD = a_report("an invoice")
NO_CONTACT = EventReport(guid("no contact"), "key", "{}")
NO_NUMBER = a_report("no number", amount="much")


def reported(ours: WixAutomations, *reports: EventReport, trigger: str = TRIGGER) -> list[ItemResult]:
    return list(ours.report(HERE, trigger, reports, soon()))


@pytest.mark.parametrize("left_out", [True, False])
def test_activation_ids_are_read_by_both(wix: WixSandbox, sdk: Sdk, ours: WixAutomations, *, left_out: bool) -> None:
    wix.switches = replace(wix.switches, defaults_left_out=left_out, duplicate_repeats_activation_ids=True)
    wix.set_automations(HERE, TRIGGER, 2)
    [end] = sdk.run(report_by_sdk([GOOD]))
    [answer] = reported(ours, GOOD)
    assert len(answer.activation_ids) == 2
    assert end["value"]["activationIds"] == list(answer.activation_ids)


@pytest.mark.parametrize("left_out", [True, False])
def test_results_of_many_are_read_by_both(wix: WixSandbox, sdk: Sdk, ours: WixAutomations, *, left_out: bool) -> None:
    wix.switches = replace(wix.switches, defaults_left_out=left_out, duplicate_repeats_activation_ids=True)
    many = [GOOD, NO_CONTACT, NO_NUMBER]
    [end] = sdk.run(report_by_sdk(many))
    answers = reported(ours, *many)
    results = end["value"]["results"]
    # The SDK hands on what it gets: what is missing on the wire, its caller misses too.
    assert [each["itemMetadata"].get("originalIndex", 0) for each in results] == [0, 1, 2]
    codes = [each["itemMetadata"].get("error", {}).get("code", "") for each in results]
    assert codes == ["", "REQUIRED_PROPERTY", "SCHEMA_VALIDATION_FAILED"]
    assert [each.reason for each in answers] == ["wix 200", *(f"wix item {code}" for code in codes[1:])]
    assert results[0]["activationIds"] == list(answers[0].activation_ids)
    assert end["value"]["bulkActionMetadata"]["totalFailures"] == 2


def test_cancels_are_read_by_both(sdk: Sdk, ours: WixAutomations) -> None:
    item, many = sdk.run(cancel_by_sdk([GOOD.event_id]), cancel_by_sdk([GOOD.event_id, guid("other")]))
    assert item == {}
    assert [each["itemMetadata"]["success"] for each in many["value"]["results"]] == [True, True]
    assert [each.reason for each in ours.cancel(HERE, TRIGGER, [GOOD.event_id], soon())] == ["wix 200"]


def test_a_refusal_says_the_same_to_both(wix: WixSandbox, sdk: Sdk, ours: WixAutomations) -> None:
    refused = [(TRIGGER, NO_CONTACT), (TRIGGER, NO_NUMBER), ("nobody's", GOOD)]
    errors = [end["error"] for end in sdk.run(*(report_by_sdk([report], trigger) for trigger, report in refused))]
    answers = [answer for trigger, report in refused for answer in reported(ours, report, trigger=trigger)]
    expected = [(error["status"], error["details"]["applicationError"]["code"]) for error in errors]
    assert expected == [(400, "REQUIRED_PROPERTY"), (428, "SCHEMA_VALIDATION_FAILED"), (404, "NOT_FOUND")]
    assert [answer.reason for answer in answers] == [f"wix {status} {code}" for status, code in expected]
    ids = [error["requestId"] for error in errors] + [answer.wix_request_id for answer in answers]
    assert ids == [call.request_id for call in wix.journal.calls("report")]


def test_a_broken_field_has_the_same_name_for_both(sdk: Sdk, ours: WixAutomations) -> None:
    [end] = sdk.run(("cancelEvent", TRIGGER, "no GUID"))
    [violation] = end["error"]["details"]["validationError"]["fieldViolations"]
    [answer] = ours.cancel(HERE, TRIGGER, ["no GUID"], soon())
    assert end["error"]["status"] == 400
    assert answer.reason == f"wix 400 /{violation['field']} {violation['violatedRule']}"


def test_a_fault_of_wix_says_the_same_to_both(wix: WixSandbox, sdk: Sdk, ours: WixAutomations) -> None:
    statuses = [403, 409, 429, 500, 503, 504]
    wix.faults.script("report", *map(Trouble.status, statuses), times=2)
    errors = [end["error"] for end in sdk.run(*[report_by_sdk([GOOD])] * len(statuses))]
    answers = [answer for _ in statuses for answer in reported(ours, GOOD)]
    assert [error["status"] for error in errors] == statuses
    # A system error is mute, and the SDK puts its status where a code would be.
    codes = [error["details"]["applicationError"]["code"] for error in errors]
    assert codes == ["PERMISSION_DENIED", "ABORTED", "RESOURCE_EXHAUSTED", 500, 503, 504]
    expected = ["wix 409 ABORTED", "wix 429 RESOURCE_EXHAUSTED", "wix 500", "wix 503", "wix 504"]
    assert [answer.reason for answer in answers] == ["forbidden", *expected]


def test_a_failed_item_of_wix_is_read_by_both(wix: WixSandbox, sdk: Sdk, ours: WixAutomations) -> None:
    wix.faults.script("bulk-report", Trouble.failed_items(BadItem("INTERNAL", index=1)), times=2)
    many = [GOOD, a_report("another")]
    [end] = sdk.run(report_by_sdk(many))
    assert [each["itemMetadata"].get("success", False) for each in end["value"]["results"]] == [True, False]
    assert [each.reason for each in reported(ours, *many)] == ["wix 200", "wix item INTERNAL"]


# Tokens


def routes(wix: WixSandbox) -> list[str]:
    return [call.route for call in wix.journal]


def test_both_keep_a_token_for_the_calls_that_follow(wix: WixSandbox, sdk: Sdk, ours: WixAutomations) -> None:
    sdk.run(report_by_sdk([GOOD]), cancel_by_sdk([GOOD.event_id]))
    assert routes(wix) == ["token", "report", "cancel"]
    reported(ours, GOOD)
    ours.cancel(HERE, TRIGGER, [GOOD.event_id], soon())
    assert routes(wix)[3:] == ["token", "report", "cancel"]


def test_a_token_whose_time_is_over_is_fetched_anew_by_both(wix: WixSandbox, sdk: Sdk, ours: WixAutomations) -> None:
    wix.switches = replace(wix.switches, token_lifetime_seconds=0)
    sdk.run(report_by_sdk([GOOD]), report_by_sdk([GOOD]))
    reported(ours, GOOD)
    assert routes(wix)[:4] == ["token", "report", "token", "report"]
    assert routes(wix)[4:] == ["token", "report", "token", "report"]


def test_a_token_that_wix_refuses_the_sdk_keeps_and_we_replace_once(
    wix: WixSandbox, sdk: Sdk, ours: WixAutomations
) -> None:
    wix.faults.script("report", Trouble.status(401))
    refused, good = sdk.run(report_by_sdk([GOOD]), report_by_sdk([GOOD]))
    assert (refused["error"]["status"], "value" in good) == (401, True)
    assert routes(wix) == ["token", "report", "report"]
    wix.faults.script("report", Trouble.status(401))
    assert [each.reason for each in reported(ours, GOOD)] == ["wix 200"]
    assert routes(wix)[3:] == ["token", "report", "token", "report"]


def test_a_token_refused_tells_the_sdk_nothing_and_us_why(
    wix: WixSandbox, host: WixHost, sdk: Sdk, ours: WixAutomations
) -> None:
    wix.remove_app(APP.app_id, HERE)
    assert sdk.run(report_by_sdk([GOOD])) == [{"error": {"message": "System error occurred: {}"}}]
    assert [each.reason for each in reported(ours, GOOD)] == ["token refused: wix 400 invalid_grant"]
    assert {sent.url for sent in host.sent} == {"https://www.wixapis.com/oauth2/token"}
