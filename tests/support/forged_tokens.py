"""Tokens that no library would sign: each is an attack that has worked somewhere."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any


def unsigned(claims: Mapping[str, Any], algorithm: str = "none") -> str:
    """Return a token that says it needs no signature."""
    return f"{_segment({'alg': algorithm, 'typ': 'JWT'})}.{_segment(claims)}."


def signed_with_the_public_key(claims: Mapping[str, Any], public_key: str) -> str:
    """Return a token whose secret is what everybody may know: it is good if the token says how it is checked."""
    signing_input = f"{_segment({'alg': 'HS256', 'typ': 'JWT'})}.{_segment(claims)}"
    mac = hmac.new(public_key.encode(), signing_input.encode(), hashlib.sha256).digest()
    return f"{signing_input}.{_text(mac)}"


def with_other_claims(token: str, claims: Mapping[str, Any]) -> str:
    """Return a token with the signature of another."""
    header, _, signature = token.split(".")
    return f"{header}.{_segment(claims)}.{signature}"


def _segment(content: Mapping[str, Any]) -> str:
    return _text(json.dumps(content).encode())


def _text(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()
