"""The doorway of webhooks over sites in memory, and the events in which a function URL brings what Wix sends."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

from tests.sandbox.wix.signer import Signer, app_instance_event
from tests.support.forgery import signed_with_the_public_key, unsigned
from tests.support.memory_sites import MemorySites
from tests.support.rows import APP, SITE
from trigger_provider.adapters.system_clock import SystemClock
from trigger_provider.adapters.wix_jwt import WixJwt
from trigger_provider.decisions.policy import DAY
from trigger_provider.entrypoints.webhooks import Webhooks
from trigger_provider.use_cases.installs import Installs

WIX: Final = Signer()
STRANGER: Final = Signer()
VERIFIER: Final = WixJwt(WIX.public_key, APP)
NOW: Final = int(time.time())
"""In seconds; the real time, for a token's times are compared with it."""


@dataclass
class WebhookDoorway:
    """The doorway as Lambda would hold it."""

    sites: MemorySites = field(default_factory=MemorySites)

    def __post_init__(self) -> None:
        tokens = count()
        installs = Installs(self.sites, SystemClock(), lambda: f"token-{next(tokens)}", 45 * DAY)
        self.handle = Webhooks(VERIFIER, installs, APP)

    def status(self, event: dict[str, Any]) -> int:
        """Give the status of the answer, which never says more than that."""
        answer = self.handle(event)
        assert (answer["body"], set(answer)) == ("", {"statusCode", "headers", "body"})
        return int(answer["statusCode"])


def a_call(body: str | None, *, method: str = "POST", encoded: bool = False) -> dict[str, Any]:
    """Give the event of a call of a function URL; AWS puts into base64 what it does not know to be text."""
    http = {"method": method, "path": "/", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "Wix"}
    event = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/",
        "rawQueryString": "",
        "headers": {"content-type": "text/plain; charset=utf-8"},
        "requestContext": {"http": http, "stage": "$default", "routeKey": "$default"},
        "isBase64Encoded": encoded,
    }
    return event if body is None else {**event, **_carried(body, encoded=encoded)}


def signed(event: Mapping[str, Any]) -> dict[str, Any]:
    """Give a sample with the token that its body describes, which must be of this moment and of a key of this run.

    In the token Wix's inner texts are texts again; a sample shows what they say.
    """
    if not isinstance(body := event.get("body"), dict):
        return {**event}
    return {**event, **_carried(_token(**body["token"]), encoded=event["isBase64Encoded"])}


def _token(signedBy: str, algorithm: str, issuedSecondsAgo: int, lastsSeconds: int, data: dict[str, Any]) -> str:  # noqa: N803 - as samples spell it
    at = int(time.time()) - issuedSecondsAgo
    inner = {name: _inner_text(data[name]) for name in ("data", "identity")}
    claims = {"data": json.dumps({**data, **inner}), "iat": at, "exp": at + lastsSeconds}
    if algorithm == "none":
        return unsigned(claims)
    if algorithm == "HS256":
        return signed_with_the_public_key(claims, WIX.public_key)
    return (WIX if signedBy == "Wix" else STRANGER).sign(claims, algorithm)


def _inner_text(said: object) -> str:
    return said if isinstance(said, str) else json.dumps(said)


def _carried(body: str, *, encoded: bool) -> dict[str, Any]:
    return {"body": base64.b64encode(body.encode()).decode() if encoded else body, "isBase64Encoded": encoded}


def a_webhook(event_type: str = "AppRemoved", at: float = NOW, **changes: Any) -> str:  # noqa: ANN401 - any JSON
    """Give a token that Wix has signed; `changes` are of the event in it."""
    return WIX.webhook({**app_instance_event(event_type, SITE, APP), **changes}, at)
