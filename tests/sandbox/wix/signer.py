"""Signs what Wix sends to an app: webhooks, and the calls of service plugins."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

LASTS_SECONDS: Final = 3 * 24 * 3600
"""How long a token is good for, unless said otherwise: longer than Wix sends a webhook again."""


class Signer:
    """A key pair that is made with it and dies with it, so that no private key lies anywhere."""

    def __init__(self, bits: int = 2048) -> None:
        self._key = generate_private_key(public_exponent=65537, key_size=bits)

    @property
    def public(self) -> RSAPublicKey:
        """Return the public key."""
        return self._key.public_key()

    @property
    def public_key(self) -> str:
        """Return the public key as PEM."""
        return self.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    @property
    def dashboard_key(self) -> str:
        """Return the public key as the app dashboard shows it: the base64 of the PEM, in one line."""
        return base64.b64encode(self.public_key.encode()).decode()

    def webhook(self, event: Mapping[str, Any], at: float, lasts: int = LASTS_SECONDS) -> str:
        """Sign a webhook at a moment, for a time; both in seconds."""
        return self.sign({"data": json.dumps(event), "iat": int(at), "exp": int(at) + lasts})

    def service_plugin(self, data: Mapping[str, Any], app_id: str, at: float) -> str:
        """Sign a call of a service plugin at a moment in seconds."""
        return self.sign(
            {"data": data, "iss": "wix.com", "aud": app_id, "iat": int(at), "exp": int(at) + LASTS_SECONDS}
        )

    def sign(
        self, claims: Mapping[str, Any], algorithm: str = "RS256", headers: Mapping[str, Any] | None = None
    ) -> str:
        """Sign claims as they stand; the library that signs would refuse some of them."""
        return self.sign_text(json.dumps(claims), algorithm, headers)

    def sign_text(self, text: str, algorithm: str = "RS256", headers: Mapping[str, Any] | None = None) -> str:
        """Sign any text, even if it holds no claims."""
        return jwt.PyJWS().encode(text.encode(), self._key, algorithm, headers={"typ": "JWT", **(headers or {})})


def app_instance_event(event_type: str, site: str, app_id: str) -> dict[str, Any]:
    """Return the event of `AppInstalled` or `AppRemoved`, with JSON text for its inner parts as Wix has it."""
    return {
        "eventType": event_type,
        "instanceId": site,
        "data": json.dumps({"appId": app_id}),
        "identity": json.dumps({"identityType": "WIX_USER"}),
    }
