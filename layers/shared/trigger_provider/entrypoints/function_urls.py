"""Calls of a function URL, in the second format of their payload.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from trigger_provider.errors import MalformedToken


def text_of(event: Mapping[str, Any], most: int) -> str:
    """Give the body of a POST, which AWS may have put into base64; `MalformedToken` if it is none, or too long.

    `most` counts the characters that AWS hands over: nothing longer is looked at.
    """
    body = event.get("body") or ""
    if event["requestContext"]["http"]["method"] != "POST":
        raise MalformedToken("method")
    if len(body) > most:
        raise MalformedToken("size")
    return _decoded(body) if event.get("isBase64Encoded") else body


def answer(status: int) -> dict[str, Any]:
    """Give an answer that says no more than its status."""
    return {"statusCode": status, "headers": {"content-type": "text/plain"}, "body": ""}


def _decoded(body: str) -> str:
    try:
        return base64.b64decode(body, validate=True).decode("ascii")
    except ValueError:
        raise MalformedToken("JWT") from None
