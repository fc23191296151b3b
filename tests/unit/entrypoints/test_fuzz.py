"""Whatever is sent to the three ways in is answered or refused by name, and nothing is taken that breaks a rule.

Every text that is made up here bears a mark, so that none of it can hide in a log line or in the text of a fault.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator, FormatChecker

from tests.support.builders import NOW, RETENTION, an_entity_row
from tests.support.delivery_harness import DeliveryHarness, a_message
from tests.support.fixed_clock import FixedClock
from tests.support.handlers import CATALOGUE, Handlers, Json, a_batch, a_cancel, a_visit, an_envelope, an_invoice
from tests.support.log import captured_log
from tests.support.memory_ledger import MemoryLedger
from tests.support.rows import APP, SITE
from trigger_provider.adapters.sqs.delivery_queue import decode, encode
from trigger_provider.domain.delivery.messages import Message
from trigger_provider.domain.ledger.ids import occurrence_key
from trigger_provider.domain.ledger.rows import EventRow, RequestOutcome, State
from trigger_provider.domain.operations.dead_letter import QueueName, read
from trigger_provider.domain.operations.redrive import Choice, Eligibility, eligibility
from trigger_provider.domain.operations.values import DeadLetter
from trigger_provider.domain.payload.formats import FORMATS, is_uuid
from trigger_provider.domain.payload.limits import MOST_PAYLOAD_BYTES
from trigger_provider.domain.payload.rfc3339 import format_seconds
from trigger_provider.domain.payload.struct_values import find_wire_violations
from trigger_provider.entrypoints.dead_letters import DeadLettersHandler
from trigger_provider.errors import MOST_VIOLATIONS, ForeignEvent
from trigger_provider.use_cases.delivery.dead_letters import DeadLetters

MARK: Final = "planted"

ODD: Final = ("", "\ud800", "\udc00 ", "a\nb\r\nc: d", "\0", "../../etc/passwd", "${jndi:x}", "2026-02-30T00:00:00Z")
GOOD: Final = (
    a_visit(),
    a_visit(entityId="inv-1", version="2026-11-24T08:00:00Z"),
    an_invoice(),
    a_cancel(),
    {"action": "status", "triggerKey": "invoice_due", "instanceId": a_visit()["instanceId"], "entityId": "inv-1"},
)
NAMES: Final = sorted({name for good in GOOD for name in (*good, *good.get("payload", {}))})

TEXTS = (st.sampled_from(ODD) | st.text(max_size=300)).map(lambda text: MARK + text)
NUMBERS = st.integers() | st.floats() | st.sampled_from([2**53 + 1, -(2**63), 2**64, 10**300])
TIMES = st.datetimes(timezones=st.timezones()).map(lambda moment: moment.isoformat())
ATOMS = st.none() | st.booleans() | NUMBERS | TEXTS | TIMES | st.uuids().map(str) | st.emails()
KEYS = (
    st.sampled_from(NAMES)
    | st.text(max_size=8).map(lambda text: f"{MARK}@{text}")
    | st.from_regex(rf"\A{MARK}[A-Za-z0-9_]{{0,4}}\Z")
)
JSON = st.recursive(
    ATOMS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)


@st.composite
def spoilt(draw: st.DrawFn) -> Any:  # noqa: ANN401 - any JSON
    """Return a good request with some of its members, or of its payload's, changed, added or left out."""
    request: dict[str, Any] = json.loads(json.dumps(draw(st.sampled_from(GOOD))))
    for _ in range(draw(st.integers(0, 3))):
        payload = request.get("payload")
        target = payload if isinstance(payload, dict) and draw(st.booleans()) else request
        name = draw(KEYS)
        if draw(st.booleans()):
            target[name] = draw(JSON)
        else:
            target.pop(name, None)
    return request


REQUESTS = spoilt() | JSON
SOURCES = st.sampled_from(["com.example.billing", "com.example.forms", "com.example.web", "wix.trigger-provider"])
DETAIL_TYPES = st.sampled_from(["Wix Trigger Request", "Invoice Issued", "Page Visited", "Form Submitted", "Unknown"])
ENVELOPES = st.builds(an_envelope, REQUESTS, SOURCES, DETAIL_TYPES)
BODIES = st.text() | (REQUESTS | ENVELOPES).map(json.dumps) | st.binary().map(lambda noise: noise.decode("latin-1"))


def a_reference(schema: Mapping[str, Any]) -> Draft7Validator:
    checker = FormatChecker(formats=())
    for name, form in FORMATS.items():
        checker.checks(name)(_accepts(form.accepts))
    return Draft7Validator(schema, format_checker=checker)


def _accepts(accepts: Callable[[str], bool]) -> Callable[[object], bool]:
    return lambda value: not isinstance(value, str) or accepts(value)


REFERENCE: Final = {key: a_reference(trigger.schema) for key, trigger in CATALOGUE.triggers.items()}
INVOCATION: Final = json.loads(files("trigger_provider").joinpath("schemas/direct-invocation.schema.json").read_text())
ANSWER: Final = a_reference({**INVOCATION, "$ref": "#/definitions/answer"})


def check_what_was_taken(handlers: Handlers) -> None:
    """Hold every row that was written to the reference implementation, and to our own rules."""
    for row in handlers.ledger.rows.values():
        assert is_uuid(row.site)
        assert row.entity is None or 1 <= len(row.entity) <= 256
        if isinstance(row, EventRow) and row.payload is not None:
            payload = json.loads(row.payload)
            assert list(REFERENCE[row.trigger].iter_errors(payload)) == []
            assert list(find_wire_violations(payload)) == []
            assert len(row.payload.encode()) <= MOST_PAYLOAD_BYTES


def check_what_was_refused(handlers: Handlers) -> None:
    """Hold what lies on the queue for refused messages: each has its reason, and its attributes hold no value."""
    for refusal in handlers.refusals.refused:
        assert refusal.rule
        assert refusal.outcome == RequestOutcome.INVALID
        assert MARK not in refusal.pointer + refusal.rule + refusal.outcome + refusal.source_id


def check_faults(errors: list[dict[str, str]]) -> None:
    assert 1 <= len(errors) <= MOST_VIOLATIONS + 4
    for error in errors:
        assert error["pointer"] == "" or error["pointer"].startswith("/")
        assert error["rule"]
        assert error["message"]
        assert MARK not in error["message"] + error["rule"]


@given(st.one_of(JSON, st.builds(lambda some: {"requests": some}, st.lists(REQUESTS, max_size=5))))
def test_a_direct_invocation_is_answered_request_by_request_whatever_it_holds(event: Any) -> None:  # noqa: ANN401
    handlers = Handlers()
    with captured_log() as log:
        answer = handlers.direct.handle(event)
        assert MARK not in log.text

    assert list(ANSWER.iter_errors(answer)) == []
    if answer.get("errors"):
        check_faults(answer["errors"])
    else:
        assert len(answer["results"]) == len(event["requests"])
    for result in answer["results"]:
        if result["outcome"] == RequestOutcome.INVALID:
            check_faults(result["errors"])
    check_what_was_taken(handlers)


@given(st.lists(BODIES, min_size=1, max_size=5))
def test_every_message_of_the_inbox_is_taken_or_refused_with_place_and_rule(bodies: list[str]) -> None:
    handlers = Handlers()
    with captured_log() as log:
        response = handlers.sqs.handle(a_batch(*bodies))
        assert MARK not in log.text

    assert response == {"batchItemFailures": []}
    refused = [refusal.body for refusal in handlers.refusals.refused]
    for body in bodies:
        read = handlers.reader.read_text(body)
        is_refused = read.violations or not (read.requests or read.is_outcome)
        assert refused.count(body) == (bodies.count(body) if is_refused else 0)
    check_what_was_refused(handlers)
    check_what_was_taken(handlers)


@given(ENVELOPES | st.dictionaries(KEYS | st.sampled_from(["source", "detail-type", "detail", "id", "time"]), JSON))
def test_every_event_of_the_bus_is_taken_refused_or_concerns_nobody(envelope: dict[str, object]) -> None:
    handlers = Handlers()
    with captured_log() as log:
        handlers.eventbridge.handle(envelope)
        assert MARK not in log.text

    read = handlers.reader.read_envelope(envelope)
    assert len(handlers.refusals.refused) == bool(read.violations)
    assert bool(handlers.ledger.rows) == bool(read.requests)
    check_what_was_refused(handlers)
    check_what_was_taken(handlers)


# Whole events, as anything in the account may bring them to a function


BEFORE, AFTER = a_visit(id="before"), a_visit(id="after")
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["body_encoding", "even_if_too_old", "first_sent"]) | TEXTS,
    st.fixed_dictionaries({"stringValue": TEXTS | st.sampled_from(["gzip+base64", "true"])}) | JSON,
    max_size=3,
)
PACKED = BODIES.map(lambda body: base64.b64encode(gzip.compress(body.encode("utf-8", "replace"))).decode())
MEMBERS = {
    "messageAttributes": ATTRIBUTES | JSON,
    "attributes": st.fixed_dictionaries({"ApproximateReceiveCount": st.sampled_from(["1", "3", "²"]) | JSON}) | JSON,
    "eventSource": st.sampled_from(["aws:sqs", "aws:s3"]) | JSON,
    "eventSourceARN": JSON,
}
RECORDS = st.fixed_dictionaries({"body": BODIES | PACKED}, optional=MEMBERS)
FOREIGN = JSON | st.dictionaries(st.sampled_from(["messageId", "body", "kinesis", "s3", "Sns"]), JSON, max_size=3)
EVENTS = (
    JSON
    | ENVELOPES
    | st.dictionaries(KEYS | st.sampled_from(["source", "detail-type", "detail", "id", "time", "Records"]), JSON)
    | st.builds(lambda records: {"Records": records}, st.lists(FOREIGN, max_size=3))
    | st.builds(lambda event: {"requestContext": {}, "requestPayload": event}, JSON | ENVELOPES)
)


def copies(handlers: Handlers) -> list[Any]:
    """Return what the refused bodies hold: each must be JSON, as its message was."""
    return [json.loads(refusal.body) for refusal in handlers.refusals.refused]


def is_good_record(record: object) -> bool:
    return isinstance(record, dict) and isinstance(record.get("messageId"), str) and isinstance(record.get("body"), str)


@given(st.lists(RECORDS | FOREIGN.filter(lambda record: not is_good_record(record)), max_size=4))
def test_no_record_of_a_batch_keeps_its_neighbours(records: list[Any]) -> None:
    handlers = Handlers()
    before, after = a_batch(BEFORE, AFTER)["Records"]
    for at, record in enumerate(records):
        if isinstance(record, dict) and "body" in record and isinstance(record["body"], str):
            record["messageId"] = f"fuzzed-{at}"
    with captured_log() as log:
        response = handlers.sqs.handle({"Records": [before, *records, after]})
        assert MARK not in log.text

    assert response == {"batchItemFailures": []}
    good = {occurrence_key(APP, SITE, "page_visited", None, visit) for visit in ("before", "after")}
    assert good <= handlers.ledger.rows.keys()
    check_what_was_refused(handlers)
    check_what_was_taken(handlers)


@given(EVENTS)
def test_any_event_at_all_is_taken_refused_or_concerns_no_trigger_by_either_way_in(event: Any) -> None:  # noqa: ANN401
    for name in ("eventbridge", "sqs"):
        handlers = Handlers()
        with captured_log() as log:
            answer = getattr(handlers, name).handle(event)
            assert MARK not in log.text
            assert log.counts.keys() <= {"Refused", "Unmatched", "Accepted", "Duplicate"}
        assert answer in (None, {"batchItemFailures": []})
        check_what_was_refused(handlers)
        check_what_was_taken(handlers)
        if isinstance(event, dict | list) and not handlers.ledger.rows and name == "eventbridge":
            assert repr(copies(handlers)) in ("[]", repr([event]))


LETTERS = st.fixed_dictionaries({"body": BODIES | st.sampled_from(['{"partition":"p","row":"entity#r","revision":1}'])})


@given(st.lists(LETTERS, max_size=4))
def test_no_dead_letter_keeps_its_neighbours(records: list[Json]) -> None:
    row, ledger = an_entity_row(), MemoryLedger()
    ledger.rows[row.key] = row
    handler = DeadLettersHandler(DeadLetters(ledger, FixedClock(NOW), lambda: "token", RETENTION), decode)
    good = {"messageId": "good", "body": encode(Message(row.key, row.revision, row.site))}
    letters = [{**record, "messageId": f"fuzzed-{at}"} for at, record in enumerate(records)]
    with captured_log() as log:
        response = handler.handle({"Records": [*letters[:2], good, *letters[2:]]})
        assert MARK not in log.text

    assert ledger.rows[row.key].next_attempt_at == NOW
    assert {failure["itemIdentifier"] for failure in response["batchItemFailures"]} == {
        letter["messageId"] for letter in letters if not is_readable(letter["body"])
    }


MESSAGES = st.fixed_dictionaries(
    {"body": BODIES | st.sampled_from(['{"partition":"p","row":"entity#r","revision":1}'])},
    optional={"receiptHandle": TEXTS | JSON, "attributes": JSON},
)


@given(st.lists(MESSAGES | JSON.filter(lambda record: not is_good_record(record)), max_size=4))
def test_no_message_of_delivery_keeps_its_neighbours(records: list[Any]) -> None:
    row, harness = an_entity_row(), DeliveryHarness()
    harness.knows(row)
    fuzzed = [{**a_message(at + 1, row), **record} for at, record in enumerate(records) if isinstance(record, dict)]
    for at, record in enumerate(fuzzed):
        record["messageId"] = f"fuzzed-{at}"
        record["body"] = str(record["body"])
    with captured_log() as log:
        response = harness.handle(*fuzzed[:2], a_message(0, row), *fuzzed[2:])
        assert MARK not in log.text

    assert harness.ledger.rows[row.key].state is State.REPORTED
    assert all(failure["itemIdentifier"].startswith("fuzzed-") for failure in response["batchItemFailures"])


def is_readable(body: str) -> bool:
    try:
        decode(body)
    except (ValueError, RecursionError):
        return False
    return True


@given(EVENTS)
def test_a_function_of_messages_says_what_it_takes_to_whoever_gives_it_something_else(event: Any) -> None:  # noqa: ANN401
    handler = DeadLettersHandler(DeadLetters(MemoryLedger(), FixedClock(NOW), lambda: "token", RETENTION), decode)
    errors: list[ForeignEvent] = []
    try:
        handler.handle(event)
    except ForeignEvent as foreign:
        errors.append(foreign)
    assert MARK not in str(errors)


@given(
    st.sampled_from(QueueName),
    BODIES | PACKED | EVENTS.map(json.dumps),
    st.dictionaries(st.sampled_from(["body_encoding", "first_sent", "rule"]), TEXTS | st.just("gzip+base64")),
)
def test_whatever_lies_on_a_queue_is_shown_and_replayed_to_the_letter_or_left(
    name: QueueName, body: str, attributes: dict[str, str]
) -> None:
    letter = read(name, DeadLetter("message", "receipt", body, NOW, attributes), CATALOGUE)
    answer = eligibility(letter, Choice(), NOW)
    assert format_seconds(letter.at / 1_000)
    assert answer in {Eligibility.REPLAY, Eligibility.UNREADABLE, Eligibility.TOO_OLD}
    if letter.body is not None and name is not QueueName.FAILED and "body_encoding" not in attributes:
        assert letter.body == body
