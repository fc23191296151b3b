"""Tokens of Wix: what is taken, and every attack that is refused by the name of its rule."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from tests.sandbox.wix.signer import Signer, app_instance_event
from tests.support.forged_tokens import signed_with_the_public_key, unsigned, with_other_claims
from tests.support.rows import APP, SITE
from tests.support.waiting import check_at_current_second
from trigger_provider.adapters.wix.jwt import WixJwt
from trigger_provider.errors import MalformedToken, RefusedToken, UntrustedToken, UnusableKey

OTHER_APP = "5b1d3c1a-0000-4000-8000-000000000002"
WIX = Signer()
STRANGER = Signer()
OURS = WixJwt(WIX.public_key, APP)
# When this file was read, which may be long before a test of it runs.
NOW = int(time.time())
DAY = 86_400
EVENT = app_instance_event("AppInstalled", SITE, APP)
CALL = {"request": {"triggerKey": "invoice_due"}, "metadata": {"instanceId": SITE}}


def claims(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Return what a good webhook claims; None takes a claim away."""
    all_of_them = {"data": json.dumps(EVENT), "iat": NOW, "exp": NOW + DAY, **changes}
    return {name: claim for name, claim in all_of_them.items() if claim is not None}


def call_claims(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    return claims(**{"data": CALL, "iss": "wix.com", "aud": APP, **changes})


def webhook_rule(token: str, kind: type[RefusedToken]) -> str:
    with pytest.raises(RefusedToken) as refused:
        OURS.webhook(token)
    assert type(refused.value) is kind
    return refused.value.rule


def plugin_rule(token: str, kind: type[RefusedToken]) -> str:
    with pytest.raises(RefusedToken) as refused:
        OURS.service_plugin(token)
    assert type(refused.value) is kind
    return refused.value.rule


def test_a_webhook_gives_its_event_with_the_inner_texts_opened_and_the_moment_it_was_signed() -> None:
    signed = OURS.webhook(WIX.webhook(EVENT, NOW))
    assert signed.event == {**EVENT, "data": {"appId": APP}, "identity": {"identityType": "WIX_USER"}}
    assert signed.signed_at == NOW * 1000


def test_a_webhook_without_an_identity_is_taken_and_so_is_one_that_names_issuer_and_audience() -> None:
    event = {name: text for name, text in EVENT.items() if name != "identity"}
    token = WIX.sign(claims(data=json.dumps(event), iss="wix.com", aud=OTHER_APP))
    assert "identity" not in OURS.webhook(token).event


def test_an_empty_identity_counts_as_none() -> None:
    token = WIX.sign(claims(data=json.dumps({**EVENT, "identity": ""})))
    assert "identity" not in OURS.webhook(token).event


def test_a_line_break_around_a_token_does_no_harm() -> None:
    assert OURS.webhook(f"\n{WIX.webhook(EVENT, NOW)}\r\n").event["instanceId"] == SITE


def test_a_service_plugins_call_gives_its_data() -> None:
    assert OURS.service_plugin(WIX.service_plugin(CALL, APP, NOW)) == CALL


def test_the_public_key_may_be_given_as_pem_or_as_the_base64_of_the_dashboard() -> None:
    assert WixJwt(WIX.dashboard_key, APP).webhook(WIX.webhook(EVENT, NOW)).signed_at == NOW * 1000


def signed_at(token: str) -> int | None:
    """Return the moment that a webhook's token was signed, in milliseconds, or None if it is refused."""
    try:
        return OURS.webhook(token).signed_at
    except RefusedToken:
        return None


def test_clocks_may_differ_by_some_seconds() -> None:
    assert check_at_current_second(lambda now: signed_at(WIX.sign(claims(iat=now + 20))) == (now + 20) * 1000)
    assert check_at_current_second(lambda now: signed_at(WIX.sign(claims(exp=now - 2))) == NOW * 1000)


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", ""])
def test_a_token_that_needs_no_signature_by_its_own_word_is_refused(algorithm: str) -> None:
    assert webhook_rule(unsigned(claims(), algorithm), UntrustedToken) == "algorithm"
    assert plugin_rule(unsigned(call_claims(), algorithm), UntrustedToken) == "algorithm"


@pytest.mark.parametrize("secret", [WIX.public_key, WIX.public_key.strip(), WIX.dashboard_key])
def test_hs256_with_the_public_key_as_its_secret_is_refused(secret: str) -> None:
    assert webhook_rule(signed_with_the_public_key(claims(), secret), UntrustedToken) == "algorithm"
    assert plugin_rule(signed_with_the_public_key(call_claims(), secret), UntrustedToken) == "algorithm"


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256"])
def test_the_right_key_with_another_algorithm_is_refused(algorithm: str) -> None:
    assert webhook_rule(WIX.sign(claims(), algorithm=algorithm), UntrustedToken) == "algorithm"


def test_another_key_is_refused_and_so_is_one_that_the_token_brings_along() -> None:
    assert webhook_rule(STRANGER.sign(claims()), UntrustedToken) == "signature"
    brought = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(STRANGER.public))
    assert webhook_rule(STRANGER.sign(claims(), headers={"jwk": brought, "kid": "1"}), UntrustedToken) == "signature"


def test_claims_under_the_signature_of_others_are_refused() -> None:
    token = with_other_claims(WIX.sign(claims()), claims(data="{}"))
    assert webhook_rule(token, UntrustedToken) == "signature"


def test_an_expired_token_is_refused() -> None:
    assert webhook_rule(WIX.sign(claims(iat=NOW - 7200, exp=NOW - 3600)), UntrustedToken) == "expired"
    assert plugin_rule(WIX.sign(call_claims(exp=NOW - 3600)), UntrustedToken) == "expired"


def test_a_token_of_the_future_is_refused() -> None:
    assert webhook_rule(WIX.sign(claims(iat=NOW + DAY, exp=NOW + 2 * DAY)), UntrustedToken) == "not yet valid"


@pytest.mark.parametrize("missing", ["exp", "iat"])
def test_a_webhook_that_says_not_when_is_refused(missing: str) -> None:
    assert webhook_rule(WIX.sign(claims(**{missing: None})), UntrustedToken) == "claim missing"


@pytest.mark.parametrize("iat", ["1760000000", True, [], {}, 1e300, -1, "soon"])
def test_a_webhook_whose_time_is_no_number_is_refused(iat: object) -> None:
    with pytest.raises(RefusedToken):
        OURS.webhook(WIX.sign(claims(iat=iat)))


@pytest.mark.parametrize("missing", ["exp", "iss", "aud"])
def test_a_call_that_names_not_who_calls_whom_until_when_is_refused(missing: str) -> None:
    assert plugin_rule(WIX.sign(call_claims(**{missing: None})), UntrustedToken) == "claim missing"


@pytest.mark.parametrize("issuer", ["wix.com.example.org", "WIX.COM", "wix", "", ["wix.com"], {}])
def test_a_call_that_another_issues_is_refused(issuer: object) -> None:
    assert plugin_rule(WIX.sign(call_claims(iss=issuer)), UntrustedToken) == "issuer"


@pytest.mark.parametrize("audience", [OTHER_APP, [OTHER_APP], APP.upper(), [[APP]], {APP: APP}, 7])
def test_a_call_for_another_app_is_refused(audience: object) -> None:
    assert plugin_rule(WIX.sign(call_claims(aud=audience)), UntrustedToken) == "audience"


def test_neither_kind_of_token_passes_for_the_other() -> None:
    assert plugin_rule(WIX.webhook(EVENT, NOW), UntrustedToken) == "claim missing"
    assert webhook_rule(WIX.service_plugin(CALL, APP, NOW), MalformedToken) == "data must be JSON text"


@pytest.mark.parametrize(
    "body", ["", " ", "{}", "null", "a.b.c", "...", "aGk.aGk", json.dumps(EVENT), "é.é.é", "\ud800.a.b"]
)
def test_a_body_that_is_no_jwt_is_refused(body: str) -> None:
    assert webhook_rule(body, MalformedToken) == "JWT"
    assert plugin_rule(body, MalformedToken) == "JWT"


def test_a_body_too_long_is_refused_before_anything_is_looked_at() -> None:
    assert webhook_rule(WIX.sign(claims(padding="x" * 16 * 1024)), MalformedToken) == "size"
    assert plugin_rule("x" * (768 * 1024 + 1), MalformedToken) == "size"


def test_a_call_with_the_largest_payload_that_we_send_is_taken() -> None:
    payload = {"text": "é" * 64 * 1024}
    data = {"request": {"payload": payload}}
    assert OURS.service_plugin(WIX.service_plugin(data, APP, NOW)) == data


@pytest.mark.parametrize(
    "data, rule",
    [
        (None, "data must be JSON text"),
        ("", "data must be JSON text"),
        ("not JSON", "data must be JSON text"),
        (EVENT, "data must be JSON text"),
        ("[" * 5_000, "data must be JSON text"),
        ('"a text"', "data must be an object"),
        ("[]", "data must be an object"),
        ("{}", "data/data must be JSON text"),
        (json.dumps({**EVENT, "data": {"appId": APP}}), "data/data must be JSON text"),
        (json.dumps({**EVENT, "data": "appId"}), "data/data must be JSON text"),
        (json.dumps({**EVENT, "data": "[" * 2_000}), "data/data must be JSON text"),
        (json.dumps({**EVENT, "identity": "WIX_USER"}), "data/identity must be JSON text"),
        (json.dumps({**EVENT, "identity": 7}), "data/identity must be JSON text"),
    ],
)
def test_nested_data_that_is_not_json_is_refused_with_its_place(data: object, rule: str) -> None:
    assert webhook_rule(WIX.sign(claims(data=data)), MalformedToken) == rule


@pytest.mark.parametrize("data", [None, "text", json.dumps(CALL), [], 7])
def test_a_call_whose_data_is_no_object_is_refused(data: object) -> None:
    assert plugin_rule(WIX.sign(call_claims(data=data)), MalformedToken) == "data must be an object"


@pytest.mark.parametrize(
    "token",
    [
        WIX.sign(claims(data="ada@example.com")),
        WIX.sign(claims(data=json.dumps({**EVENT, "data": "ada@example.com"}))),
        WIX.sign(call_claims(aud="ada@example.com", iss="ada@example.com")),
        "ada@example.com",
    ],
)
def test_why_a_token_is_refused_is_told_without_anything_that_it_holds(token: str) -> None:
    for check in (OURS.webhook, OURS.service_plugin):
        with pytest.raises(RefusedToken) as refused:
            check(token)
        assert re.search("ada|example", f"{refused.value!r} {refused.value.__cause__!r}") is None
        assert refused.value.__context__ is None or refused.value.__suppress_context__


@pytest.mark.parametrize(
    "key",
    ["", "no key", "bm8ga2V5", WIX.public_key[:200], WIX.dashboard_key[:-8], Signer(bits=1024).public_key],
)
def test_a_key_that_cannot_be_used_is_said_to_be_so_without_showing_it(key: str) -> None:
    with pytest.raises(UnusableKey) as unusable:
        WixJwt(key, APP)
    assert not key or key not in str(unusable.value)


def test_a_key_of_another_kind_cannot_be_used() -> None:
    other = generate_private_key(SECP256R1()).public_key()
    with pytest.raises(UnusableKey, match="RSA"):
        WixJwt(other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(), APP)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(["data", "iat", "exp", "nbf", "iss", "aud", "sub", "jti"])


@given(st.text() | st.from_regex(r"\A[\w=-]*\.[\w=-]*\.[\w=-]*\Z"))
def test_whatever_comes_is_refused_and_nothing_else(body: str) -> None:
    for check in (OURS.webhook, OURS.service_plugin):
        with pytest.raises(RefusedToken):
            check(body)


@given(st.dictionaries(NAMES, JSON | JSON.map(json.dumps)))
def test_whatever_wix_might_sign_is_taken_or_refused_and_what_is_taken_keeps_the_rules(
    changes: Mapping[str, Any],
) -> None:
    try:
        signed = OURS.webhook(WIX.sign({**claims(), **changes}))
    except RefusedToken:
        return
    said = {**claims(), **changes}
    assert int(said["exp"]) > NOW - 60
    assert signed.signed_at == int(said["iat"] * 1000)
