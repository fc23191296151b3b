"""What the sandbox signs, Wix's own SDK takes for Wix's; and our check and the SDK's agree, but where it is said."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import Any, TypeAlias

import pytest

from tests.contract.wix_sdk.equivalent_calls import HERE
from tests.contract.wix_sdk.host import WixHost
from tests.contract.wix_sdk.sdk import Sdk
from tests.sandbox.wix import WixSandbox
from tests.sandbox.wix.samples import APP, PAYLOAD, guid
from tests.sandbox.wix.signer import Signer, app_instance_event
from tests.support.app_backend import AppBackend
from tests.support.forged_tokens import signed_with_the_public_key, unsigned, with_other_claims
from tests.support.waiting import PATIENCE_SECONDS, check_at_current_second
from trigger_provider.adapters.wix.jwt import WixJwt
from trigger_provider.errors import RefusedToken

Ends: TypeAlias = dict[str, dict[str, Any]]

WIX = Signer()
OURS = WixJwt(WIX.public_key, APP.app_id)
# When this file was read: the tokens below are made then, and looked at perhaps many minutes later.
NOW = int(time.time())
DAY = 86_400
ACCOUNT = {"accountId": guid("an account"), "siteId": guid("a meta site")}
INSTALLED = {**app_instance_event("AppInstalled", HERE, APP.app_id), "accountInfo": ACCOUNT}
REMOVED = app_instance_event("AppRemoved", HERE, APP.app_id)
REFRESH = "https://provider.example/wix/refresh-payload"
CALL = {
    "request": {"triggerKey": "invoice_due", "externalEntityId": guid("an invoice"), "payload": PAYLOAD},
    "metadata": {"requestId": "1", "instanceId": HERE, "appExtensionType": "AUTOMATIONS_TRIGGER_PROVIDER"},
}


def claims(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """A webhook's; None takes one away."""
    every = {"data": json.dumps(INSTALLED), "iat": NOW, "exp": NOW + DAY, **changes}
    return {name: claim for name, claim in every.items() if claim is not None}


def plugin_claims(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    return claims(**{"data": CALL, "iss": "wix.com", "aud": APP.app_id, **changes})


def inside(**changes: object) -> str:
    return json.dumps({name: text for name, text in {**INSTALLED, **changes}.items() if text is not None})


WEBHOOKS_TAKEN = {
    "installed": WIX.webhook(INSTALLED, NOW),
    "removed": WIX.webhook(REMOVED, NOW),
    "no identity": WIX.sign(claims(data=inside(identity=None))),
    "issuer and audience of others": WIX.sign(claims(iss="somebody", aud="someone")),
}
WEBHOOKS_REFUSED = {
    "somebody else's signature": Signer().sign(claims()),
    "other claims": with_other_claims(WIX.sign(claims()), claims(data=json.dumps(REMOVED))),
    "no signature": unsigned(claims()),
    "signed with the public key": signed_with_the_public_key(claims(), WIX.public_key),
    "expired": WIX.sign(claims(iat=NOW - 7200, exp=NOW - 3600)),
    "not before tomorrow": WIX.sign(claims(nbf=NOW + DAY)),
    "data as an object": WIX.sign(claims(data=INSTALLED)),
    "no data": WIX.sign(claims(data=None)),
    "data that is no JSON": WIX.sign(claims(data="{")),
    "inner data that is no JSON": WIX.sign(claims(data=inside(data="{"))),
    "no token": "a.b.c",
}
# Wix documents RS256, `exp` and `iat`: we insist on them, and the SDK does not.
ONLY_THE_SDK_TAKES = {
    "another algorithm of the right key": WIX.sign(claims(), algorithm="RS512"),
    "no expiry": WIX.sign(claims(exp=None)),
    "no moment of signing": WIX.sign(claims(iat=None)),
    "signed tomorrow": WIX.sign(claims(iat=NOW + DAY, exp=NOW + 2 * DAY)),
}
PLUGIN_TAKEN = {"a call": WIX.service_plugin(CALL, APP.app_id, NOW)}
PLUGIN_REFUSED = {
    "another issuer": WIX.sign(plugin_claims(iss="wix.example")),
    "no issuer": WIX.sign(plugin_claims(iss=None)),
    "another app": WIX.sign(plugin_claims(aud=guid("another app"))),
    "no audience": WIX.sign(plugin_claims(aud=None)),
    "expired": WIX.sign(plugin_claims(exp=NOW - 3600)),
    "somebody else's signature": Signer().sign(plugin_claims()),
    "data as text": WIX.sign(plugin_claims(data=json.dumps(CALL))),
    "no data": WIX.sign(plugin_claims(data=None)),
}
WEBHOOKS = {**WEBHOOKS_TAKEN, **WEBHOOKS_REFUSED, **ONLY_THE_SDK_TAKES}
PLUGIN = {**PLUGIN_TAKEN, **PLUGIN_REFUSED}


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ends, Ends]:
    """What the SDK makes of each webhook, and of each call of a service plugin."""
    with WixSandbox([APP], []) as wix, WixHost(wix.url, tmp_path_factory.mktemp("wix")) as host:
        sdk = Sdk(host, APP, HERE, WIX.public_key)
        claims = sdk.run(
            *(("webhook", token) for token in WEBHOOKS.values()),
            *(("servicePlugin", REFRESH, token) for token in PLUGIN.values()),
        )
    return dict(zip(WEBHOOKS, claims, strict=False)), dict(zip(PLUGIN, claims[len(WEBHOOKS) :], strict=True))


def taken(check: Callable[[str], object], token: str) -> bool:
    try:
        check(token)
    except RefusedToken:
        return False
    return True


@pytest.mark.parametrize("name", WEBHOOKS_TAKEN)
def test_a_webhook_says_the_same_to_both(ends: tuple[Ends, Ends], name: str) -> None:
    event = OURS.webhook(WEBHOOKS[name]).event
    metadata = {each: event[each] for each in ("instanceId", "identity", "accountInfo") if each in event}
    assert ends[0][name] == {"value": {event["eventType"]: {"data": event["data"], "metadata": metadata}}}


@pytest.mark.parametrize("name", WEBHOOKS_REFUSED)
def test_a_false_webhook_is_refused_by_both(ends: tuple[Ends, Ends], name: str) -> None:
    assert "error" in ends[0][name]
    assert not taken(OURS.webhook, WEBHOOKS[name])


@pytest.mark.parametrize("name", ONLY_THE_SDK_TAKES)
def test_what_wix_documents_of_a_webhook_we_insist_on(ends: tuple[Ends, Ends], name: str) -> None:
    assert "value" in ends[0][name]
    assert not taken(OURS.webhook, WEBHOOKS[name])


@pytest.mark.parametrize("name", PLUGIN_TAKEN)
def test_a_call_of_a_service_plugin_says_the_same_to_both(ends: tuple[Ends, Ends], name: str) -> None:
    assert ends[1][name] == {"value": OURS.service_plugin(PLUGIN[name])}


@pytest.mark.parametrize("name", PLUGIN_REFUSED)
def test_a_false_call_of_a_service_plugin_is_refused_by_both(ends: tuple[Ends, Ends], name: str) -> None:
    assert "error" in ends[1][name]
    assert not taken(OURS.service_plugin, PLUGIN[name])


def test_a_clock_that_differs_and_a_line_break_we_let_pass_and_the_sdk_does_not(sdk: Sdk) -> None:
    def expired_and_taken(now: int) -> tuple[str, bool]:
        token = WIX.sign(claims(exp=now - 1))
        return token, taken(OURS.webhook, token)

    expired, is_taken = check_at_current_second(expired_and_taken)
    broken = f"\n{WIX.sign(claims())}\n"
    ends = replace(sdk, public_key=WIX.public_key).run(("webhook", expired), ("webhook", broken))
    assert ["error" in end for end in ends] == [True, True]
    assert [is_taken, taken(OURS.webhook, broken)] == [True, True]


def test_the_key_of_the_dashboard_serves_both(sdk: Sdk) -> None:
    token = WIX.webhook(INSTALLED, NOW)
    [end] = replace(sdk, public_key=WIX.dashboard_key).run(("webhook", token))
    assert "value" in end
    assert taken(WixJwt(WIX.dashboard_key, APP.app_id).webhook, token)


def test_what_the_sandbox_posts_of_an_install_the_sdk_hears(wix: WixSandbox, sdk: Sdk) -> None:
    with closing(AppBackend()) as app:
        wix.postman.subscribe(APP.app_id, app.url)
        wix.remove_app(APP.app_id, HERE)
        wix.install_app(APP.app_id, HERE)
        assert wix.changes.wait_until(lambda: len(app.bodies) >= 2, PATIENCE_SECONDS)
    ends = replace(sdk, public_key=wix.signer.dashboard_key).run(*(("webhook", body) for body in app.bodies))
    document = {
        "data": {"appId": APP.app_id},
        "metadata": {"instanceId": HERE, "identity": {"identityType": "WIX_USER"}},
    }
    assert [end["value"] for end in ends] == [{"AppRemoved": document}, {"AppInstalled": document}]
