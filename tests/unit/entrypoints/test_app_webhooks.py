"""Webhooks of Wix: what is taken, every attack that is not, and that no answer says more than its status."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sandbox.wix.signer import Signer, app_instance_event
from tests.support.forged_tokens import signed_with_the_public_key, unsigned, with_other_claims
from tests.support.function_url import a_call
from tests.support.log import Log
from tests.support.rows import APP, SITE
from tests.support.signatures import WIX
from tests.support.webhooks import NOW, WebhookClient, a_webhook
from trigger_provider.domain.sites.site import SiteState

OTHER_APP = "5b1d3c1a-0000-4000-8000-000000000002"
DAY_SECONDS = 86_400
REMOVAL = app_instance_event("AppRemoved", SITE, APP)
CLAIMS = {"data": json.dumps(REMOVAL), "iat": NOW, "exp": NOW + DAY_SECONDS}


def test_a_removal_is_noted_and_then_an_install(log: Log) -> None:
    handler = WebhookClient()
    assert handler.status(a_call(a_webhook("AppRemoved", NOW - 1))) == 200
    assert handler.sites.rows[SITE].state is SiteState.SUSPENDED
    assert handler.status(a_call(a_webhook("AppInstalled", NOW))) == 200
    assert handler.sites.rows[SITE].state is SiteState.RESUMING
    assert log.events == [("INFO", "INSTALLATION_002"), ("INFO", "INSTALLATION_001")]
    assert [line["instance_id"] for line in log.lines] == [SITE, SITE]
    assert log.counts == {"AppRemoved": 1, "AppInstalled": 1}


def test_a_body_in_base64_is_taken_as_well() -> None:
    handler = WebhookClient()
    assert handler.status(a_call(a_webhook(), encoded=True)) == 200
    assert set(handler.sites.rows) == {SITE}


def test_a_site_in_capital_letters_is_the_site_that_requests_name() -> None:
    handler = WebhookClient()
    assert handler.status(a_call(a_webhook(instanceId=SITE.upper()))) == 200
    assert set(handler.sites.rows) == {SITE}


def test_all_thirteen_copies_of_a_webhook_are_thanked_for_and_change_nothing_after_the_first(log: Log) -> None:
    handler, copy = WebhookClient(), a_call(a_webhook())
    assert {handler.status(copy) for _ in range(13)} == {200}
    assert handler.sites.rows[SITE].revision == 1
    assert log.counts == {"AppRemoved": 1, "WebhookUnchanged": 12}


def test_an_older_removal_that_comes_late_does_not_park_a_site_that_has_installed_the_app_again() -> None:
    handler = WebhookClient()
    handler.status(a_call(a_webhook("AppInstalled", NOW)))
    assert handler.status(a_call(a_webhook("AppRemoved", NOW - 60))) == 200
    assert handler.sites.rows[SITE].state is SiteState.ACTIVE


@pytest.mark.parametrize("kind", ["AppInstanceUpdated", "wix.contacts.v4.contact_created", "", "appremoved"])
def test_other_webhooks_of_wix_are_thanked_for_so_that_they_are_not_sent_thirteen_times(kind: str, log: Log) -> None:
    handler = WebhookClient()
    assert handler.status(a_call(a_webhook(kind))) == 200
    assert handler.sites.rows == {}
    assert log.counts == {"WebhookIgnored": 1}


ATTACKS: dict[str, tuple[int, dict[str, Any]]] = {
    "no signature": (401, a_call(unsigned(CLAIMS))),
    "HS256 with the public key as its secret": (401, a_call(signed_with_the_public_key(CLAIMS, WIX.public_key))),
    "another algorithm of the right key": (401, a_call(WIX.sign(CLAIMS, algorithm="PS256"))),
    "another key": (401, a_call(Signer().sign(CLAIMS))),
    "another's signature": (401, a_call(with_other_claims(WIX.sign({**CLAIMS, "data": "{}"}), CLAIMS))),
    "expired": (401, a_call(WIX.sign({**CLAIMS, "iat": NOW - 7200, "exp": NOW - 3600}))),
    "never expires": (401, a_call(WIX.sign({"data": CLAIMS["data"], "iat": NOW}))),
    "of the future": (401, a_call(WIX.sign({**CLAIMS, "iat": NOW + DAY_SECONDS, "exp": NOW + 2 * DAY_SECONDS}))),
    "another app's": (401, a_call(a_webhook(data=json.dumps({"appId": OTHER_APP})))),
    "of no app": (401, a_call(a_webhook(data=json.dumps({})))),
    "of an app in a list": (401, a_call(a_webhook(data=json.dumps({"appId": [APP]})))),
    "inner data is a list": (401, a_call(a_webhook(data="[]"))),
    "a service plugin's call": (400, a_call(WIX.service_plugin(REMOVAL, APP, NOW))),
    "no body": (400, a_call(None)),
    "an empty body": (400, a_call("")),
    "a body that is no JWT": (400, a_call(json.dumps(REMOVAL))),
    "a body that is oversized": (400, a_call(a_webhook(padding="x" * 16 * 1024))),
    "a body that is huge": (400, a_call("x" * 5 * 1024 * 1024)),
    "a body that is huge in base64": (400, a_call("x" * 4 * 1024 * 1024, encoded=True)),
    "a body that only says that it is base64": (400, {**a_call("!"), "isBase64Encoded": True}),
    "bytes that are no text": (400, {**a_call("/////w=="), "isBase64Encoded": True}),
    "nested data that is no JSON": (400, a_call(a_webhook(data="appId"))),
    "nested data that is deep": (400, a_call(a_webhook(data="[" * 3_000))),
    "data that is no JSON": (400, a_call(WIX.sign({**CLAIMS, "data": "AppRemoved"}))),
    "data that is no text": (400, a_call(WIX.sign({**CLAIMS, "data": REMOVAL}))),
    "an identity that is no JSON": (400, a_call(a_webhook(identity="WIX_USER"))),
    "no kind of event": (400, a_call(a_webhook(eventType=None))),
    "no site": (400, a_call(a_webhook(instanceId=None))),
    "a site that is no GUID": (400, a_call(a_webhook(instanceId="site#../ledger"))),
    "a time that is text": (400, a_call(WIX.sign({**CLAIMS, "iat": str(NOW)}))),
    "a GET": (400, a_call(a_webhook(), method="GET")),
    "a PUT": (400, a_call(a_webhook(), method="PUT")),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_refused_by_a_status_alone_and_changes_nothing(attack: str, log: Log) -> None:
    status, event = ATTACKS[attack]
    handler = WebhookClient()
    assert handler.status(event) == status
    assert handler.sites.rows == {}
    assert log.events == [("WARNING", "INSTALLATION_004")]
    assert log.counts == {"WebhookUntrusted" if status == 401 else "WebhookMalformed": 1}


def test_the_log_says_which_rule_was_broken_and_nothing_of_what_was_sent(log: Log) -> None:
    handler = WebhookClient()
    handler.status(a_call(a_webhook(data=json.dumps({"appId": "planted-value"}), identity='"planted-value"')))
    handler.status(a_call(a_webhook(instanceId="planted-value")))
    handler.status(a_call("planted-value"))
    assert [line["rule"] for line in log.lines] == ["appId", "instanceId", "JWT"]
    assert "planted" not in log.text


def test_a_ledger_that_does_not_answer_is_the_one_reason_to_be_told_again(log: Log) -> None:
    handler = WebhookClient()
    handler.sites.down = True
    assert handler.status(a_call(a_webhook())) == 503
    assert log.events == [("ERROR", "INSTALLATION_005")]
    handler.sites.down = False
    assert handler.status(a_call(a_webhook())) == 200
    assert set(handler.sites.rows) == {SITE}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
GARBLED = JSON | JSON.map(json.dumps)


@given(
    st.text() | st.binary().map(lambda some: some.decode("latin-1")), st.booleans(), st.sampled_from(["POST", "GET"])
)
def test_whatever_is_sent_is_refused(body: str, encoded: bool, method: str) -> None:  # noqa: FBT001 - drawn
    handler = WebhookClient()
    event = {**a_call(None, method=method), "body": body, "isBase64Encoded": encoded}
    assert handler.status(event) in {400, 401}
    assert handler.sites.rows == {}


@given(
    st.dictionaries(st.sampled_from(["eventType", "instanceId", "data", "identity", "accountInfo"]), GARBLED),
    st.dictionaries(st.sampled_from(["data", "iat", "exp", "nbf", "iss", "aud", "sub", "jti"]), GARBLED),
)
def test_whatever_wix_signs_is_answered_and_only_what_keeps_the_rules_is_noted(
    changes: dict[str, Any], claims: dict[str, Any]
) -> None:
    handler = WebhookClient()
    event = {**REMOVAL, **changes}
    said = {**CLAIMS, "data": json.dumps(event), **claims}
    assert handler.status(a_call(WIX.sign(said))) in {200, 400, 401}
    if handler.sites.rows:
        assert said["data"] == json.dumps(event)
        assert event["eventType"] in {"AppInstalled", "AppRemoved"}
        assert json.loads(event["data"])["appId"] == APP
        assert set(handler.sites.rows) == {event["instanceId"].lower()} == {SITE}
        assert int(said["exp"]) > NOW - 60
