"""The one rule for dates: RFC 3339 with an explicit offset, such as `2026-11-24T08:00:00Z`.

Libraries disagree about the edges, so they are drawn here, once, for payloads, versions and due dates:

- the separator is `T` or `t`; the offset is `Z`, `z` or `±hh:mm`, never `±hhmm` and never missing;
- the date must exist, in the years 0001 to 9999;
- second 60 is refused: an epoch count has no place of its own for a leap second, so it can't order versions;
- a fraction may have any length, and what lies below one nanosecond is cut off.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
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


def is_date(text: str) -> bool:
    """Whether the text is a full date that exists, such as `2026-11-24`."""
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def is_date_time(text: str) -> bool:
    """Whether the text is a date-time by the rule of this module."""
    match = _DATE_TIME.fullmatch(text)
    return match is not None and is_date(match["date"])


def parse_nanoseconds(text: str) -> int:
    """Nanoseconds since the epoch, exactly; ValueError, without the text in it, if it is no date-time."""
    match = _DATE_TIME.fullmatch(text)
    if match is None or not is_date(match["date"]):
        raise ValueError("not an RFC 3339 date-time with an offset")
    days = date.fromisoformat(match["date"]).toordinal() - _EPOCH
    offset = 60 * int(match["offset_hour"] or 0) + int(match["offset_minute"] or 0)
    minutes = 60 * int(match["hour"]) + int(match["minute"]) - (-offset if match["sign"] == "-" else offset)
    fraction = (match["fraction"] or "")[:9].ljust(9, "0")
    return (86_400 * days + 60 * minutes + int(match["second"])) * _NANOSECONDS + int(fraction)


def parse_milliseconds(text: str) -> int:
    """Whole milliseconds since the epoch; ValueError as for nanoseconds."""
    return parse_nanoseconds(text) // _NANOSECONDS_IN_A_MILLISECOND


def format_seconds(epoch_seconds: float) -> str:
    """The moment as RFC 3339 in UTC, with microseconds only where there are any."""
    return datetime.fromtimestamp(epoch_seconds, UTC).isoformat().removesuffix("+00:00") + "Z"
