"""Tokens of Wix, and of those who pretend to be Wix, with keys that are made for each run."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any, Final

from tests.sandbox.wix.signer import Signer
from tests.support.forged_tokens import signed_with_the_public_key, unsigned
from tests.support.function_url import Json, with_body
from tests.support.rows import APP
from trigger_provider.adapters.wix.jwt import WixJwt

WIX: Final = Signer()
STRANGER: Final = Signer()
SIGNATURES: Final = WixJwt(WIX.public_key, APP)


def as_signed(sample: Json) -> Json:
    """Return a sample with the token that its body describes, which must be of this moment and of a key of this run."""
    if not isinstance(body := sample.get("body"), dict):
        return sample
    return with_body(sample, _token(body["token"]), encoded=sample["isBase64Encoded"])


def _token(described: Json) -> str:
    at = int(time.time()) - described["issuedSecondsAgo"]
    claims = {**_said(described), "iat": at, "exp": at + described["lastsSeconds"]}
    if described["algorithm"] == "none":
        return unsigned(claims)
    if described["algorithm"] == "HS256":
        return signed_with_the_public_key(claims, WIX.public_key)
    return (WIX if described["signedBy"] == "Wix" else STRANGER).sign(claims, described["algorithm"])


def _said(described: Json) -> Mapping[str, Any]:
    """A webhook names no issuer, and in its token the inner texts are texts; a sample shows what they say."""
    data = described["data"]
    if "issuer" in described:
        return {"data": data, "iss": described["issuer"], "aud": described["audience"]}
    inner = {name: _text(data[name]) for name in ("data", "identity")}
    return {"data": json.dumps({**data, **inner})}


def _text(said: object) -> str:
    return said if isinstance(said, str) else json.dumps(said)
