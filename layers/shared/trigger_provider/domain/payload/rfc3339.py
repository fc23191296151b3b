"""The one rule for dates: RFC 3339 with an explicit offset, such as `2026-11-24T08:00:00Z`.

Libraries disagree about the edge cases. This module decides them for payloads, versions and due dates:

- the separator is `T` or `t`; the offset is `Z`, `z` or `±hh:mm`, never `±hhmm` and never missing;
- the date must exist, in the years 0001 to 9999;
- second 60 is refused: an epoch count has no number for a leap second, so it can't order versions;
- a fraction may have any length, and digits below one nanosecond are cut off.

A *moment* is a date-time with which we calculate, such as a version or a due date. It lies in the years 1970 to 9999 of
UTC. So every moment can be shown. The zero dates of Go and .NET, which mean that there is no date, are no moments.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATE_TIME: Final = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]"
    r"(?P<hour>[01][0-9]|2[0-3]):(?P<minute>[0-5][0-9]):(?P<second>[0-5][0-9])(?:\.(?P<fraction>[0-9]++))?"
    r"(?:[Zz]|(?P<sign>[+-])(?P<offset_hour>[01][0-9]|2[0-3]):(?P<offset_minute>[0-5][0-9]))"
)
_EPOCH: Final = date(1970, 1, 1).toordinal()
_NANOSECONDS: Final = 1_000_000_000
_NANOSECONDS_IN_A_MILLISECOND: Final = 1_000_000
_NANOSECONDS_IN_A_MICROSECOND: Final = 1_000
_ZERO: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_SHOWN: Final = (datetime.min.replace(tzinfo=UTC) - _ZERO) // timedelta(microseconds=1)
_LAST_SHOWN: Final = (datetime.max.replace(tzinfo=UTC) - _ZERO) // timedelta(microseconds=1)
_ALMOST: Final = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:(?P<separator>[Tt ])(?P<minutes>[0-9]{2}:[0-9]{2})(?P<seconds>:[0-9]{2})?(?:[.,][0-9]++)?)?"
    r" ?(?P<offset>[Zz]|[+-][0-9]{2}(?P<colon>:?)(?:[0-9]{2})?)?"
)


def is_date(text: str) -> bool:
    """Return whether the text is a full date that exists, such as `2026-11-24`."""
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def is_date_time(text: str) -> bool:
    """Return whether the text is a date-time by the rule of this module."""
    match = _DATE_TIME.fullmatch(text)
    return match is not None and is_date(match["date"])


def parse_nanoseconds(text: str) -> int:
    """Return nanoseconds since the epoch, exactly. Raise `ValueError`, without the text, if it is no date-time."""
    match = _DATE_TIME.fullmatch(text)
    if match is None or not is_date(match["date"]):
        raise ValueError("not an RFC 3339 date-time with an offset")
    days = date.fromisoformat(match["date"]).toordinal() - _EPOCH
    offset = 60 * int(match["offset_hour"] or 0) + int(match["offset_minute"] or 0)
    minutes = 60 * int(match["hour"]) + int(match["minute"]) - (-offset if match["sign"] == "-" else offset)
    fraction = (match["fraction"] or "")[:9].ljust(9, "0")
    return (86_400 * days + 60 * minutes + int(match["second"])) * _NANOSECONDS + int(fraction)


def parse_milliseconds(text: str) -> int:
    """Return whole milliseconds since the epoch. Raise `ValueError` as for nanoseconds."""
    return parse_nanoseconds(text) // _NANOSECONDS_IN_A_MILLISECOND


def is_moment(text: str) -> bool:
    """Return whether a date-time is a moment, as defined above."""
    return parse_moment(text) is not None


def parse_moment(text: str) -> int | None:
    """Return whole milliseconds since the epoch, or None if it is no moment. Raise `ValueError` as for nanoseconds."""
    nanoseconds = parse_nanoseconds(text)
    is_one = 0 <= nanoseconds // _NANOSECONDS_IN_A_MICROSECOND <= _LAST_SHOWN
    return nanoseconds // _NANOSECONDS_IN_A_MILLISECOND if is_one else None


def format_seconds(epoch_seconds: float) -> str:
    """Return the moment as RFC 3339 in UTC, with microseconds only if there are any."""
    return format_nanoseconds(round(epoch_seconds * 1_000_000) * _NANOSECONDS_IN_A_MICROSECOND)


def format_nanoseconds(nanoseconds: int) -> str:
    """Return the moment as RFC 3339 in UTC, exactly. One outside the years 1 to 9999 becomes their first or last."""
    microseconds, rest = divmod(nanoseconds, _NANOSECONDS_IN_A_MICROSECOND)
    shown = min(max(microseconds, _FIRST_SHOWN), _LAST_SHOWN)
    text = (_ZERO + timedelta(microseconds=shown)).isoformat().removesuffix("+00:00")
    return f"{text}{rest:03}Z" if rest and "." in text else f"{text}.000000{rest:03}Z" if rest else f"{text}Z"


def find_what_is_missing(text: str) -> str | None:
    """Return in words what keeps a text from being a date-time, if it is nearly one."""
    match = _ALMOST.fullmatch(text)
    if match is None:
        return None
    lacks_time = match["separator"] is None
    parts = {
        "the time is missing": lacks_time,
        "a T stands between date and time": match["separator"] == " ",
        "the seconds are missing": not lacks_time and match["seconds"] is None,
        "the offset is missing": match["offset"] is None,
        "an offset has a colon": match["colon"] == "" and match["offset"] not in (None, "Z", "z"),
        "there is no such day": not is_date(match["date"]),
        "there is no second 60": match["seconds"] == ":60",
    }
    return " and ".join(words for words, holds in parts.items() if holds) or None
