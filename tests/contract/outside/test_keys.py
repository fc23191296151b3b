"""Public keys as people paste them: which are taken, and what is said of the others."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tests.contract.outside import Case, each, table
from tests.sandbox.wix.signer import Signer
from trigger_provider.adapters.wix.public_key import read_public_key
from trigger_provider.errors import UnusableKey

DASHBOARD: Final = "Wix, About Webhooks: the dashboard shows the public key as base64 of a PEM"
RFC: Final = "RFC 7468: textual encodings of PKIX structures"
SHELL: Final = "AWS SAM CLI issue 2054 and its like: a parameter that holds line breaks is cut or escaped"
PADDING: Final = "RFC 4648, section 3.2: padding may be left out"
WRAP: Final = "base64(1) wraps at 76 columns, openssl at 64; terminals and mails add blanks"
SECRET: Final = "PyJWT issues: somebody gives the private key where the public one belongs"

KEY: Final = rsa.generate_private_key(65537, 2048)
PEM: Final = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
INSIDE: Final = "".join(PEM.splitlines()[1:-1])
SHOWN: Final = base64.b64encode(PEM.encode()).decode()
PKCS1: Final = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.PKCS1).decode()
PRIVATE: Final = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
CURVE: Final = ec.generate_private_key(ec.SECP256R1()).public_key()
SMALL: Final = Signer(bits=1024).public
NO_KEY: Final = "it must be a public key as PEM, or the base64 of that"


@cache
def certificate() -> str:
    name, now = x509.Name([]), datetime.now(UTC)
    builder = x509.CertificateBuilder(
        name, name, KEY.public_key(), x509.random_serial_number(), now, now + timedelta(1)
    )
    return builder.sign(KEY, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


def wrapped(text: str, width: int, end: str = "\n") -> str:
    return end.join(re.findall(f".{{1,{width}}}", text))


def pem_of(key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


CASES: Final = table(
    Case("a PEM", RFC, PEM, None),
    Case("a PEM between blanks and lines", WRAP, f"\n \t{PEM}\n\n", None),
    Case("a PEM with Windows' line ends", RFC, PEM.replace("\n", "\r\n"), None),
    Case("a PEM in one line", SHELL, PEM.replace("\n", " "), None),
    Case("a PEM with escaped line ends", SHELL, PEM.replace("\n", "\\n"), None),
    Case("a PEM after some words", RFC, f"Bag Attributes: none\n{PEM}", None),
    Case("the inside of a PEM alone", SHELL, INSIDE, None),
    Case("the inside in lines", SHELL, wrapped(INSIDE, 64), None),
    Case("what the dashboard shows", DASHBOARD, SHOWN, None),
    Case("what the dashboard shows, in lines of 76", WRAP, wrapped(SHOWN, 76), None),
    Case("what the dashboard shows, in words", WRAP, wrapped(SHOWN, 40, " "), None),
    Case("what the dashboard shows, without padding", PADDING, SHOWN.rstrip("="), None),
    Case("a key of PKCS #1", RFC, PKCS1, None),
    Case("a certificate", RFC, certificate(), None),
    Case("the base64 of a certificate", DASHBOARD, base64.b64encode(certificate().encode()).decode(), None),
    Case("a private key", SECRET, PRIVATE, "it is a private key, which must stay secret: give the public one"),
    Case("the base64 of a private key", SECRET, base64.b64encode(PRIVATE.encode()).decode(), "it is a private key, .*"),
    Case("half of a PEM", RFC, PEM[: len(PEM) // 2], NO_KEY),
    Case("a PEM whose inside is no key", RFC, PEM.replace(INSIDE[:8], "AAAAAAAA"), NO_KEY),
    Case("nothing", DASHBOARD, "", NO_KEY),
    Case("words", DASHBOARD, "the key from the dashboard", NO_KEY),
    Case("letters of another alphabet", DASHBOARD, "ключ", NO_KEY),
    Case("a key for elliptic curves", RFC, pem_of(CURVE), "it must be a key for RSA"),
    Case("a key of 1,024 bits", RFC, pem_of(SMALL), "it must have at least 2048 bits"),
)


@each(CASES)
def test_a_public_key_is_taken_in_any_form_and_what_is_none_is_named(case: Case[str, str | None]) -> None:
    if case.expected is None:
        assert read_public_key(case.given).public_numbers() == KEY.public_key().public_numbers()
        return
    with pytest.raises(UnusableKey, match=f"^{case.expected}$") as unusable:
        read_public_key(case.given)
    assert unusable.value.__cause__ is None
