"""For the same call, Wix's own SDK and our client make the same request: URL, body and every header that matters."""

from __future__ import annotations

import re

import pytest

from tests.contract.wix_sdk.equivalent_calls import (
    CALLS,
    HERE,
    IDS,
    REPORTS,
    a_report,
    cancel_by_sdk,
    report_by_sdk,
    soon,
)
from tests.contract.wix_sdk.host import Sent, WixHost
from tests.contract.wix_sdk.sdk import Sdk
from tests.sandbox.wix import WixSandbox
from tests.sandbox.wix.samples import APP, guid
from tests.support.wix_harness import TRIGGER
from trigger_provider.adapters.wix.automations import WixAutomations
from trigger_provider.domain.payload.struct_values import find_wire_violations

WIX = "https://www.wixapis.com"
# What each language's HTTP library says of itself and of the connection.
OF_THE_LIBRARY = {
    "accept", "accept-encoding", "accept-language", "connection", "content-length", "sec-fetch-mode", "user-agent"
}  # fmt: skip
# The one header that the SDK has and we have not: it names package and method, for Wix's statistics.
OF_THE_SDK = "x-wix-bi-gateway"
# Each of the two has a token of its own; it is sent as it came, without a scheme before it.
RAW_TOKEN = re.compile("sandbox-[0-9a-f-]{36}")


def what_matters(sent: Sent) -> tuple[str, object, dict[str, str]]:
    headers = {name: value for name, value in sent.headers.items() if name not in OF_THE_LIBRARY}
    if RAW_TOKEN.fullmatch(headers.get("authorization", "")):
        headers["authorization"] = "a raw token"
    return sent.url, sent.json, headers


@pytest.mark.parametrize("number", range(len(CALLS)), ids=[f"{call.route} of {call.items}" for call in CALLS])
def test_url_body_and_headers_are_the_same(same_requests: tuple[list[Sent], list[Sent]], number: int) -> None:
    theirs, ours = (sent[1:][number] for sent in same_requests)
    url, body, headers = what_matters(theirs)
    assert headers.pop(OF_THE_SDK).startswith("environment=js-sdk,package-name=@wix/auto_sdk_automations_activations,")
    assert what_matters(ours) == (url, body, headers)
    assert url == f"{WIX}/automations/v1/events/{CALLS[number].route}"
    assert headers == {"host": "www.wixapis.com", "content-type": "application/json", "authorization": "a raw token"}


def test_each_asks_once_for_a_token_and_in_the_same_words(same_requests: tuple[list[Sent], list[Sent]]) -> None:
    theirs, ours = (sent[0] for sent in same_requests)
    assert [len(sent) for sent in same_requests] == [1 + len(CALLS)] * 2
    assert what_matters(ours) == what_matters(theirs)
    assert theirs.url == f"{WIX}/oauth2/token"
    assert theirs.json == {
        "grant_type": "client_credentials",
        "client_id": APP.app_id,
        "client_secret": APP.secret,
        "instance_id": HERE,
    }


def test_what_one_of_them_reports_the_other_cancels(wix: WixSandbox, sdk: Sdk, ours: WixAutomations) -> None:
    ours.report(HERE, TRIGGER, REPORTS[:2], soon())
    # The SDK repeats one of them: by the same key it is a duplicate.
    sdk.run(report_by_sdk(REPORTS[1:4]), report_by_sdk([a_report("alone")]), cancel_by_sdk(IDS[:2]))
    assert [event.external_entity_id for event in wix.live_events(HERE)] == [*IDS[2:4], guid("alone")]
    ours.cancel(HERE, TRIGGER, [*IDS[2:4], guid("alone")], soon())
    assert wix.live_events(HERE) == []


def test_more_than_wix_takes_in_a_call_the_sdk_sends_all_the_same_and_we_divide(
    wix: WixSandbox, sdk: Sdk, ours: WixAutomations
) -> None:
    [end] = sdk.run(report_by_sdk(REPORTS))
    assert end["error"]["status"] == 400
    ours.report(HERE, TRIGGER, REPORTS, soon())
    assert [(call.route, len(call.items), call.status) for call in wix.journal.calls()][-2:] == [
        ("bulk-report", 100, 200),
        ("report", 1, 200),
    ]


def test_names_that_begin_with_an_underscore_the_sdk_renames_and_we_refuse_at_intake(host: WixHost, sdk: Sdk) -> None:
    sdk.run(("reportEvent", TRIGGER, {"payload": {"_id": "1", "_updatedDate": "2"}}))
    assert host.sent[-1].json == {"triggerKey": TRIGGER, "payload": {"id": "1", "updatedDate": "2"}}
    assert [fault.rule for fault in find_wire_violations({"_id": "1", "_updatedDate": "2"})] == ["key-name", "key-name"]
