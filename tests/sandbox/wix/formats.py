"""The string formats of Wix's schema language (section 5.2), read strictly and independently of the bundle."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache

from jsonschema import FormatChecker

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
HOUR_MINUTE = r"(?:[01]\d|2[0-3]):[0-5]\d"
RFC_3339 = re.compile(
    rf"(\d{{4}}-\d\d-\d\dT{HOUR_MINUTE}):([0-5]\d|60)(?:\.\d+)?(Z|[+-]{HOUR_MINUTE})", re.IGNORECASE | re.ASCII
)
COLONLESS_OFFSET = re.compile(r"(?<=:\d\d)(\.\d+)?([+-]\d\d)(\d\d)$", re.ASCII)


def is_guid(text: object) -> bool:
    """Any 8-4-4-4-12 of hex digits; Wix asks for no particular version."""
    return isinstance(text, str) and GUID.fullmatch(text) is not None


def is_date_time(text: object) -> bool:
    """RFC 3339 section 5.6 with a real date; second 60 only in a minute where UTC can have a leap second."""
    match = RFC_3339.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return False
    minute, second, offset = match.groups()
    try:
        moment = datetime.fromisoformat(f"{minute}{offset}".upper())
        return second != "60" or moment.astimezone(UTC).strftime("%H:%M") == "23:59"
    except (ValueError, OverflowError):
        return False


def is_lenient_date_time(text: object) -> bool:
    """As above, but `+0000` and no offset at all pass too (section 4.3)."""
    if not isinstance(text, str):
        return False
    return any(map(is_date_time, (text, f"{text}Z", COLONLESS_OFFSET.sub(r"\1\2:\3", text))))


@cache
def checker(*, lenient: bool, ascii_emails: bool) -> FormatChecker:
    """Our reading of `uuid` and `date-time`, the library's of `date` and `email`; others aren't checked.

    The library's further checkers depend on what else is installed, which must not decide a verdict.
    """
    formats = FormatChecker(formats=["date", "email"])
    formats.checkers["uuid"] = (lambda value: not isinstance(value, str) or is_guid(value), ())
    moment = is_lenient_date_time if lenient else is_date_time
    formats.checkers["date-time"] = (lambda value: not isinstance(value, str) or moment(value), ())
    if ascii_emails:
        formats.checkers["email"] = (lambda value: not isinstance(value, str) or (value.isascii() and "@" in value), ())
    return formats
