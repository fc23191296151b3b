r"""Reads the app's public key in any form in which people paste it: from Wix's dashboard, a file, or a terminal.

The dashboard shows the base64 of a PEM. On its way that gets line breaks, blanks or `\n`, or loses its padding.
"""

from __future__ import annotations

import base64
import re
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from trigger_provider.errors import UnusableKey

_LEAST_BITS: Final = 2048
_PEM: Final = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
_BLANKS: Final = re.compile(r"\s+")


def read_public_key(text: str) -> RSAPublicKey:
    """Return the key, or raise `UnusableKey` that says what was given instead. It never quotes the text."""
    label, der = _unwrap(text)
    if "PRIVATE" in label:
        raise UnusableKey("it is a private key, which must stay secret: give the public one")
    try:
        key = _key_of_certificate(der) if "CERTIFICATE" in label else load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm):
        raise UnusableKey("it must be a public key as PEM, or the base64 of that") from None
    if not isinstance(key, RSAPublicKey):
        raise UnusableKey("it must be a key for RSA")
    if key.key_size < _LEAST_BITS:
        raise UnusableKey(f"it must have at least {_LEAST_BITS} bits")
    return key


def _unwrap(text: str) -> tuple[str, bytes]:
    """Return the label of a PEM and the bytes in it. Without a PEM the label is empty."""
    text = text.replace("\\n", "\n").replace("\\r", "")
    if "-----BEGIN" not in text:
        decoded = _decode(text)
        if not decoded.startswith(b"-----BEGIN"):
            return "", decoded
        text = decoded.decode("latin-1")
    match = _PEM.search(text)
    if match is None:
        raise UnusableKey("it must be a public key as PEM, or the base64 of that")
    return match[1], _decode(match[2])


def _decode(text: str) -> bytes:
    compact = _BLANKS.sub("", text).rstrip("=")
    try:
        return base64.b64decode(compact + "=" * (-len(compact) % 4), validate=True)
    except ValueError:
        raise UnusableKey("it must be a public key as PEM, or the base64 of that") from None


def _key_of_certificate(der: bytes) -> object:
    from cryptography.x509 import load_der_x509_certificate  # noqa: PLC0415 - seldom needed, and slow to import

    return load_der_x509_certificate(der).public_key()
