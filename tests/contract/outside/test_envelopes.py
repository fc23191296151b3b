"""Envelopes and records: what is kept of them, how large they may be, and that one of them never harms another."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from tests.contract.outside import Case, each, table
from tests.support.handlers import CATALOGUE, NOW, Handlers, a_batch, a_visit, an_envelope
from tests.support.log import captured_log
from tests.support.noise import noise
from tests.support.rows import SITE
from tests.support.saboteurs import a_catalogue_that_breaks_on
from trigger_provider.domain.aws_limits import EVENTBRIDGE_ENTRY_BYTES, SQS_MESSAGE_BYTES
from trigger_provider.domain.durations import DAY
from trigger_provider.domain.intake.message_body import fit
from trigger_provider.domain.intake.refusals import fit_refusal
from trigger_provider.domain.operations.dead_letter import QueueName, read
from trigger_provider.domain.operations.redrive import Choice, Eligibility, eligibility, fit_replay, replay_of
from trigger_provider.domain.operations.values import DeadLetter
from trigger_provider.domain.payload.rfc3339 import format_seconds
from trigger_provider.errors import TriggerProviderError

SQS_SIZE: Final = "SQS developer guide, Amazon SQS message quotas: 1,048,576 bytes, attributes included"
BUS_SIZE: Final = "EventBridge API reference, PutEvents: an entry of less than 1 MB"
SQS_CHARACTERS: Final = "SQS API reference, SendMessage: the characters of a message; ministack 987"
RFC_8259: Final = "RFC 8259, section 8: JSON is UTF-8, any character may be escaped, and half a surrogate pair is one"


def an_issued_invoice(**more: object) -> dict[str, object]:
    """Return a business event that the catalogue binds, with members that no binding reads."""
    invoice = {
        "id": "INV-1",
        "number": "2026-0001",
        "revision": 1,
        "dueDate": "2026-12-10T09:00:00+01:00",
        "total": {"amount": "80.00", "currency": "EUR"},
    }
    customer = {"contactId": "6f2b9f6e-3d54-4c1c-9f0a-2b7c1d0e5a44"}
    detail = {"instanceId": SITE, "customer": customer, "invoice": invoice, **more}
    return an_envelope(detail, "com.example.billing", "Invoice Issued")


def text_of(event: object) -> str:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))


# What is kept is what came in


class Kept(NamedTuple):
    """What a refused event is kept as: a part of the body, and the rule."""

    part: str
    rule: str


COPIES: Final[tuple[Case[Any, Kept], ...]] = table(
    Case("Cyrillic is not made longer", RFC_8259, {"notes": "ж" * 9}, Kept('"notes":"' + "ж" * 9 + '"', "required")),
    Case("a number beyond a double", "RFC 8259, section 6", '{"n": 1e400}', Kept('"n":1e999', "required")),
    Case("its opposite", "RFC 8259, section 6", '{"n": -1e400}', Kept('"n":-1e999', "required")),
    Case("the word Infinity in a text", "RFC 8259, section 6", {"n": "Infinity"}, Kept('"n":"Infinity"', "required")),
    Case("half a surrogate pair", RFC_8259, '{"n": "\\ud83e"}', Kept('"n":"\\ud83e"', "json")),
    Case("both halves", RFC_8259, '{"n": "\\ud83e\\uddfe"}', Kept('"n":"🧾"', "required")),
    Case(
        "a control character", f"{SQS_CHARACTERS}; nitro-plugins 437", '{"n": "\\u0007"}', Kept("\\u0007", "required")
    ),
    Case("no character at all", SQS_CHARACTERS, '{"n": "\\uffff"}', Kept('"n":"\\uffff"', "required")),
    Case(
        "delete, which SQS takes", f"{SQS_CHARACTERS}; rusoto 2001", '{"n": "\\u007f"}', Kept('"n":"\x7f"', "required")
    ),
    Case("a name in Cyrillic", RFC_8259, {"имя": 1}, Kept('"имя":1', "required")),
    Case("a name twice: the last value", "RFC 8259, section 4", '{"n": 1, "n": 2}', Kept('{"n":2}', "required")),
    Case("a detail that is JSON in a text", "aws-lambda-stream 90", '"{\\"n\\": 1}"', Kept('"{\\"n\\": 1}"', "type")),
)


@each(COPIES)
def test_a_refused_event_is_kept_as_it_came_in(case: Case[Any, Kept]) -> None:
    handlers = Handlers()
    detail = case.given if isinstance(case.given, str) else text_of(case.given)
    event = json.loads(text_of(an_envelope({})).replace('"detail":{}', f'"detail":{detail}'))
    handlers.eventbridge.handle(event)
    (refusal,) = handlers.refusals.refused
    assert case.expected.part in refusal.body
    assert refusal.rule == case.expected.rule
    assert json.loads(refusal.body) == event
    assert fit_refusal(refusal) == (refusal.body, fit_refusal(refusal).attributes)  # type: ignore[union-attr] # it fits


# How large


class Sizes(NamedTuple):
    """Whether a failed event is replayed as it is, or compressed; and so a refused one."""

    replayed: str
    refused: str


AS_IT_IS, COMPRESSED, BARE, NOWHERE = "as it is", "compressed", "without its reason", "nowhere"
"""How a message holds a body."""

ATTRIBUTES_COUNT: Final = f"{SQS_SIZE}; localstack 7147"
BYTES_COUNT: Final = f"{SQS_SIZE}; aws4s 32: bytes count, not characters"


def an_event_of(size: int, letter: str = "x") -> str:
    """Return the text of an event of so many bytes, in letters of which each has several."""
    empty = text_of(an_issued_invoice(notes=""))
    room = size - len(empty.encode())
    notes = letter * (room // len(letter.encode())) + "x" * (room % len(letter.encode()))
    return empty.replace('"notes":""', f'"notes":"{notes}"')


SIZES: Final = table(
    Case("50,000 Cyrillic letters", BUS_SIZE, an_event_of(100_000, "ж"), Sizes(AS_IT_IS, AS_IT_IS)),
    Case("350 kB of Cyrillic", BUS_SIZE, an_event_of(350_000, "ж"), Sizes(AS_IT_IS, AS_IT_IS)),
    Case("256 KiB, the bound of old", SQS_SIZE, an_event_of(2**18), Sizes(AS_IT_IS, AS_IT_IS)),
    Case("1,000,000 bytes", BUS_SIZE, an_event_of(10**6, "買"), Sizes(AS_IT_IS, AS_IT_IS)),
    Case("1 MiB less room for the attributes", ATTRIBUTES_COUNT, an_event_of(2**20 - 200), Sizes(AS_IT_IS, AS_IT_IS)),
    Case("1 MiB", ATTRIBUTES_COUNT, an_event_of(2**20), Sizes(COMPRESSED, COMPRESSED)),
    Case("1 MiB of Cyrillic", BYTES_COUNT, an_event_of(2**20, "ж"), Sizes(COMPRESSED, COMPRESSED)),
    Case("1 MiB of receipts", BYTES_COUNT, an_event_of(2**20, "🧾"), Sizes(COMPRESSED, COMPRESSED)),
    Case("1 MiB that does not shrink", SQS_SIZE, "{" + noise(2**20 - 1), Sizes("no JSON", BARE)),
)


def held(body: str, attributes: dict[str, str]) -> str:
    """Return how a message holds a body beside its attributes."""
    message = fit(body, attributes)
    if message is None:
        return NOWHERE
    return AS_IT_IS if message.body == body else COMPRESSED


@each(SIZES)
def test_an_event_is_taken_replayed_and_kept_whatever_its_size(case: Case[str, Sizes]) -> None:
    if case.expected.replayed == "no JSON":
        handlers = Handlers()
        handlers.sqs.handle(a_batch(case.given))
        (refusal,) = handlers.refusals.refused
        assert fit_refusal(refusal) == (case.given, {})
        return
    taken, event = Handlers(), json.loads(case.given)
    taken.eventbridge.handle(event)
    assert (len(taken.ledger.rows), taken.refusals.refused) == (1, [])
    check_the_replay(case)
    check_the_refusal(case, event)


def check_the_replay(case: Case[str, Sizes]) -> None:
    """See what lies on the queue of failed events, in Lambda's record, through the inbox to its row."""
    record = f'{{"requestContext": {{"condition": "RetriesExhausted"}}, "requestPayload": {case.given}}}'
    letter = read(QueueName.FAILED, DeadLetter("m", "r", record, NOW), CATALOGUE)
    assert (letter.body, eligibility(letter, Choice(), NOW)) == (case.given, Eligibility.REPLAY)
    replay = replay_of(letter)
    message = fit_replay(replay) if replay else None
    assert message is not None
    assert held(case.given, {"first_sent": str(NOW)}) == case.expected.replayed
    batch = a_batch(message.body)
    batch["Records"][0]["messageAttributes"] = {
        name: {"dataType": "String", "stringValue": value} for name, value in message.attributes.items()
    }
    handlers = Handlers()
    assert handlers.sqs.handle(batch) == {"batchItemFailures": []}
    assert (len(handlers.ledger.rows), handlers.refusals.refused) == (1, [])


def check_the_refusal(case: Case[str, Sizes], event: dict[str, Any]) -> None:
    """Spoil what a binding reads without changing the size: it is refused with pointer, rule and metric."""
    event["detail"]["customer"]["contactId"] = "?" * 36
    handlers = Handlers()
    with captured_log() as log:
        handlers.eventbridge.handle(event)
        assert [line["log_event"] for line in log.lines] == ["INTAKE_002"]
        assert log.counts == {"Refused": 1}
    assert handlers.reasons() == [("invalid", "/payload/contact_id", "format")]
    message = fit_refusal(handlers.refusals.refused[0])
    assert message is not None
    assert {"outcome", "pointer", "rule"} <= message.attributes.keys()
    assert ("body_encoding" in message.attributes) == (case.expected.refused == COMPRESSED)


def test_no_event_of_a_bus_is_larger_than_what_a_message_holds() -> None:
    assert EVENTBRIDGE_ENTRY_BYTES <= SQS_MESSAGE_BYTES


# How old


AGES: Final = table(
    Case("of now", "EventBridge user guide, archive and replay", 0, "taken"),
    Case("of a month ago", "EventBridge user guide, archive and replay", 31, "taken"),
    Case("as old as the ledger remembers", "EventBridge user guide, archive and replay", 60, "taken"),
    Case("older than the ledger remembers", "EventBridge user guide, archive and replay", 61, "too-old"),
    Case("of a clock that is ahead", "EventBridge API reference, PutEventsRequestEntry, Time", -1, "taken"),
)


WAYS: Final[dict[str, Callable[[Handlers, object], object]]] = {
    "bus": lambda handlers, event: handlers.eventbridge.handle(event),
    "inbox": lambda handlers, event: handlers.sqs.handle(a_batch(event)),
}


@each(AGES)
def test_an_event_is_refused_once_its_row_may_be_gone(case: Case[int, str]) -> None:
    event = an_envelope(a_visit()) | {"time": format_seconds((NOW - case.given * DAY) / 1_000), "replay-name": "r"}
    for take in WAYS.values():
        handlers = Handlers()
        take(handlers, event)
        assert ([rule for _, _, rule in handlers.reasons()] or ["taken"]) == [case.expected]
        assert len(handlers.ledger.rows) == (case.expected == "taken")


# One record never harms another


def a_bad(text: str) -> str:
    return text_of(a_visit(id="bad", payload={**a_visit()["payload"], "page_title": text}))


class Batch(NamedTuple):
    """What comes again of a batch, and the rules for which messages of it are refused."""

    again: list[str]
    refused: list[str]


GOOD: Final = [text_of(a_visit(id=f"visit-{number}")) for number in range(2)]
SECOND: Final = Batch(["message-1"], [])

BATCHES: Final = table(
    Case("an error in a subroutine", "powertools-lambda-python 4349", [GOOD[0], a_bad("break"), GOOD[1]], SECOND),
    Case("an error in all", "powertools-lambda-python 4691", [a_bad("break")], Batch(["message-0"], [])),
    Case("two errors", "powertools-lambda-python 275", [GOOD[0], a_bad("break"), a_bad("break"), GOOD[1]],
         Batch(["message-1", "message-2"], [])),
    Case("a word", "powertools-lambda-typescript 3510", [GOOD[0], "hello", GOOD[1]], Batch([], ["json"])),
    Case("a byte order mark", "RFC 8259, section 8.1", [GOOD[0], f"\ufeff{GOOD[1]}", GOOD[1]], Batch([], ["json"])),
    Case("an error beside a refusal", "powertools-lambda-python 4349", [GOOD[0], a_bad("break"), "hello", GOOD[1]],
         Batch(["message-1"], ["json"])),
    Case("one message twice", "SQS developer guide, standard queues", [GOOD[0], GOOD[1], GOOD[1]], Batch([], [])),
    Case("NaN", "RFC 8259, section 6", [GOOD[0], '{"n": NaN}', GOOD[1]], Batch([], ["json"])),
    Case("deeper than any parser", "RFC 8259, section 9", [GOOD[0], "[" * 100_000, GOOD[1]], Batch([], ["json"])),
    Case("a number of 4,301 digits", "Python 3.11, sys.set_int_max_str_digits", [GOOD[0], "9" * 4_301, GOOD[1]],
         Batch([], ["json"])),
)  # fmt: skip


@each(BATCHES)
def test_a_message_fails_or_is_refused_alone(case: Case[list[str], Batch]) -> None:
    handlers = Handlers(catalogue=a_catalogue_that_breaks_on("break"))
    answer = handlers.sqs.handle(a_batch(*case.given))
    assert [item["itemIdentifier"] for item in answer["batchItemFailures"]] == case.expected.again
    assert [rule for _, _, rule in handlers.reasons()] == case.expected.refused
    assert len(handlers.ledger.rows) == len(set(GOOD) & set(case.given))


@each(BATCHES)
def test_what_leaves_a_function_or_its_log_holds_nothing_of_a_message(case: Case[list[str], Batch]) -> None:
    handlers = Handlers(catalogue=a_catalogue_that_breaks_on("break"))
    with captured_log() as log:
        handlers.sqs.handle(a_batch(*case.given))
        assert not [word for word in ("break", "hello", "planted") if word in log.text]
    for body in case.given:
        errors: list[TriggerProviderError] = []
        try:
            handlers.eventbridge.handle(an_envelope(body))
        except TriggerProviderError as error:
            errors.append(error)
        assert "planted" not in str(errors)
