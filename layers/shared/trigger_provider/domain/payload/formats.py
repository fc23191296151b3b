"""The string formats that a payload schema may name. Each has our own rule.

Validators disagree about formats, and the validator of the tests must agree with the one in production. So both use our
rules. A format of JSON Schema without a rule here is an annotation. `uuid` is no format of draft-07, but Wix uses it
there. `number` is Wix's own.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

from trigger_provider.domain.payload.rfc3339 import find_what_is_missing, is_date, is_date_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def _explain_nothing(_: str) -> None:
    return None


class Format(NamedTuple):
    """A rule that says whether a string has the format, and the message for a string that does not.

    `surely` is a regular expression so simple that every engine reads it alike. It matches almost all good strings, and
    no other string. `explain` names what is wrong with a string, and quotes nothing of it.
    """

    accepts: Callable[[str], bool]
    message: str
    surely: str
    explain: Callable[[str], str | None] = _explain_nothing

    def describe(self, value: object) -> str:
        """Return the message for the producer of this string."""
        reason = self.explain(value) if isinstance(value, str) else None
        return f"{self.message}: {reason}" if reason else self.message


_UUID: Final = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
# Here and below `++` and `*+` give nothing back once it has matched: however a text ends, it is read once.
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[Ee][+-]?[0-9]++)?")
# The address of an HTML e-mail field, where almost all addresses come from; and beyond it what RFC 6531 has:
# characters of all alphabets, and a local part in quotation marks.
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ANY: Final = "\u00a1-\U0010ffff"
_ANY_LABEL: Final = rf"[A-Za-z0-9{_ANY}](?:[A-Za-z0-9{_ANY}-]{{0,61}}[A-Za-z0-9{_ANY}])?"
_QUOTED: Final = rf'"(?:[ !#-\[\]-~{_ANY}]|\\[ -~])*+"'
_LOCAL: Final = rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~{_ANY}-]++"
_EMAIL: Final = re.compile(rf"(?:{_LOCAL}|{_QUOTED})@{_ANY_LABEL}(?:\.{_ANY_LABEL})*+")
# The characters of RFC 3986, with a scheme in front.
_CHARACTER: Final = r"(?:[A-Za-z0-9._~:/?\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})"
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*+:")
_URI: Final = re.compile(rf"[A-Za-z][A-Za-z0-9+.-]*+:{_CHARACTER}++(?:#{_CHARACTER}*+)?")

# What surely has a format. The validator's engine reads these in linear time, whatever stands there.
_SURE_DAY: Final = (  # each of these centuries but 29 February
    r"(?:19|20)[0-9]{2}-"
    r"(?:02-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:0[1-9]|[12][0-9]|30)|(?:0[13578]|1[02])-31)"
)
_SURE_TIME: Final = r"(?:[01][0-9]|2[0-3])(?::[0-5][0-9]){2}(?:\.[0-9]+)?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
_SURE_EMAIL: Final = rf"[A-Za-z0-9._+-]+@{_LABEL}(?:\.{_LABEL})*"
_SURE_NUMBER: Final = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?"
_SURE_URI: Final = r"https?://[A-Za-z0-9.-]+(?:/(?:[A-Za-z0-9._~:/?@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)?"


def _explain_uri(text: str) -> str | None:
    if _SCHEME.match(text) is None:
        return "the scheme is missing, such as https:"
    return None if _URI.fullmatch(text) else "a character of it is none of a URI, or a % is not followed by two digits"


def is_uuid(text: str) -> bool:
    """Return whether the text is a GUID in its usual form: 8-4-4-4-12 hex digits, without braces."""
    return _UUID.fullmatch(text) is not None


def is_number(text: str) -> bool:
    """Return whether JSON allows the text as a number."""
    return _NUMBER.fullmatch(text) is not None


def is_email(text: str) -> bool:
    """Return whether a browser's e-mail field would accept the text, or it is such an address in another alphabet."""
    return _EMAIL.fullmatch(text) is not None and text.isprintable()


def is_uri(text: str) -> bool:
    """Return whether the text is an absolute URI. A URI of the web must name a host."""
    if not _URI.fullmatch(text):
        return False
    try:
        parts = urlsplit(text)
        is_located = bool(parts.hostname) and (parts.port is None or parts.port >= 0)  # reading it may raise, too
    except ValueError:
        return False
    return is_located or parts.scheme not in {"http", "https"}


FORMATS: Final[Mapping[str, Format]] = MappingProxyType(
    {
        "date": Format(is_date, "must be a date, such as 2026-11-24", _SURE_DAY),
        "date-time": Format(
            is_date_time,
            "must be a date-time with offset, such as 2026-11-24T08:00:00Z",
            f"{_SURE_DAY}T{_SURE_TIME}",
            find_what_is_missing,
        ),
        "email": Format(is_email, "must be an e-mail address", _SURE_EMAIL),
        "number": Format(is_number, "must be a number written as text", _SURE_NUMBER),
        "uri": Format(is_uri, "must be an absolute URI, such as https://example.com/a", _SURE_URI, _explain_uri),
        "uuid": Format(is_uuid, "must be a GUID, such as 6f2b9f6e-3d54-4c1c-9f0a-2b7c1d0e5a44", _UUID.pattern),
    }
)
