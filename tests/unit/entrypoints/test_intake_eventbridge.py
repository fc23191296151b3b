from __future__ import annotations

import json

import pytest

from tests.support.bad_requests import BAD, ENTITY, PLANTED, Bad, cancel, invoice, payable, visit
from tests.support.handlers import (
    NOW,
    RETENTION,
    BusyLedger,
    Handlers,
    a_batch,
    a_cancel,
    a_visit,
    an_envelope,
    an_invoice,
    the_last_generation,
    without,
)
from tests.support.log import Log
from tests.support.noise import noise
from tests.support.rows import APP, SITE
from trigger_provider.domain.aws_limits import SQS_MESSAGE_BYTES
from trigger_provider.domain.catalogue.reserved_names import OUTCOME_DETAIL_TYPE, OWN_SOURCE
from trigger_provider.domain.ledger.ids import entity_key
from trigger_provider.domain.ledger.rows import State
from trigger_provider.domain.payload.rfc3339 import format_seconds
from trigger_provider.errors import LedgerUnavailable, NotKept, QueueUnavailable, RepeatLater

EVERY_BAD_REQUEST = [pytest.param(bad, id=name) for name, bad in BAD.items()]
TAB = entity_key(APP, SITE, "page_visited", "tab-1")


def an_event_for(bad: Bad) -> dict[str, object]:
    """Return an envelope that can lend its request neither id nor version."""
    return without(an_envelope(bad.request), "id", "time")


def a_booking(price: object) -> dict[str, object]:
    detail = {
        "instanceId": SITE,
        "contactId": "6f2b9f6e-3d54-4c1c-9f0a-2b7c1d0e5a44",
        "booking": {"id": ENTITY, "price": {"amount": price}},
        "session": {"title": "planted title", "startsAt": "2026-12-01T18:30:00+01:00"},
    }
    return an_envelope(detail, "com.example.bookings", "Session Booked")


@pytest.mark.parametrize("bad", EVERY_BAD_REQUEST)
def test_a_bad_event_lies_whole_on_the_refused_queue_at_once(bad: Bad) -> None:
    handlers = Handlers()
    event = an_event_for(bad)
    handlers.eventbridge.handle(event)
    assert handlers.reasons() == [("invalid", *bad.written[0])]
    assert json.loads(handlers.refusals.refused[0].body) == event


@pytest.mark.parametrize("bad", EVERY_BAD_REQUEST)
def test_a_bad_event_changes_no_row(bad: Bad) -> None:
    handlers = Handlers()
    handlers.ask(invoice(), visit(), cancel(triggerKey="page_visited", version="2026-01-01T00:00:00Z"))
    before, sent = dict(handlers.ledger.rows), list(handlers.outbox.sent)
    assert len(before) == 3
    handlers.eventbridge.handle(an_event_for(bad))
    assert handlers.ledger.rows == before
    assert handlers.outbox.sent == sent


@pytest.mark.parametrize("bad", EVERY_BAD_REQUEST)
def test_a_bad_event_is_one_line_and_one_metric_without_its_values(bad: Bad, log: Log) -> None:
    handlers = Handlers()
    handlers.eventbridge.handle(an_event_for(bad))
    (line,) = log.lines
    assert (line["level"], line["log_event"]) == ("WARNING", "INTAKE_002")
    assert line["violations"] == [{"pointer": pointer, "rule": rule} for pointer, rule in bad.written]
    assert log.counts == {"Refused": 1}
    (refusal,) = handlers.refusals.refused
    assert PLANTED not in log.text + refusal.outcome + refusal.pointer + refusal.rule


def test_a_good_event_is_taken() -> None:
    handlers = Handlers()
    handlers.eventbridge.handle(an_envelope(a_visit()))
    assert [row.state for row in handlers.ledger.rows.values()] == [State.PENDING]
    assert [message.key for message in handlers.outbox.sent] == list(handlers.ledger.rows)


def test_one_event_three_times_is_taken_once(log: Log) -> None:
    handlers = Handlers()
    for _ in range(3):
        handlers.eventbridge.handle(a_booking("25.00"))
    assert [row.revision for row in handlers.ledger.rows.values()] == [1, 1]
    assert len(handlers.outbox.sent) == 2
    assert log.counts == {"Accepted": 2, "Duplicate": 4}
    assert PLANTED not in log.text


def test_two_events_with_equal_details_are_two_occurrences() -> None:
    handlers = Handlers()
    event = an_envelope(without(a_visit(), "id"))
    handlers.eventbridge.handle(event)
    handlers.eventbridge.handle({**event, "id": "another"})
    assert len(handlers.ledger.rows) == 2


def test_of_one_event_what_is_right_is_taken_and_what_is_wrong_is_refused(log: Log) -> None:
    handlers = Handlers()
    event = a_booking(25)
    handlers.eventbridge.handle(event)
    assert [row.trigger for row in handlers.ledger.rows.values()] == ["session_starting"]
    assert handlers.reasons() == [("invalid", "/payload/price", "type")]
    assert json.loads(handlers.refusals.refused[0].body) == event
    assert log.counts == {"Accepted": 1, "Refused": 1}
    assert PLANTED not in log.text


@pytest.mark.parametrize(
    "event",
    [
        an_envelope({"planted": "planted"}, "com.example.billing", "planted"),
        an_envelope(a_cancel(), OWN_SOURCE),
        an_envelope(a_cancel(), OWN_SOURCE, "Invoice Paid"),
        an_envelope({}, OWN_SOURCE, OUTCOME_DETAIL_TYPE),
    ],
)
def test_an_event_that_no_binding_matches_is_a_metric_and_nothing_more(event: dict[str, object], log: Log) -> None:
    handlers = Handlers()
    handlers.eventbridge.handle(event)
    assert (handlers.ledger.rows, handlers.outbox.sent, handlers.refusals.refused) == ({}, [], [])
    assert log.events == [("INFO", "INTAKE_004")]
    assert log.counts == {"Unmatched": 1}
    assert PLANTED not in log.text


NO_EVENTS: dict[str, tuple[object, str, str]] = {
    "a list, as a pipe sends it": ([an_envelope(a_visit())], "", "envelope"),
    "null": (None, "", "envelope"),
    "a text": ("planted", "", "envelope"),
    "a number": (7, "", "envelope"),
    "an empty object": ({}, "", "envelope"),
    "a bare request": (a_visit(page_title="planted"), "", "bare-request"),
    "requests for intake_direct": ({"requests": [a_visit()]}, "", "bare-request"),
    "a batch of SQS": (a_batch(a_visit()), "", "foreign-records"),
    "Lambda's record of an invocation": (
        {"requestContext": {}, "requestPayload": an_envelope(a_visit())},
        "",
        "lambda-record",
    ),
    "an event without detail": (without(an_envelope(a_visit()), "detail"), "", "envelope"),
    "a source that is no text": (an_envelope(a_visit()) | {"source": ["planted"]}, "/source", "type"),
    "a detail-type that is null": (an_envelope(a_visit()) | {"detail-type": None}, "/detail-type", "type"),
}


@pytest.mark.parametrize("event, pointer, rule", [pytest.param(*row, id=name) for name, row in NO_EVENTS.items()])
def test_what_is_no_event_of_eventbridge_lies_on_the_refused_queue_with_a_plain_reason(
    event: object, pointer: str, rule: str, log: Log
) -> None:
    handlers = Handlers()
    handlers.eventbridge.handle(event)
    assert handlers.reasons() == [("invalid", pointer, rule)]
    assert json.loads(handlers.refusals.refused[0].body) == event
    assert (log.counts, log.events) == ({"Refused": 1}, [("WARNING", "INTAKE_002")])
    assert PLANTED not in log.text


def test_the_copy_of_a_number_beyond_a_double_is_json() -> None:
    handlers = Handlers()
    handlers.eventbridge.handle(json.loads(json.dumps(an_envelope({"planted": "?"})).replace('"?"', "1e400")))
    (refusal,) = handlers.refusals.refused
    assert '"planted":1e999' in refusal.body
    assert handlers.reader.read_text(refusal.body).violations[0].rule == refusal.rule


def an_event_of(time: str, request: object) -> dict[str, object]:
    return an_envelope(request) | {"time": time, "replay-name": "planted"}


@pytest.mark.parametrize("request_", [a_visit(), an_invoice(), a_cancel()], ids=["real-time", "scheduled", "cancel"])
def test_an_event_of_an_archive_is_refused_by_name_once_its_row_may_be_gone(
    request_: dict[str, object], log: Log
) -> None:
    handlers = Handlers()
    first, before = format_seconds((NOW - RETENTION) / 1_000), format_seconds((NOW - RETENTION - 1) / 1_000)
    handlers.eventbridge.handle(an_event_of(first, request_))
    assert (len(handlers.ledger.rows), handlers.refusals.refused) == (1, [])
    handlers.ledger.rows.clear()
    event = an_event_of(before, request_)
    handlers.eventbridge.handle(event)
    assert (handlers.ledger.rows, handlers.reasons()) == ({}, [("invalid", "/time", "too-old")])
    assert json.loads(handlers.refusals.refused[0].body) == event
    assert (log.counts["Accepted"], log.counts["Refused"]) == (1, 1)
    assert PLANTED not in log.text


def test_an_event_whose_time_can_not_be_read_is_judged_by_nothing_else() -> None:
    handlers = Handlers()
    for time in ("planted", 7, None):
        handlers.eventbridge.handle(an_envelope(an_invoice(entityId=str(time))) | {"time": time})
    assert len(handlers.ledger.rows) == 3


def test_an_event_that_no_queue_could_hold_is_logged_counted_and_brought_again(log: Log) -> None:
    handlers = Handlers()
    with pytest.raises(NotKept):
        handlers.eventbridge.handle(an_envelope({"planted": noise(SQS_MESSAGE_BYTES)}))
    assert log.events == [("WARNING", "INTAKE_002"), ("ERROR", "INTAKE_007")]
    assert log.counts == {"Refused": 1, "RefusalsNotKept": 1}


def test_the_17th_change_at_one_version_is_rejected_and_lies_on_the_refused_queue(log: Log) -> None:
    handlers = Handlers()
    for number in range(1, 18):
        handlers.eventbridge.handle(an_envelope(invoice(id=f"planted {number}", payload=payable(total=f"{number}.00"))))
    assert handlers.reasons() == [("rejected", "/version", "changes-at-one-version")]
    (row,) = handlers.ledger.rows.values()
    assert row.revision == 16
    assert log.counts == {"Accepted": 16, "Rejected": 1, "Refused": 1}
    assert PLANTED not in log.text


def test_an_entity_without_a_generation_left_is_rejected() -> None:
    handlers = Handlers()
    row = the_last_generation("inv-1")
    handlers.ledger.rows[row.key] = row
    handlers.eventbridge.handle(an_envelope(an_invoice(version=2)))
    assert handlers.reasons() == [("rejected", "/entityId", "generations")]
    assert handlers.ledger.rows == {row.key: row}


def test_an_event_whose_row_is_busy_is_brought_again(log: Log) -> None:
    handlers = Handlers(ledger=BusyLedger(TAB))
    cancel = an_envelope(a_cancel(triggerKey="page_visited", entityId="tab-1", version="2026-11-24T08:00:00Z"))
    with pytest.raises(RepeatLater):
        handlers.eventbridge.handle(cancel)
    assert log.events == [("WARNING", "INTAKE_003")]
    assert log.counts == {"Retry": 1}
    assert handlers.refusals.refused == []


def test_a_ledger_that_is_down_brings_the_event_again() -> None:
    handlers = Handlers()
    handlers.ledger.down = True
    with pytest.raises(LedgerUnavailable):
        handlers.eventbridge.handle(an_envelope(a_visit()))


def test_a_delivery_queue_that_is_down_brings_the_event_again_and_saves_nothing() -> None:
    handlers = Handlers()
    handlers.outbox.down = True
    with pytest.raises(QueueUnavailable):
        handlers.eventbridge.handle(an_envelope(a_visit()))
    assert handlers.ledger.rows == {}


def test_a_refused_queue_that_is_down_brings_the_event_again() -> None:
    handlers = Handlers()
    handlers.refusals.down = True
    with pytest.raises(QueueUnavailable):
        handlers.eventbridge.handle(an_envelope("planted"))
