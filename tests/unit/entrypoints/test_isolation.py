"""An unforeseen error of one record is logged with its id, counted, and comes again alone: its neighbours are taken."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import pytest

from tests.support.builders import NOW, RETENTION, a_tombstone, an_entity_row, an_occurrence
from tests.support.delivery_harness import DeliveryHarness, a_message
from tests.support.fixed_clock import FixedClock
from tests.support.handlers import CATALOGUE, Handlers, Json, a_batch, a_visit, an_envelope
from tests.support.log import Log
from tests.support.memory_automations import MemoryAutomations
from tests.support.memory_ledger import MemoryLedger
from tests.support.memory_outbox import MemoryOutbox
from tests.support.rows import APP, SITE
from tests.support.saboteurs import (
    VALUE,
    BreakingLedger,
    BreakingOutbox,
    BreakingOutcomes,
    BreakingRefusals,
    PlantedError,
    a_catalogue_that_breaks_on,
)
from trigger_provider.adapters.sqs.delivery_queue import decode, encode
from trigger_provider.domain.delivery.messages import Message, NullOutcomes
from trigger_provider.domain.delivery.results import EventReport, ItemResult, ResultKind
from trigger_provider.domain.intake.parser import RequestChecker
from trigger_provider.domain.ledger.ids import event_id, occurrence_key
from trigger_provider.domain.ledger.rows import State
from trigger_provider.entrypoints.dead_letters import DeadLettersHandler
from trigger_provider.entrypoints.message_reader import MessageReader
from trigger_provider.errors import (
    ForeignEvent,
    LedgerUnavailable,
    QueueUnavailable,
    TriggerProviderError,
    UnforeseenError,
)
from trigger_provider.use_cases.delivery.dead_letters import DeadLetters

BROKEN: Final = "broken"
KEY: Final = occurrence_key(APP, SITE, "page_visited", None, BROKEN)


class BreakingReader(MessageReader):
    """A reader that raises on one body."""

    __slots__ = ()

    def read_text(self, body: str, *rest: Any) -> Any:  # noqa: ANN401 - as the reader
        if BROKEN in body:
            raise PlantedError
        return super().read_text(body, *rest)

    def read_envelope(self, _: object) -> Any:  # noqa: ANN401 - the same
        raise PlantedError


def with_a_broken_reader() -> Handlers:
    handlers = Handlers()
    reader = BreakingReader(RequestChecker(CATALOGUE, APP), FixedClock(NOW))
    handlers.sqs = replace(handlers.sqs, reader=reader)
    handlers.eventbridge = replace(handlers.eventbridge, reader=reader)
    return handlers


STAGES: Final[dict[str, Callable[[], Handlers]]] = {
    "reading": with_a_broken_reader,
    "checking": lambda: Handlers(catalogue=a_catalogue_that_breaks_on(BROKEN)),
    "loading": lambda: Handlers(ledger=BreakingLedger(KEY, on_load=True)),
    "sending": lambda: Handlers(outbox=BreakingOutbox(KEY)),
    "saving": lambda: Handlers(ledger=BreakingLedger(KEY, on_save=True)),
}
"""Where intake may break on one record, and a handler that breaks there."""

EVERY_ENVIRONMENT = pytest.mark.parametrize("broken", STAGES.values(), ids=STAGES)


def a_good(number: int) -> Json:
    return a_visit(id=f"visit-{number}")


def the_broken() -> Json:
    return a_visit(id=BROKEN, payload={**a_visit()["payload"], "page_title": BROKEN})


def taken(handlers: Handlers) -> int:
    return sum(row.state is State.PENDING for row in handlers.ledger.rows.values())


def check_the_line(log: Log, source_ids: list[str]) -> None:
    (line,) = [line for line in log.lines if line["log_event"] == "INTAKE_006"]
    assert (line["level"], line["source_ids"], line["error"]) == ("ERROR", source_ids, "PlantedError")
    assert line["place"].startswith(("saboteurs.py:", "test_isolation.py:"))
    assert log.counts["RecordsFailed"] == 1
    assert VALUE not in log.text


@EVERY_ENVIRONMENT
def test_of_a_batch_of_the_inbox_only_the_broken_message_comes_again(broken: Callable[[], Handlers], log: Log) -> None:
    handlers = broken()
    answer = handlers.sqs.handle(a_batch(a_good(1), the_broken(), a_good(2), "planted"))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "message-1"}]}
    assert taken(handlers) == 2
    assert handlers.reasons() == [("invalid", "", "json")]
    check_the_line(log, ["message-1"])


def test_a_refusal_that_its_queue_breaks_on_keeps_no_neighbour(log: Log) -> None:
    handlers = Handlers(refusals=BreakingRefusals(BROKEN))
    answer = handlers.sqs.handle(a_batch(a_good(1), "planted", BROKEN, a_good(2)))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "message-2"}]}
    assert (taken(handlers), handlers.reasons()) == (2, [("invalid", "", "json")])
    check_the_line(log, ["message-2"])


@EVERY_ENVIRONMENT
def test_an_event_of_the_bus_ends_with_an_error_that_holds_nothing_of_it(
    broken: Callable[[], Handlers], log: Log
) -> None:
    handlers, event = broken(), an_envelope(the_broken())
    with pytest.raises(UnforeseenError, match=r"^PlantedError at \w+\.py:\d+$") as raised:
        handlers.eventbridge.handle(event)
    assert raised.value.__suppress_context__
    check_the_line(log, [event["id"]])


@pytest.mark.parametrize("environment", [name for name in STAGES if name != "reading"])
def test_of_a_direct_invocation_only_the_broken_request_is_to_be_repeated(environment: str, log: Log) -> None:
    handlers = STAGES[environment]()
    results = handlers.ask(a_good(1), the_broken(), a_good(2))
    assert [result["outcome"] for result in results] == ["accepted", "retry", "accepted"]
    assert taken(handlers) == 2
    check_the_line(log, [])


def test_of_a_direct_invocation_only_the_broken_status_is_to_be_repeated(log: Log) -> None:
    handlers = Handlers(ledger=BreakingLedger(KEY, on_load=True))
    asked = [{**request, "action": "status"} for request in (a_good(1), a_visit(id=BROKEN))]
    for status in asked:
        del status["payload"]
    assert [result["outcome"] for result in handlers.ask(*asked)] == ["not_found", "retry"]
    check_the_line(log, [])


DOWN = [LedgerUnavailable("down"), QueueUnavailable("down")]


@pytest.mark.parametrize("error", DOWN, ids=["ledger", "queue"])
def test_what_takes_its_batch_along_twice_is_worked_alone_the_third_time(error: TriggerProviderError, log: Log) -> None:
    handlers = Handlers(ledger=BreakingLedger(KEY, on_save=True, error=error))
    batch = a_batch(a_good(1), the_broken(), a_good(2))
    with pytest.raises(type(error)):
        handlers.sqs.handle(batch)
    assert taken(handlers) == 0
    for record in batch["Records"]:
        record["attributes"]["ApproximateReceiveCount"] = "3"
    assert handlers.sqs.handle(batch) == {"batchItemFailures": [{"itemIdentifier": "message-1"}]}
    assert taken(handlers) == 2
    assert [line["source_ids"] for line in log.lines if line["log_event"] == "INTAKE_006"][-1] == ["message-1"]


def test_nothing_is_begun_for_which_no_time_is_left() -> None:
    handlers = Handlers()
    batch = a_batch(a_good(1), a_good(2))
    answer = handlers.sqs.handle(batch, remaining=2_000)
    assert answer == {"batchItemFailures": [{"itemIdentifier": f"message-{number}"} for number in range(2)]}
    assert handlers.ledger.rows == {}


# Dead letters of the delivery queue


FIRST, SECOND, THIRD = (an_entity_row(f"invoice {number}") for number in range(3))


def a_letter(message_id: str, body: str) -> Json:
    return {"messageId": message_id, "body": body, "attributes": {"ApproximateReceiveCount": "11"}}


def letters(*more: Json) -> Json:
    rows = [(row, Message(row.key, row.revision, row.site)) for row in (FIRST, SECOND, THIRD)]
    records = [a_letter(f"letter-{at}", encode(message)) for at, (_, message) in enumerate(rows)]
    return {"Records": [*records, *more]}


def a_handler(ledger: MemoryLedger, outcomes: Any = None) -> DeadLettersHandler:  # noqa: ANN401 - a port
    ledger.rows |= {row.key: row for row in (FIRST, SECOND, THIRD)}
    use_case = DeadLetters(ledger, FixedClock(NOW), lambda: "token", RETENTION, outcomes or NullOutcomes())
    return DeadLettersHandler(use_case, decode)


@pytest.mark.parametrize("place", ["on_load", "on_save"])
def test_of_a_batch_of_dead_letters_only_the_broken_one_comes_again(place: str, log: Log) -> None:
    ledger = BreakingLedger(SECOND.key, **{place: True})  # type: ignore[arg-type] # one of its flags
    assert a_handler(ledger).handle(letters()) == {"batchItemFailures": [{"itemIdentifier": "letter-1"}]}
    waiting = [row.next_attempt_at for row in (ledger.rows[FIRST.key], ledger.rows[THIRD.key])]
    assert waiting == [NOW, NOW]
    check_the_line(log, ["letter-1"])


def test_of_a_batch_of_dead_letters_only_the_one_of_a_row_that_can_not_be_read_comes_again(log: Log) -> None:
    ledger = MemoryLedger()
    ledger.unavailable.add(SECOND.key)
    assert a_handler(ledger).handle(letters()) == {"batchItemFailures": [{"itemIdentifier": "letter-1"}]}
    assert [ledger.rows[row.key].next_attempt_at for row in (FIRST, THIRD)] == [NOW, NOW]
    assert log.counts["RowsUnavailable"] == 1


def test_an_outcome_that_the_bus_breaks_on_keeps_no_neighbour(log: Log) -> None:
    ledger = MemoryLedger()
    outcomes = BreakingOutcomes(SECOND.key.partition)
    handler = a_handler(ledger, outcomes)
    ended = [replace(row, state=State.CANCELLED, reason="cancelled") for row in (FIRST, SECOND, THIRD)]
    ledger.rows |= {row.key: row for row in ended}
    assert handler.handle(letters()) == {"batchItemFailures": [{"itemIdentifier": "letter-1"}]}
    assert len(outcomes.published) == 2
    check_the_line(log, ["letter-1"])


@pytest.mark.parametrize("body", ["planted value", "[" * 100_000, "{}", ""], ids=["text", "deep", "object", "empty"])
def test_a_dead_letter_that_can_not_be_read_stays_and_its_neighbours_are_seen_to(body: str, log: Log) -> None:
    ledger = MemoryLedger()
    answer = a_handler(ledger).handle(letters(a_letter("letter-9", body)))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "letter-9"}]}
    assert {row.next_attempt_at for row in ledger.rows.values()} == {NOW}
    assert [line["message_id"] for line in log.lines if line["log_event"] == "DELIVERY_006"] == ["letter-9"]
    assert VALUE not in log.text


def test_an_outage_of_the_ledger_is_an_error_of_the_invocation() -> None:
    ledger = MemoryLedger()
    handler = a_handler(ledger)
    ledger.down = True
    with pytest.raises(LedgerUnavailable):
        handler.handle(json.loads(json.dumps(letters())))


# Delivery


@dataclass
class BreakingWix(MemoryAutomations):
    """Wix, but a call that names one event raises."""

    broken: str

    def __post_init__(self) -> None:
        super().__init__()

    def report(self, site: str, trigger: str, reports: Sequence[EventReport], deadline: int) -> Sequence[ItemResult]:
        if any(report.event_id.startswith(self.broken) for report in reports):
            raise PlantedError
        return super().report(site, trigger, reports, deadline)


@dataclass
class BreakingMessages(MemoryOutbox):
    """The delivery queue from the receiver's side, which raises on one receipt."""

    broken: str

    def __post_init__(self) -> None:
        super().__init__()

    def give_back(self, receipts: Sequence[tuple[str, int]]) -> None:
        if any(receipt == self.broken for receipt, _ in receipts):
            raise PlantedError
        super().give_back(receipts)


def deliver(harness: DeliveryHarness, **changes: Any) -> Json:  # noqa: ANN401 - any member of a record
    """Deliver three rows, of which the message of the second is changed."""
    harness.knows(FIRST, SECOND, THIRD)
    return harness.handle(a_message(0, FIRST), a_message(1, SECOND, **changes), a_message(2, THIRD))


PORTS: Final[dict[str, Callable[[], DeliveryHarness]]] = {
    "loading": lambda: DeliveryHarness(ledger=BreakingLedger(SECOND.key, on_load=True)),
    "saving": lambda: DeliveryHarness(ledger=BreakingLedger(SECOND.key, on_save=True)),
    "calling Wix": lambda: DeliveryHarness(wix=BreakingWix(SECOND.key.partition)),
    "publishing": lambda: DeliveryHarness(outcomes=BreakingOutcomes(SECOND.key.partition)),
}


@pytest.mark.parametrize("port", PORTS)
def test_of_a_batch_of_delivery_only_the_broken_message_comes_again(port: str, log: Log) -> None:
    harness = PORTS[port]()
    assert deliver(harness) == {"batchItemFailures": [{"itemIdentifier": "message-1"}]}
    states = [harness.ledger.rows[row.key].state for row in (FIRST, THIRD)]
    assert states == [State.REPORTED, State.REPORTED]
    check_the_line(log, ["message-1"])


def test_of_a_batch_of_delivery_only_the_message_of_a_row_that_can_not_be_read_comes_again(log: Log) -> None:
    harness = DeliveryHarness()
    harness.ledger.unavailable.add(SECOND.key)
    assert deliver(harness) == {"batchItemFailures": [{"itemIdentifier": "message-1"}]}
    assert [harness.ledger.rows[row.key].state for row in (FIRST, THIRD)] == [State.REPORTED, State.REPORTED]
    assert [line["rows"] for line in log.lines if line["log_event"] == "DELIVERY_010"] == [[SECOND.key.partition]]
    assert log.counts["RowsUnavailable"] == 1
    assert harness.messages.given_back == []


def test_an_occurrence_whose_tombstone_can_not_be_read_is_not_reported() -> None:
    harness, tombstone = DeliveryHarness(), a_tombstone()
    occurrence = an_occurrence(entity=tombstone.entity, version=tombstone.version)
    harness.knows(occurrence)
    harness.ledger.rows[tombstone.key] = tombstone
    harness.ledger.unavailable.add(tombstone.key)
    answer = harness.handle(a_message(1, occurrence))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "message-1"}]}
    assert harness.wix.calls == []


def test_an_error_in_the_calls_of_one_group_makes_no_call_of_another_group_twice(log: Log) -> None:
    harness = DeliveryHarness(wix=BreakingWix(FIRST.key.partition))
    other = an_entity_row("invoice 4", site="another site")
    harness.knows(FIRST, SECOND, other)
    answer = harness.handle(a_message(1, FIRST), a_message(2, SECOND), a_message(3, other))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "message-1"}]}
    assert [call for call in harness.wix.calls if other.key.partition in str(call)] == harness.wix.calls[:1]
    check_the_line(log, ["message-1"])


def test_a_queue_that_breaks_on_one_receipt_keeps_no_neighbour(log: Log) -> None:
    harness = DeliveryHarness(messages=BreakingMessages("receipt-1"))
    busy = ItemResult(ResultKind.RETRY, "wix 503")
    for row in (FIRST, SECOND):
        harness.wix.script("report", busy, event_id=event_id(row))
        harness.wix.script("report", busy, event_id=event_id(row))
    deliver(harness)
    assert harness.ledger.rows[THIRD.key].state is State.REPORTED
    assert VALUE not in log.text


@pytest.mark.parametrize(
    "changes", [{"body": "planted value"}, {"body": "[" * 100_000}, {"attributes": {}}, {"receiptHandle": None}]
)
def test_a_delivery_message_that_is_none_comes_again_and_its_neighbours_are_delivered(changes: Json, log: Log) -> None:
    assert deliver(DeliveryHarness(), **changes) == {"batchItemFailures": [{"itemIdentifier": "message-1"}]}
    assert [line["message_id"] for line in log.lines if line["log_event"] == "DELIVERY_006"] == ["message-1"]
    assert VALUE not in log.text


@pytest.mark.parametrize("event", [None, {}, [], {"Records": [{"eventSource": "aws:s3"}]}, {"Records": "planted"}])
def test_a_function_of_messages_names_what_it_takes_where_it_is_given_something_else(event: object) -> None:
    handlers: list[Any] = [DeliveryHarness().entrypoint, a_handler(MemoryLedger())]
    for handler in handlers:
        with pytest.raises(ForeignEvent, match=r"^this function takes batches of SQS$"):
            handler.handle(event, 10_000)
