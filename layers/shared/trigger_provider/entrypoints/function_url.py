"""Calls of a function URL by Wix. The body is a token that Wix has signed, and nothing else.

AWS passes a call in version 2.0 of its payload format. No answer says why a token is refused, so that a forger learns
nothing. https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, TypeVar

from trigger_provider.domain.payload.formats import is_uuid
from trigger_provider.errors import ForeignEvent, MalformedToken, RefusedToken, UntrustedToken
from trigger_provider.observability.telemetry import increment, log

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trigger_provider.observability.log_events import LogEvent

Kind = TypeVar("Kind")


def token_of(event: object, limit: int) -> str:
    """Return the body of a POST, decoded if AWS has put it into base64. `MalformedToken` if it is none or too long.

    `limit` counts the characters before decoding. Raise `ForeignEvent` if the event is no call of a function URL: then
    a part of our own account sends it, and no stranger.
    """
    match event:
        case {"requestContext": {"http": {"method": str(method)}}, **call}:
            body = call.get("body") or ""
        case _:
            raise ForeignEvent("this function answers calls of its URL")
    if method != "POST":
        raise MalformedToken("method")
    if not isinstance(body, str) or len(body) > limit:
        raise MalformedToken("size")
    return _decode(body) if call.get("isBase64Encoded") else body


def member(document: Mapping[str, Any], name: str, kind: type[Kind]) -> Kind:
    """Return the value of a token's member. Raise `MalformedToken` if it is of another type."""
    if isinstance(said := document.get(name), kind):
        return said
    raise MalformedToken(name)


def site_in(document: Mapping[str, Any]) -> str:
    """Return the site that a token names, in the spelling of requests. Raise `MalformedToken` if it names none."""
    site = member(document, "instanceId", str)
    if not is_uuid(site):
        raise MalformedToken("instanceId")
    return site.lower()


def status_for(refused: RefusedToken, event: LogEvent, subject: str) -> int:
    """Record a refused token, and return the status of the answer."""
    log(event, rule=refused.rule)
    is_untrusted = isinstance(refused, UntrustedToken)
    increment(f"{subject}Untrusted" if is_untrusted else f"{subject}Malformed")
    return 401 if is_untrusted else 400


def answer(status: int, document: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return an answer. Without a document it has only a status."""
    kind, body = "text/plain", ""
    if document is not None:
        kind, body = "application/json", json.dumps(document, separators=(",", ":"))
    return {"statusCode": status, "headers": {"content-type": kind}, "body": body}


def _decode(body: str) -> str:
    try:
        return base64.b64decode(body, validate=True).decode("ascii")
    except ValueError:
        raise MalformedToken("JWT") from None
