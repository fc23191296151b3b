"""The doorway of Wix's service plugin over a ledger in memory, and the events in which Wix's questions come."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass, field
from typing import Any, Final

from tests.sandbox.wix.signer import Signer
from tests.support.doorways import CATALOGUE
from tests.support.forgery import signed_with_the_public_key, unsigned
from tests.support.memory_events import MemoryEvents
from tests.support.memory_ledger import MemoryLedger
from tests.support.rows import APP, SITE, TRIGGER
from trigger_provider.adapters.wix_jwt import WixJwt
from trigger_provider.entrypoints.service_plugin import ServicePlugin
from trigger_provider.events import Row
from trigger_provider.use_cases.refresh import Refresh

WIX: Final = Signer()
STRANGER: Final = Signer()
SIGNATURES: Final = WixJwt(WIX.public_key, APP)
REFRESH, VALIDATE, SCHEMA = "/refresh-payload", "/validate-configuration", "/dynamic-schema"

Json = dict[str, Any]


@dataclass
class GateDoorway:
    """The doorway as Lambda would hold it."""

    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    passes_unknown: bool = False

    def __post_init__(self) -> None:
        self.handle = ServicePlugin(
            SIGNATURES, Refresh(MemoryEvents(self.ledger)), lambda: CATALOGUE, self.passes_unknown
        )

    def put(self, *rows: Row) -> None:
        self.ledger.rows |= {row.key: row for row in rows}

    def answer(self, event: Json) -> tuple[int, Json]:
        """Give status and body of the answer."""
        answer = self.handle(event)
        assert set(answer) == {"statusCode", "headers", "body"}
        assert answer["headers"] == {"content-type": "application/json"}
        return answer["statusCode"], json.loads(answer["body"])


def a_question(body: str | None, path: str = REFRESH, *, method: str = "POST", encoded: bool = False) -> Json:
    """Give the event of a call of a function URL; AWS puts into base64 what it does not know to be text."""
    http = {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "Wix"}
    event: Json = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": "text/plain; charset=utf-8"},
        "requestContext": {"http": http, "stage": "$default", "routeKey": "$default"},
        "isBase64Encoded": encoded,
    }
    return event if body is None else {**event, **_carried(body, encoded=encoded)}


def a_refresh(event: str | None, **changes: object) -> Json:
    """Give what is asked before an action; `changes` are of the request."""
    return {"triggerKey": TRIGGER, "externalEntityId": event, "payload": {"amount": 0}, **changes}


def metadata(**changes: object) -> Json:
    """Give what Wix says beside every question; `changes` are of it."""
    extension = {"appExtensionType": "AUTOMATIONS_TRIGGER_PROVIDER"}
    return {"requestId": "request 1", "instanceId": SITE, "languages": ["en"], **extension, **changes}


def signed(request: object, **changes: object) -> str:
    """Give the token of a question; `changes` are of its metadata."""
    return WIX.service_plugin({"request": request, "metadata": metadata(**changes)}, APP, time.time())


def as_signed(sample: Json) -> Json:
    """Give a sample with the token that its body describes, which must be of this moment and of a key of this run."""
    if not isinstance(body := sample["body"], dict):
        return sample
    return {**sample, **_carried(_token(**body["token"]), encoded=sample["isBase64Encoded"])}


def _token(
    signedBy: str, algorithm: str, issuedSecondsAgo: int, lastsSeconds: int, issuer: str, audience: str, data: object  # noqa: N803 - as samples spell it
) -> str:  # fmt: skip
    at = int(time.time()) - issuedSecondsAgo
    claims = {"data": data, "iss": issuer, "aud": audience, "iat": at, "exp": at + lastsSeconds}
    if algorithm == "none":
        return unsigned(claims)
    if algorithm == "HS256":
        return signed_with_the_public_key(claims, WIX.public_key)
    return (WIX if signedBy == "Wix" else STRANGER).sign(claims, algorithm)


def _carried(body: str, *, encoded: bool) -> Json:
    return {"body": base64.b64encode(body.encode()).decode() if encoded else body, "isBase64Encoded": encoded}
