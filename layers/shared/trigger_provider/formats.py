"""The string formats a payload schema may name, each by a rule of our own.

Validators disagree about formats, and the one of the tests must agree with the one that ships: so neither is asked.
``uuid`` is no format of draft-07 although Wix uses it there, and ``number`` is Wix's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from trigger_provider.times import is_date, is_date_time


@dataclass(frozen=True, slots=True)
class Format:
    """Whether a string has the format, and what to tell someone whose string hasn't."""

    accepts: Callable[[str], bool]
    message: str


_UUID: Final = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
# Here and below `++` and `*+` give nothing back once it has matched: however a text ends, it is read once.
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[Ee][+-]?[0-9]++)?")
# The address of an HTML e-mail field: where almost all addresses come from.
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL: Final = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]++@{_LABEL}(?:\.{_LABEL})*+")
# The characters of RFC 3986, with a scheme in front.
_CHARACTER: Final = r"(?:[A-Za-z0-9._~:/?\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})"
_URI: Final = re.compile(rf"[A-Za-z][A-Za-z0-9+.-]*+:{_CHARACTER}++(?:#{_CHARACTER}*+)?")


def is_uuid(text: str) -> bool:
    """Whether the text is a GUID in its usual form: 8-4-4-4-12 hex digits, without braces."""
    return _UUID.fullmatch(text) is not None


def is_uri(text: str) -> bool:
    """Whether the text is an absolute URI; those of the web must name a host."""
    if not _URI.fullmatch(text):
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return bool(parts.netloc) or parts.scheme not in {"http", "https"}


FORMATS: Final[Mapping[str, Format]] = MappingProxyType(
    {
        "date": Format(is_date, "must be a date, such as 2026-11-24"),
        "date-time": Format(is_date_time, "must be a date-time with offset, such as 2026-11-24T08:00:00Z"),
        "email": Format(lambda text: _EMAIL.fullmatch(text) is not None, "must be an e-mail address"),
        "number": Format(lambda text: _NUMBER.fullmatch(text) is not None, "must be a number written as text"),
        "uri": Format(is_uri, "must be an absolute URI, such as https://example.com/a"),
        "uuid": Format(is_uuid, "must be a GUID, such as 6f2b9f6e-3d54-4c1c-9f0a-2b7c1d0e5a44"),
    }
)
