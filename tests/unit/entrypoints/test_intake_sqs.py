from __future__ import annotations

import base64
import gzip
import json

import pytest

from tests.support.bad_requests import BAD, ENTITY, PLANTED, UNREADABLE, Bad, cancel, invoice, payable, visit
from tests.support.handlers import (
    BusyLedger,
    Handlers,
    Json,
    a_batch,
    a_cancel,
    a_visit,
    an_envelope,
    an_invoice,
    the_last_generation,
    without,
)
from tests.support.log import Log
from tests.support.rows import APP, SITE
from trigger_provider.domain.aws_limits import SQS_MESSAGE_BYTES
from trigger_provider.domain.catalogue.reserved_names import OUTCOME_DETAIL_TYPE, OWN_SOURCE
from trigger_provider.domain.delivery.messages import Refusal
from trigger_provider.domain.ledger.ids import entity_key
from trigger_provider.domain.ledger.rows import State
from trigger_provider.errors import LedgerUnavailable, QueueUnavailable


def body_of(bad: Bad) -> str:
    """Return it as JSON, where an infinite number is one that is too large."""
    return json.dumps(bad.request).replace("Infinity", "1e400")


ALL_GOOD: Json = {"batchItemFailures": []}
BAD_BODIES = {
    **{name: (body_of(bad), bad.written[0]) for name, bad in BAD.items()},
    **{name: (body, ("", "json")) for name, body in UNREADABLE.items()},
}
EVERY_BAD_BODY = [pytest.param(body, violation, id=name) for name, (body, violation) in BAD_BODIES.items()]


def states(handlers: Handlers) -> list[State]:
    return sorted(row.state for row in handlers.ledger.rows.values())


@pytest.mark.parametrize("body, violation", EVERY_BAD_BODY)
def test_a_bad_message_lies_whole_on_the_refused_queue_at_once(body: str, violation: tuple[str, str]) -> None:
    handlers = Handlers()
    assert handlers.sqs.handle(a_batch(body)) == ALL_GOOD
    assert handlers.refusals.refused == [Refusal(body, "invalid", *violation, source_id="message-0")]


@pytest.mark.parametrize("body, violation", EVERY_BAD_BODY)
def test_a_bad_message_holds_up_no_neighbour(body: str, violation: tuple[str, str]) -> None:
    handlers = Handlers()
    assert handlers.sqs.handle(a_batch(a_visit(id="before"), body, a_visit(id="after"))) == ALL_GOOD
    assert states(handlers) == [State.PENDING, State.PENDING]
    assert len(handlers.outbox.sent) == 2
    assert handlers.reasons() == [("invalid", *violation)]


@pytest.mark.parametrize("body, violation", EVERY_BAD_BODY)
def test_a_bad_message_changes_no_row(body: str, violation: tuple[str, str]) -> None:
    handlers = Handlers()
    handlers.ask(invoice(), visit(), cancel(triggerKey="page_visited", version="2026-01-01T00:00:00Z"))
    before, sent = dict(handlers.ledger.rows), list(handlers.outbox.sent)
    assert len(before) == 3
    handlers.sqs.handle(a_batch(body))
    assert handlers.ledger.rows == before
    assert handlers.outbox.sent == sent
    assert handlers.reasons() == [("invalid", *violation)]


@pytest.mark.parametrize("body, violation", EVERY_BAD_BODY)
def test_a_bad_message_is_one_line_and_one_metric_without_its_values(
    body: str, violation: tuple[str, str], log: Log
) -> None:
    handlers = Handlers()
    handlers.sqs.handle(a_batch(body))
    (line,) = log.lines
    assert (line["level"], line["log_event"]) == ("WARNING", "INTAKE_002")
    assert (line["violations"][0]["pointer"], line["violations"][0]["rule"]) == violation
    assert log.counts == {"Refused": 1}
    assert PLANTED not in log.text
    (refusal,) = handlers.refusals.refused
    assert PLANTED not in refusal.outcome + refusal.pointer + refusal.rule


def test_every_fault_of_a_message_is_in_its_line(log: Log) -> None:
    bad: Bad = BAD["payload that breaks the schema"]
    Handlers().sqs.handle(a_batch(bad.request))
    assert log.lines[0]["violations"] == [{"pointer": pointer, "rule": rule} for pointer, rule in bad.written]


def test_a_good_message_leaves_neither_payload_nor_entity_in_the_log(log: Log) -> None:
    handlers = Handlers()
    handlers.sqs.handle(
        a_batch(invoice(), invoice(), invoice(version=0), invoice(version=2), cancel(version=3), visit())
    )
    assert log.counts == {"Accepted": 3, "Duplicate": 1, "Stale": 1, "Unchanged": 1}
    assert PLANTED not in log.text


def test_requests_for_one_row_in_one_batch_are_one_save() -> None:
    handlers = Handlers()
    changes = [an_invoice(version=number, payload=payable(total=f"{number}.00")) for number in range(1, 6)]
    handlers.sqs.handle(a_batch(*changes))
    (row,) = handlers.ledger.rows.values()
    assert (row.version, row.revision) == (5, 1)
    assert len(handlers.outbox.sent) == 1


def test_the_same_message_three_times_is_taken_once() -> None:
    handlers = Handlers()
    for message in (a_batch(a_visit(), a_visit()), a_batch(a_visit())):
        assert handlers.sqs.handle(message) == ALL_GOOD
    (row,) = handlers.ledger.rows.values()
    assert row.revision == 1
    assert len(handlers.outbox.sent) == 1
    assert handlers.refusals.refused == []


def test_an_upper_case_site_has_the_rows_of_the_lower_case_one() -> None:
    handlers = Handlers()
    handlers.sqs.handle(a_batch(an_invoice(), a_cancel(instanceId=SITE.upper())))
    (row,) = handlers.ledger.rows.values()
    assert (row.site, row.state) == (SITE, State.CANCELLED)
    assert {message.site for message in handlers.outbox.sent} <= {SITE}


def test_a_date_already_past_is_taken() -> None:
    handlers = Handlers()
    handlers.sqs.handle(a_batch(an_invoice(payload=payable(due_date="2020-02-29T09:00:00Z"))))
    assert states(handlers) == [State.PENDING]
    assert handlers.refusals.refused == []


def test_the_17th_change_at_one_version_is_rejected_and_lies_on_the_refused_queue(log: Log) -> None:
    handlers = Handlers()
    changes = [invoice(id=f"planted {number}", payload=payable(total=f"{number}.00")) for number in range(1, 18)]
    for change in changes[:16]:
        handlers.sqs.handle(a_batch(change))
    before = dict(handlers.ledger.rows)
    assert handlers.sqs.handle(a_batch(changes[16], a_visit())) == ALL_GOOD
    assert handlers.refusals.refused == [
        Refusal(json.dumps(changes[16]), "rejected", "/version", "changes-at-one-version", "message-0")
    ]
    assert before.items() <= handlers.ledger.rows.items()
    assert len(handlers.ledger.rows) == 2
    assert log.counts == {"Accepted": 17, "Rejected": 1, "Refused": 1}
    assert PLANTED not in log.text


def test_a_newer_version_is_taken_after_a_rejection() -> None:
    handlers = Handlers()
    handlers.sqs.handle(a_batch(*(an_invoice(payload=payable(total=f"{number}.00")) for number in range(1, 18))))
    assert handlers.reasons() == [("rejected", "/version", "changes-at-one-version")]
    handlers.sqs.handle(a_batch(an_invoice(version=2)))
    (row,) = handlers.ledger.rows.values()
    assert row.version == 2


def test_an_entity_without_a_generation_left_is_rejected(log: Log) -> None:
    handlers = Handlers()
    row = the_last_generation(ENTITY)
    handlers.ledger.rows[row.key] = row
    body = json.dumps(invoice(version=2))
    assert handlers.sqs.handle(a_batch(body, a_visit())) == ALL_GOOD
    assert handlers.refusals.refused == [Refusal(body, "rejected", "/entityId", "generations", "message-0")]
    assert handlers.ledger.rows[row.key] == row
    assert log.counts == {"Accepted": 1, "Rejected": 1, "Refused": 1}
    assert PLANTED not in log.text


def test_an_envelope_in_the_queue_is_taken_as_from_the_bus() -> None:
    by_queue, by_bus = Handlers(), Handlers()
    event = an_envelope(a_visit(entityId="tab-1"))
    by_queue.sqs.handle(a_batch(event))
    by_bus.eventbridge.handle(event)
    assert by_queue.ledger.rows == by_bus.ledger.rows
    assert by_queue.outbox.sent == by_bus.outbox.sent


def test_an_event_that_no_binding_matches_is_kept_since_it_was_sent_to_us(log: Log) -> None:
    handlers = Handlers()
    events = [an_envelope({}, detail_type="planted"), an_envelope(a_visit(), OWN_SOURCE)]
    assert handlers.sqs.handle(a_batch(*events)) == ALL_GOOD
    assert (handlers.ledger.rows, handlers.reasons()) == ({}, [("invalid", "", "unmatched")] * 2)
    assert log.counts == {"Refused": 2}
    assert PLANTED not in log.text


def test_what_we_have_published_ourselves_is_a_metric_and_nothing_more(log: Log) -> None:
    """A rule that sends all of a bus to the queue sends our outcomes, too."""
    handlers = Handlers()
    assert handlers.sqs.handle(a_batch(an_envelope({}, OWN_SOURCE, OUTCOME_DETAIL_TYPE))) == ALL_GOOD
    assert (handlers.ledger.rows, handlers.refusals.refused) == ({}, [])
    assert (log.counts, log.events) == ({"Unmatched": 1}, [("INFO", "INTAKE_004")])


S3_RECORD = {"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": {"object": {"key": "planted"}}}
KINESIS_RECORD = {"eventSource": "aws:kinesis", "eventID": "shard:1", "kinesis": {"data": "cGxhbnRlZA=="}}
NO_BATCHES: dict[str, tuple[object, list[object]]] = {
    "an empty object": ({}, [{}]),
    "null": (None, [None]),
    "a list": ([a_visit()], [[a_visit()]]),
    "a text": ("planted", ["planted"]),
    "an event of EventBridge": (an_envelope(a_visit()), [an_envelope(a_visit())]),
    "records of S3": ({"Records": [S3_RECORD, S3_RECORD]}, [S3_RECORD, S3_RECORD]),
    "records of Kinesis": ({"Records": [KINESIS_RECORD]}, [KINESIS_RECORD]),
    "records that are no objects": ({"Records": ["planted", None]}, ["planted", None]),
    "records that are none": ({"Records": "planted"}, [{"Records": "planted"}]),
}


@pytest.mark.parametrize("event, kept", [pytest.param(*row, id=name) for name, row in NO_BATCHES.items()])
def test_what_is_no_batch_of_sqs_lies_on_the_refused_queue_with_a_plain_reason(
    event: object, kept: list[object], log: Log
) -> None:
    handlers = Handlers()
    assert handlers.sqs.handle(event) == ALL_GOOD
    assert handlers.reasons() == [("invalid", "", "foreign-record")] * len(kept)
    assert [json.loads(refusal.body) for refusal in handlers.refusals.refused] == kept
    assert log.counts == {"Refused": len(kept)}
    assert PLANTED not in log.text


def test_what_is_no_batch_and_can_not_be_kept_now_is_an_error_of_the_invocation() -> None:
    handlers = Handlers()
    handlers.refusals.down = True
    with pytest.raises(QueueUnavailable):
        handlers.sqs.handle({"Records": [S3_RECORD]})


WRAPPED: dict[str, tuple[object, str]] = {
    "a notification of SNS": ({"Type": "Notification", "TopicArn": "arn", "Message": "{}"}, "sns-notification"),
    "Lambda's record of an invocation": ({"requestContext": {}, "requestPayload": {}}, "lambda-record"),
    "records of S3": ({"Records": [S3_RECORD]}, "foreign-records"),
    "an event without detail": ({"source": "planted", "detail-type": "planted"}, "envelope"),
    "a pointer": (["software.amazon.payloadoffloading.PayloadS3Pointer", {"s3Key": "planted"}], "payload-pointer"),
    "an older pointer": (["com.amazon.sqs.javamessaging.MessageS3Pointer", {"s3Key": "planted"}], "payload-pointer"),
    "another list": (["planted Pointer", {"s3Key": "planted"}], "type"),
}


@pytest.mark.parametrize("body, rule", [pytest.param(*row, id=name) for name, row in WRAPPED.items()])
def test_what_a_service_has_put_around_a_message_is_named(body: object, rule: str) -> None:
    handlers = Handlers()
    assert handlers.sqs.handle(a_batch(body)) == ALL_GOOD
    assert handlers.reasons() == [("invalid", "", rule)]


def test_the_event_of_a_direct_invocation_is_taken_request_by_request() -> None:
    handlers = Handlers()
    event = {"requests": [a_visit(), without(a_visit(), "payload"), an_invoice()]}
    assert handlers.sqs.handle(a_batch(event)) == ALL_GOOD
    assert len(handlers.ledger.rows) == 2
    assert handlers.reasons() == [("invalid", "/requests/1/payload", "required")]


@pytest.mark.parametrize("requests", [[], [{}] * 101], ids=["none", "101"])
def test_the_event_of_a_direct_invocation_has_as_many_requests_in_the_queue_as_elsewhere(requests: list[Json]) -> None:
    handlers = Handlers()
    assert handlers.sqs.handle(a_batch({"requests": requests})) == ALL_GOOD
    assert handlers.reasons() == [("invalid", "/requests", "maxItems")]


def with_attributes(batch: Json, **attributes: str) -> Json:
    for record in batch["Records"]:
        record["messageAttributes"] = {
            name: {"stringValue": value, "dataType": "String"} for name, value in attributes.items()
        }
    return batch


def test_a_compressed_body_is_taken_as_what_it_was_and_refused_as_that() -> None:
    bodies = [json.dumps(a_visit(page_title="ж" * SQS_MESSAGE_BYTES), ensure_ascii=False), json.dumps(a_visit())]
    handlers = Handlers()
    for body in bodies:
        packed = base64.b64encode(gzip.compress(body.encode())).decode()
        assert handlers.sqs.handle(with_attributes(a_batch(packed), body_encoding="gzip+base64")) == ALL_GOOD
    assert [refusal.body for refusal in handlers.refusals.refused] == bodies[:1]
    assert len(handlers.ledger.rows) == 1


def test_a_body_that_is_not_compressed_as_its_attribute_says_lies_on_the_refused_queue_as_it_came() -> None:
    handlers = Handlers()
    assert handlers.sqs.handle(with_attributes(a_batch("planted"), body_encoding="gzip+base64")) == ALL_GOOD
    assert handlers.reasons() == [("invalid", "", "body_encoding")]
    assert [refusal.body for refusal in handlers.refusals.refused] == ["planted"]


def test_attributes_of_any_form_break_nothing() -> None:
    handlers, batch = Handlers(), a_batch(a_visit())
    values: list[object] = [None, [], {"a": None}, {"a": {"binaryValue": "planted"}}, {"a": {"stringValue": 7}}]
    for attributes in values:
        batch["Records"][0]["messageAttributes"] = attributes
        assert handlers.sqs.handle(batch) == ALL_GOOD
    assert len(handlers.ledger.rows) == 1


def test_what_a_person_lets_in_is_taken_although_it_is_older_than_the_ledger_remembers() -> None:
    handlers = Handlers()
    event = an_envelope(a_visit()) | {"time": "2020-01-01T00:00:00Z"}
    handlers.sqs.handle(a_batch(event))
    assert (handlers.ledger.rows, handlers.reasons()) == ({}, [("invalid", "/time", "too-old")])
    handlers.sqs.handle(with_attributes(a_batch(event), even_if_too_old="true"))
    assert len(handlers.ledger.rows) == 1


def test_a_message_whose_row_is_busy_comes_again_and_no_other() -> None:
    handlers = Handlers(ledger=BusyLedger(entity_key(APP, SITE, "invoice_due", "inv-1")))
    answer = handlers.sqs.handle(a_batch(a_visit(), an_invoice(), "planted"))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "message-1"}]}
    assert states(handlers) == [State.PENDING]
    assert handlers.reasons() == [("invalid", "", "json")]


def test_a_ledger_that_is_down_brings_the_whole_batch_again() -> None:
    handlers = Handlers()
    handlers.ledger.down = True
    with pytest.raises(LedgerUnavailable):
        handlers.sqs.handle(a_batch(a_visit()))
    assert handlers.outbox.sent == []


def test_a_refused_queue_that_is_down_brings_the_whole_batch_again_and_takes_nothing_twice() -> None:
    handlers = Handlers()
    handlers.refusals.down = True
    with pytest.raises(QueueUnavailable):
        handlers.sqs.handle(a_batch("planted", a_visit()))
    handlers.refusals.down = False
    assert handlers.sqs.handle(a_batch("planted", a_visit())) == ALL_GOOD
    assert len(handlers.ledger.rows) == len(handlers.outbox.sent) == len(handlers.refusals.refused) == 1
