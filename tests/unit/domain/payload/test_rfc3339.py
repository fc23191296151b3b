from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trigger_provider.domain.payload.rfc3339 import (
    format_seconds,
    is_date,
    is_date_time,
    parse_milliseconds,
    parse_nanoseconds,
)

GOOD = [
    "2026-11-24T08:00:00Z",
    "2026-11-24t08:00:00z",
    "2026-11-24T08:00:00+00:00",
    "2026-11-24T08:00:00-00:00",
    "2026-11-24T08:00:00.5+14:00",
    "2024-02-29T23:59:59-23:59",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999999Z",
    "2026-11-24T08:00:00." + "1" * 200 + "Z",
]
BAD = {
    "no offset": "2026-11-24T08:00:00",
    "an offset without colon": "2026-11-24T08:00:00+0000",
    "an offset of hours alone": "2026-11-24T08:00:00+01",
    "an impossible offset": "2026-11-24T08:00:00+24:00",
    "a space as separator": "2026-11-24 08:00:00Z",
    "a date alone": "2026-11-24",
    "no seconds": "2026-11-24T08:00Z",
    "no such day": "2026-02-29T08:00:00Z",
    "no such month": "2026-13-01T08:00:00Z",
    "hour 24": "2026-11-24T24:00:00Z",
    "minute 60": "2026-11-24T08:60:00Z",
    "a leap second": "2016-12-31T23:59:60Z",
    "year zero": "0000-01-01T00:00:00Z",
    "a fraction without digits": "2026-11-24T08:00:00.Z",
    "a comma before the fraction": "2026-11-24T08:00:00,5Z",
    "digits of another script": "\uff12\uff10\uff12\uff16-11-24T08:00:00Z",
    "a line break at the end": "2026-11-24T08:00:00Z\n",
    "a space in front": " 2026-11-24T08:00:00Z",
    "a week date": "2026-W48-2T08:00:00Z",
    "no separators": "20261124T080000Z",
    "nothing": "",
}

offsets = st.integers(-(23 * 60 + 59), 23 * 60 + 59).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=offsets)  # noqa: DTZ001


@pytest.mark.parametrize("text", GOOD)
def test_an_rfc_3339_date_time_with_an_offset_is_taken(text: str) -> None:
    assert is_date_time(text)
    assert isinstance(parse_nanoseconds(text), int)


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_everything_else_is_refused(text: str) -> None:
    assert not is_date_time(text)
    with pytest.raises(ValueError, match="not an RFC 3339 date-time with an offset"):
        parse_nanoseconds(text)


def test_a_refusal_does_not_repeat_the_text() -> None:
    with pytest.raises(ValueError, match="RFC 3339") as refusal:
        parse_nanoseconds("the-secret")
    assert "the-secret" not in str(refusal.value)


@given(moments)
def test_every_moment_python_knows_is_read_as_python_reads_it(moment: datetime) -> None:
    exact = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    assert parse_nanoseconds(moment.isoformat()) == exact * 1000


def test_a_fraction_counts_to_the_nanosecond_and_is_cut_off_below() -> None:
    assert parse_nanoseconds("1970-01-01T00:00:00.123456789Z") == 123_456_789
    assert parse_nanoseconds("1970-01-01T00:00:00.1234567899Z") == 123_456_789
    assert parse_nanoseconds("1970-01-01T00:00:00.1Z") == 100_000_000


def test_an_offset_is_taken_off() -> None:
    assert parse_nanoseconds("1970-01-01T01:00:00+01:00") == 0
    assert parse_nanoseconds("1969-12-31T22:30:00-01:30") == 0


def test_moments_before_the_epoch_are_negative_and_stay_in_order() -> None:
    earlier, later = parse_nanoseconds("1969-12-31T23:59:59.1Z"), parse_nanoseconds("1969-12-31T23:59:59.2Z")
    assert earlier < later < 0


def test_milliseconds_are_cut_off_and_not_rounded() -> None:
    assert parse_milliseconds("1970-01-01T00:00:01.4999Z") == 1_499


def test_a_moment_is_written_in_utc_with_a_fraction_only_where_there_is_one() -> None:
    assert format_seconds(0) == "1970-01-01T00:00:00Z"
    assert format_seconds(1.5) == "1970-01-01T00:00:01.500000Z"


@given(st.integers(0, 4_000_000_000))
def test_what_is_written_is_read_back(seconds: int) -> None:
    assert parse_milliseconds(format_seconds(seconds)) == seconds * 1_000


@pytest.mark.parametrize("text", ["2026-11-24", "2024-02-29", "0001-01-01"])
def test_a_full_date_that_exists_is_taken(text: str) -> None:
    assert is_date(text)


@pytest.mark.parametrize("text", ["2026-02-30", "20261124", "2026-W48-2", "2026-11-24T08:00:00Z", "2026-1-1", ""])
def test_what_is_no_full_date_is_refused(text: str) -> None:
    assert not is_date(text)
