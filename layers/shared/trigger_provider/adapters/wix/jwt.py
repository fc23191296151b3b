"""Checks the JWTs that Wix sends. A token that is not Wix's is refused by the name of the rule that it breaks.

No content of a token is used before this check.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import jwt

from trigger_provider.adapters.wix.public_key import read_public_key
from trigger_provider.domain.delivery.results import SignedWebhook
from trigger_provider.domain.payload.json_text import NotJsonError, read_json
from trigger_provider.errors import MalformedToken, UntrustedToken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jwt.types import Options

_ALGORITHM: Final = "RS256"
"""Never read from the token: its writer could choose how it is checked."""

_ISSUER: Final = "wix.com"
_LEEWAY_SECONDS: Final = 30
"""By how much Wix's clock and ours may differ."""

_MOST_WEBHOOK_BYTES: Final = 16 * 1024
_MOST_PLUGIN_BYTES: Final = 768 * 1024
"""A payload of ours, with every character outside ASCII escaped, in base64."""

_RULES: Final[Mapping[type[Exception], str]] = {
    jwt.InvalidAlgorithmError: "algorithm",
    jwt.InvalidSignatureError: "signature",
    jwt.ExpiredSignatureError: "expired",
    jwt.ImmatureSignatureError: "not yet valid",
    jwt.InvalidIssuedAtError: "iat",
    jwt.InvalidIssuerError: "issuer",
    jwt.InvalidAudienceError: "audience",
    jwt.MissingRequiredClaimError: "claim missing",
}


class WixJwt:
    """Checks tokens with the app's public key: PEM, or the base64 of it that Wix's dashboard shows.

    Wix makes two kinds of tokens. A webhook names neither issuer nor audience; its `data` is JSON text that contains
    JSON text. A service plugin's call is issued by `wix.com` for the app, and its `data` is an object.
    """

    def __init__(self, public_key: str, app_id: str) -> None:
        self._key = read_public_key(public_key)
        self._app_id = app_id

    def webhook(self, token: str) -> SignedWebhook:
        """Return the content of a webhook. The caller must check that it is about our app."""
        claims = self._claims(token, _MOST_WEBHOOK_BYTES, {"require": ["exp", "iat"], "verify_aud": False})
        return SignedWebhook(_unfold(claims.get("data")), _milliseconds(claims["iat"]))

    def service_plugin(self, token: str) -> Mapping[str, Any]:
        """Return the `data` of a service plugin's call."""
        required: Options = {"require": ["exp", "iss", "aud"]}
        claims = self._claims(token, _MOST_PLUGIN_BYTES, required, issuer=_ISSUER, audience=self._app_id)
        return _object(claims.get("data"), "data")

    def _claims(
        self, token: str, most_bytes: int, options: Options, *, issuer: str | None = None, audience: str | None = None
    ) -> dict[str, Any]:
        if len(token) > most_bytes:
            raise MalformedToken("size")
        if not token.isascii():
            raise MalformedToken("JWT")
        try:
            return jwt.decode(
                token.strip(),
                self._key,
                algorithms=[_ALGORITHM],
                options=options,
                leeway=_LEEWAY_SECONDS,
                issuer=issuer,
                audience=audience,
            )
        except jwt.InvalidTokenError as error:
            rule = next((rule for kind, rule in _RULES.items() if isinstance(error, kind)), None)
            raise (UntrustedToken(rule) if rule else MalformedToken("JWT")) from None


def _unfold(data: object) -> Mapping[str, Any]:
    """Parse a webhook's three layers of JSON text. `identity` may be missing or empty."""
    event = _object(_parse(data, "data"), "data")
    if event.get("identity") == "":
        event = {name: text for name, text in event.items() if name != "identity"}
    inner = {"data": _parse(event.get("data"), "data/data")}
    if event.get("identity") is not None:
        inner["identity"] = _parse(event["identity"], "data/identity")
    return {**event, **inner}


def _parse(text: object, place: str) -> object:
    if not isinstance(text, str):
        raise MalformedToken(f"{place} must be JSON text")
    try:
        document: object = read_json(text)
    except NotJsonError:
        raise MalformedToken(f"{place} must be JSON text") from None
    return document


def _object(value: object, place: str) -> Mapping[str, Any]:
    if isinstance(value, dict):
        return value
    raise MalformedToken(f"{place} must be an object")


def _milliseconds(iat: object) -> int:
    if isinstance(iat, int | float) and not isinstance(iat, bool) and iat >= 0:
        return int(iat * 1000)
    raise MalformedToken("iat must be a number")
