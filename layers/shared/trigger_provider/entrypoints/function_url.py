"""What Wix sends to a function URL: a token that it has signed, and nothing beside it.

AWS hands a call over in the second format of its payload, and no answer of ours says why a token is refused, so that a
forger learns nothing. https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
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


def token_of(event: object, most: int) -> str:
    """Return the body of a POST, which AWS may have put into base64; `MalformedToken` if it is none, or too long.

    `most` counts the characters that AWS hands over: nothing longer is looked at. `ForeignEvent` if the event is no
    call of a function URL: then it is ours to see who sends it, and no stranger's doing.
    """
    match event:
        case {"requestContext": {"http": {"method": str(method)}}, **call}:
            body = call.get("body") or ""
        case _:
            raise ForeignEvent("this function answers calls of its URL")
    if method != "POST":
        raise MalformedToken("method")
    if not isinstance(body, str) or len(body) > most:
        raise MalformedToken("size")
    return _decode(body) if call.get("isBase64Encoded") else body


def member(document: Mapping[str, Any], name: str, kind: type[Kind]) -> Kind:
    """Return what a token says under a name, or raise `MalformedToken` if it isn't of that kind."""
    if isinstance(said := document.get(name), kind):
        return said
    raise MalformedToken(name)


def site_in(document: Mapping[str, Any]) -> str:
    """Return the site that a token names, as requests name it, or raise `MalformedToken`."""
    site = member(document, "instanceId", str)
    if not is_uuid(site):
        raise MalformedToken("instanceId")
    return site.lower()


def status_for(refused: RefusedToken, event: LogEvent, subject: str) -> int:
    """Account for a token that is refused, and give the status that says so."""
    log(event, rule=refused.rule)
    is_untrusted = isinstance(refused, UntrustedToken)
    increment(f"{subject}Untrusted" if is_untrusted else f"{subject}Malformed")
    return 401 if is_untrusted else 400


def answer(status: int, document: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return an answer; without a document it says no more than its status."""
    kind, body = "text/plain", ""
    if document is not None:
        kind, body = "application/json", json.dumps(document, separators=(",", ":"))
    return {"statusCode": status, "headers": {"content-type": kind}, "body": body}


def _decode(body: str) -> str:
    try:
        return base64.b64decode(body, validate=True).decode("ascii")
    except ValueError:
        raise MalformedToken("JWT") from None
