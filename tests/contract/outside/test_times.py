"""Dates and times as clocks, languages and forms write them: which are taken, which are moments, and what is told."""

from __future__ import annotations

from typing import Final

from tests.contract.outside import Case, each, table
from tests.support.handlers import Handlers, a_visit, an_invoice, an_invoice_payload
from trigger_provider.cli.output import moment
from trigger_provider.domain.ledger.rows import ScheduledEntity
from trigger_provider.domain.payload.formats import FORMATS
from trigger_provider.domain.payload.rfc3339 import (
    find_what_is_missing,
    format_nanoseconds,
    is_date_time,
    parse_nanoseconds,
)

RFC: Final = "RFC 3339, sections 5.6 and 5.8"
ISO: Final = "RFC 3339, appendix A: what ISO 8601 has beside it; moment.js and Java's OffsetDateTime leave seconds out"
ZERO: Final = "Go's time package, IsZero: year 1; .NET's default(DateTime), DateTime.MinValue"
FOREVER: Final = "SQL's habit of 9999-12-31 for 'never'; Python's datetime.MAXYEAR"
SUITE: Final = "JSON-Schema-Test-Suite, draft7/optional/format/date-time.json"
MILLIS: Final = "Kafka's and Java's milliseconds taken for seconds: a year of five digits, or one far ahead"
FRACTION: Final = "Go's RFC3339Nano: fractions of one to nine digits; RFC 3339 sets no bound"

DUE_DATES: Final = table(
    Case("Go's zero", ZERO, "0001-01-01T00:00:00Z", "range"),
    Case("a zero that lies in year 0 of UTC", ZERO, "0001-01-01T00:00:00+01:00", "range"),
    Case("a second before the epoch", ZERO, "1969-12-31T23:59:59Z", "range"),
    Case("the epoch as seen from the east, which is before it", ZERO, "1970-01-01T00:00:00+01:00", "range"),
    Case("the epoch", ZERO, "1970-01-01T00:00:00Z", None),
    Case("the last second", FOREVER, "9999-12-31T23:59:59Z", None),
    Case("the last fraction", FOREVER, "9999-12-31T23:59:59.999999999Z", None),
    Case("a fraction that floats round up", FOREVER, "9999-12-31T23:59:59.9999999Z", None),
    Case(
        "the last second as seen from the west, which is in year 10000", FOREVER, "9999-12-31T23:59:59-01:00", "range"
    ),
    Case("no seconds", ISO, "2026-12-10T09:00+01:00", "format"),
    Case("a leap second", SUITE, "1998-12-31T23:59:60Z", "format"),
)
VERSIONS: Final = table(
    Case("now", MILLIS, "2026-11-24T08:00:00Z", None),
    Case("almost a day ahead", MILLIS, "2026-11-25T08:00:00Z", None),
    Case("more than a day ahead", MILLIS, "2026-11-25T08:00:00.000000001Z", "ahead"),
    Case("year 9999", FOREVER, "9999-12-31T23:59:59Z", "ahead"),
    Case("milliseconds as seconds, as far as years of four digits go", MILLIS, "5862-03-01T00:00:00Z", "ahead"),
    Case("a year of five digits", MILLIS, "58628-03-01T00:00:00Z", "format"),
    Case("Go's zero", ZERO, "0001-01-01T00:00:00Z", "range"),
    Case(".NET's zero with the offset of a machine", ZERO, "0001-01-01T00:00:00+01:00", "range"),
)
EXPLAINED: Final = table(
    Case("no seconds", ISO, "2026-12-10T09:00+01:00", "the seconds are missing"),
    Case(
        "no seconds and no offset, as datetime-local sends",
        ISO,
        "2026-12-10T09:00",
        "the seconds are missing and the offset is missing",
    ),
    Case("no offset, as Python's isoformat of a naive time", ISO, "2026-12-10T09:00:00", "the offset is missing"),
    Case("no time", ISO, "2026-12-10", "the time is missing and the offset is missing"),
    Case("a blank for the T, as Python's str()", RFC, "2026-12-10 09:00:00Z", "a T stands between date and time"),
    Case("an offset without colon, as strftime writes it", ISO, "2026-12-10T09:00:00+0100", "an offset has a colon"),
    Case(
        "an offset of hours alone, as PostgreSQL writes it",
        ISO,
        "2026-12-10 09:00:00+01",
        "a T stands between date and time and an offset has a colon",
    ),
    Case("no such day", SUITE, "2026-02-30T09:00:00Z", "there is no such day"),
    Case("a leap second", SUITE, "2016-12-31T23:59:60Z", "there is no second 60"),
    Case("no date at all", RFC, "tomorrow", None),
)
FORMS: Final = table(
    Case("a usual one", SUITE, "1963-06-19T08:30:06.283185Z", "taken"),
    Case("without fraction", SUITE, "1963-06-19T08:30:06Z", "taken"),
    Case("with a positive offset", SUITE, "1937-01-01T12:00:27.87+00:20", "taken"),
    Case("with a negative offset", SUITE, "1990-12-31T15:59:50.123-08:00", "taken"),
    Case("in lower case", SUITE, "1963-06-19t08:30:06.283185z", "taken"),
    Case("the largest offset", "JSON-Schema-Test-Suite #953", "2026-12-10T09:00:00+23:59", "taken"),
    Case("the smallest offset", "JSON-Schema-Test-Suite #953", "2026-12-10T09:00:00-23:59", "taken"),
    Case("Z and an offset", "JSON-Schema-Test-Suite #953", "2026-12-10T09:00:00Z+00:00", "refused"),
    Case("the RFC's own leap second, which orders nothing", "strict-rfc3339 #4", "1990-12-31T23:59:60Z", "refused"),
    Case("a leap second in no minute of UTC", "JSON-Schema-Test-Suite #953", "1998-12-31T23:59:60+01:00", "refused"),
    Case("30 February", "tdegrunt/jsonschema #285", "2019-02-30T09:22:46.000Z", "refused"),
    Case("minute 60", SUITE, "1990-12-31T23:60:59Z", "refused"),
    Case("hour 24", SUITE, "1990-12-31T24:00:00Z", "refused"),
    Case("day 31 of February", SUITE, "1990-02-31T15:59:59.123-08:00", "refused"),
    Case("an offset of 24 hours", SUITE, "1990-12-31T15:59:59-24:00", "refused"),
    Case("no date-time", SUITE, "06/19/1963 08:30:06 PST", "refused"),
    Case("a day of the year", f"{SUITE}; python-jsonschema #115", "2013-350T01:01:01", "refused"),
    Case("no padding of the month", SUITE, "1963-6-19T08:30:06.283185Z", "refused"),
    Case("no padding of the day", SUITE, "1963-06-1T08:30:06.283185Z", "refused"),
    Case("Bengali digits in the date", SUITE, "1963-06-1\u09ea" + "T00:00:00Z", "refused"),
    Case("Bengali digits in the time", SUITE, "1963-06-11T0\u09ea:00:00Z", "refused"),
    Case("an extended year", SUITE, "+11963-06-19T08:30:06.283185Z", "refused"),
    Case("a year alone in basic form", ISO, "20261210T090000Z", "refused"),
    Case("twelve digits of a second", FRACTION, "2026-12-10T09:00:00.123456789012Z", "taken"),
    Case("a fraction with a comma", ISO, "2026-12-10T09:00:00,5Z", "refused"),
    Case(
        "a zone in brackets, as Java and RFC 9557 write it",
        "RFC 9557, section 4.1",
        "2026-12-10T09:00:00+01:00[Europe/Berlin]",
        "refused",
    ),
    Case("an unknown offset", "RFC 3339, section 4.3", "2026-12-10T09:00:00-00:00", "taken"),
    Case(
        "a line break at the end",
        "Python's re: $ matches before a final line break",
        "2026-12-10T09:00:00Z\n",
        "refused",
    ),
)
SHOWN: Final = table(
    Case("to the nanosecond", FRACTION, "2026-12-10T09:00:00.123456789Z", "2026-12-10T09:00:00.123456789Z"),
    Case("a nanosecond alone", FRACTION, "2026-12-10T09:00:00.000000001Z", "2026-12-10T09:00:00.000000001Z"),
    Case("to the microsecond", FRACTION, "2026-12-10T09:00:00.123456Z", "2026-12-10T09:00:00.123456Z"),
    Case("the last there is", FOREVER, "9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999999Z"),
)


@each(DUE_DATES)
def test_a_due_date_is_a_moment_and_every_moment_that_is_taken_can_be_shown(case: Case[str, str | None]) -> None:
    handlers = Handlers()
    (answer,) = handlers.ask(an_invoice(payload=an_invoice_payload(due_date=case.given)))
    faults = [(fault["pointer"], fault["rule"]) for fault in answer.get("errors", [])]
    assert faults == ([] if case.expected is None else [("/payload/due_date", case.expected)])
    for row in handlers.ledger.rows.values():
        assert moment(row.expires_at)
        assert isinstance(row, ScheduledEntity)
        assert row.due_at is not None
        assert moment(row.due_at)


@each(VERSIONS)
def test_a_version_that_is_a_time_lies_no_more_than_a_day_ahead(case: Case[str, str | None]) -> None:
    (answer,) = Handlers().ask(a_visit(entityId="tab-1", version=case.given))
    faults = [(fault["pointer"], fault["rule"]) for fault in answer.get("errors", [])]
    assert faults == ([] if case.expected is None else [("/version", case.expected)])


@each(EXPLAINED)
def test_a_message_names_what_keeps_a_text_from_being_a_date_time(case: Case[str, str | None]) -> None:
    assert not is_date_time(case.given)
    assert find_what_is_missing(case.given) == case.expected
    (answer,) = Handlers().ask(an_invoice(payload=an_invoice_payload(due_date=case.given)))
    assert answer["errors"][0]["message"].endswith(case.expected or "2026-11-24T08:00:00Z")


@each(FORMS)
def test_a_text_is_a_date_time_or_is_none(case: Case[str, str]) -> None:
    assert FORMATS["date-time"].accepts(case.given) == (case.expected == "taken")


@each(SHOWN)
def test_a_moment_is_shown_exactly(case: Case[str, str]) -> None:
    assert format_nanoseconds(parse_nanoseconds(case.given)) == case.expected
