from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from tests.support.builders import an_occurrence
from tests.support.fixed_clock import FixedClock
from tests.support.handlers import NOW, RETENTION, Json
from tests.support.log import Log
from tests.support.memory_automations import MemoryAutomations
from tests.support.memory_ledger import MemoryLedger
from tests.support.memory_outbox import MemoryOutbox
from tests.support.rows import APP, SITE, TRIGGER
from tests.support.site_builders import an_admission
from trigger_provider.adapters.sqs.delivery_queue import decode, encode
from trigger_provider.domain.delivery.messages import Message
from trigger_provider.domain.delivery.policy import DeliveryPolicy
from trigger_provider.domain.delivery.results import EventReport, ItemResult, ResultKind
from trigger_provider.domain.durations import HOUR, SECOND
from trigger_provider.domain.ledger.ids import event_id
from trigger_provider.domain.ledger.rows import Row, RowKey, State
from trigger_provider.entrypoints.deliver import DeliveryHandler
from trigger_provider.errors import LedgerUnavailable, QueueForbidden
from trigger_provider.use_cases.delivery.deliver import Deliver
from trigger_provider.use_cases.ports.wix import AutomationsApi

ALL_DONE: Json = {"batchItemFailures": []}
RESERVE = 1_500
REMAINING = 60 * SECOND
WINDOW = 30 * SECOND
JITTER = 0.2511  # of four seconds: 1,004.4 ms
AGAIN = ItemResult(ResultKind.RETRY, "wix 503")


@dataclass
class Delivery:
    """The entrypoint of delivery as Lambda would hold it, and what lies behind."""

    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    outbox: MemoryOutbox = field(default_factory=MemoryOutbox)
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))
    comes: tuple[Row, ...] = ()

    def __post_init__(self) -> None:
        self.wix = MemoryAutomations(self.clock)
        policy = DeliveryPolicy(settle_delay=60 * SECOND, give_up_after=HOUR, retention=RETENTION)
        deliver = Deliver(
            ledger=self.ledger, automations=self.wix, clock=self.clock, jitter=lambda: JITTER,
            new_token=lambda: "token", policy=policy, app_id=APP, intake_window=WINDOW,
            admission=an_admission(self.clock),
        )  # fmt: skip
        self.entrypoint = DeliveryHandler(deliver, decode, self.outbox, self.clock, RESERVE, self._pause)

    def __call__(self, *records: Json, remaining: int = REMAINING) -> Json:
        return {**self.entrypoint.handle({"Records": records}, remaining)}

    def calls(self, wix: AutomationsApi) -> None:
        deliver = replace(self.entrypoint.deliver, automations=wix)
        self.entrypoint = replace(self.entrypoint, deliver=deliver)

    def _pause(self, milliseconds: int) -> None:
        """Let time pass, and whatever is saved in it."""
        self.clock.wait(milliseconds)
        self.knows(*self.comes)

    def knows(self, *rows: Row) -> None:
        self.ledger.rows |= {row.key: row for row in rows}

    def state(self, row: Row) -> State:
        return self.ledger.rows[row.key].state


def a_record(number: int, body: str, sent_at: int = NOW, receives: int = 1) -> Json:
    return {
        "messageId": f"message-{number}",
        "receiptHandle": f"receipt-{number}",
        "body": body,
        "attributes": {"ApproximateReceiveCount": str(receives), "SentTimestamp": str(sent_at), "MessageGroupId": SITE},
    }


def about(number: int, row: Row, revision: int = 1, sent_at: int = NOW, receives: int = 1) -> Json:
    return a_record(number, encode(Message(row.key, revision, row.site)), sent_at, receives)


def failed(*numbers: int) -> Json:
    return {"batchItemFailures": [{"itemIdentifier": f"message-{number}"} for number in numbers]}


ONE, TWO, THREE = (an_occurrence(name, accepted_at=NOW) for name in ("one", "two", "three"))


def test_a_batch_is_delivered_and_done_with() -> None:
    delivery = Delivery()
    delivery.knows(ONE, TWO)
    assert delivery(about(1, ONE), about(2, TWO)) == ALL_DONE
    assert [delivery.state(row) for row in (ONE, TWO)] == [State.REPORTED, State.REPORTED]
    assert len(delivery.wix.live(SITE, TRIGGER)) == 2
    assert delivery.outbox.given_back == []


def test_a_message_that_comes_twice_is_reported_once() -> None:
    delivery = Delivery()
    delivery.knows(ONE)
    assert delivery(about(1, ONE), about(2, ONE)) == ALL_DONE
    assert delivery(about(3, ONE)) == ALL_DONE
    assert [call.operation for call in delivery.wix.calls] == ["report"]


@pytest.mark.parametrize(
    "body",
    [
        "planted",
        "",
        "[]",
        "null",
        '{"partition":"planted"}',
        '{"partition":"planted","row":7,"revision":1}',
        '{"partition":"planted","row":"planted","revision":"1"}',
    ],
)
def test_a_message_that_cannot_be_read_is_reported_as_failed_and_its_neighbours_are_delivered(
    body: str, log: Log
) -> None:
    delivery = Delivery()
    delivery.knows(ONE)
    assert delivery(a_record(7, body), about(1, ONE)) == failed(7)
    assert delivery.state(ONE) is State.REPORTED
    (unreadable, _) = log.lines
    assert (unreadable["level"], unreadable["log_event"]) == ("ERROR", "DELIVERY_006")
    assert unreadable["message_id"] == "message-7"
    assert "planted" not in log.text


def test_a_batch_of_which_nothing_can_be_read_asks_nobody() -> None:
    delivery = Delivery()
    assert delivery(a_record(1, "planted"), a_record(2, "planted")) == failed(1, 2)
    assert delivery.wix.calls == []


def test_a_row_that_moved_on_is_delivered_as_it_is() -> None:
    delivery = Delivery()
    delivery.knows(an_occurrence("one", revision=3))
    assert delivery(about(1, ONE, revision=2)) == ALL_DONE
    assert delivery.state(ONE) is State.REPORTED


def test_a_message_before_its_row_comes_back_in_seconds() -> None:
    delivery = Delivery()
    delivery.knows(TWO)
    assert delivery(about(1, ONE), about(2, TWO)) == failed(1)
    assert delivery.outbox.given_back == [("receipt-1", 2)]
    assert delivery.state(TWO) is State.REPORTED


def test_a_message_just_before_its_row_is_looked_at_once_more_in_the_same_batch() -> None:
    delivery = Delivery(comes=(ONE,))
    delivery.knows(TWO)
    assert delivery(about(1, ONE), about(2, TWO)) == ALL_DONE
    assert [delivery.state(row) for row in (ONE, TWO)] == [State.REPORTED, State.REPORTED]
    assert (delivery.clock.now(), delivery.outbox.given_back) == (NOW + 100, [])


def test_what_comes_back_for_another_reason_does_so_though_a_neighbour_was_looked_at_once_more() -> None:
    delivery = Delivery(comes=(ONE,))
    delivery.knows(TWO)
    delivery.wix.script("report", AGAIN, event_id=event_id(TWO))
    assert delivery(about(1, ONE), about(2, TWO)) == failed(2)
    assert [receipt for receipt, _ in delivery.outbox.given_back] == ["receipt-2"]
    assert delivery.state(ONE) is State.REPORTED


def test_a_message_whose_row_can_no_more_be_saved_is_dropped() -> None:
    delivery = Delivery()
    assert delivery(about(1, ONE, sent_at=NOW - WINDOW)) == ALL_DONE
    assert delivery.outbox.given_back == []


def test_a_wait_is_rounded_up_to_whole_seconds() -> None:
    delivery = Delivery()
    delivery.knows(ONE)
    delivery.wix.script("report", AGAIN)
    assert delivery(about(1, ONE)) == failed(1)
    assert delivery.outbox.given_back == [("receipt-1", 3)], "1,000 ms and 0.2511 of 4,000 ms are 2,004 ms"


def test_only_what_must_come_back_is_given_back() -> None:
    delivery = Delivery()
    delivery.knows(ONE, TWO)
    delivery.wix.script("report", AGAIN)
    assert delivery(about(1, ONE), about(2, TWO)) == failed(1)
    assert [receipt for receipt, _ in delivery.outbox.given_back] == ["receipt-1"]


@pytest.mark.parametrize("remaining, calls", [(RESERVE + 1, 1), (RESERVE, 0), (0, 0)])
def test_no_call_is_made_in_the_time_that_settling_needs(remaining: int, calls: int) -> None:
    delivery = Delivery()
    delivery.knows(ONE)
    answer = delivery(about(1, ONE), remaining=remaining)
    assert len(delivery.wix.calls) == calls
    assert answer == (ALL_DONE if calls else failed(1))
    assert delivery.outbox.given_back == ([] if calls else [("receipt-1", 1)])


def test_a_ledger_that_is_down_brings_the_whole_batch_again() -> None:
    delivery = Delivery()
    delivery.ledger.down = True
    with pytest.raises(LedgerUnavailable):
        delivery(about(1, ONE))
    assert delivery.wix.calls == []


def test_a_queue_that_takes_no_word_ends_no_batch_and_nothing_is_reported_twice(log: Log) -> None:
    delivery = Delivery()
    delivery.knows(ONE)
    delivery.outbox.down = True
    assert delivery(about(1, ONE), about(2, TWO)) == failed(2)
    assert [line["log_event"] for line in log.lines if line["level"] == "WARNING"] == ["DELIVERY_009"]
    delivery.outbox.down = False
    assert delivery(about(1, ONE), about(2, TWO)) == failed(2)
    assert [call.operation for call in delivery.wix.calls] == ["report"]


def test_a_queue_that_may_not_be_told_anything_fails_the_batch_so_that_an_alarm_rings() -> None:
    delivery = Delivery()
    delivery.outbox.forbidden = True
    with pytest.raises(QueueForbidden):
        delivery(about(1, ONE))


def test_a_suspect_is_worked_even_if_its_neighbours_cannot_be_taken_off_the_queue() -> None:
    delivery = Delivery()
    delivery.knows(ONE, TWO)
    delivery.outbox.down = True
    assert delivery(about(1, ONE, receives=3), about(2, TWO)) == ALL_DONE
    assert delivery.state(ONE) is State.REPORTED


def test_a_delivery_is_one_line_and_one_metric_a_row_without_payload_and_entity(log: Log) -> None:
    delivery = Delivery()
    planted = an_occurrence("planted", entity="planted@example.com", version=1, payload='{"name":"planted"}')
    delivery.knows(planted)
    delivery(about(1, planted))
    (line,) = log.lines
    assert (line["level"], line["log_event"], line["state"]) == ("DEBUG", "DELIVERY_001", "reported")
    assert log.counts == {"MessagesReceived": 1, "EventReported": 1}
    assert "planted" not in log.text


def test_a_message_names_its_row_and_nothing_of_what_the_row_holds() -> None:
    body = encode(Message(ONE.key, 7, SITE))
    assert json.loads(body) == {"partition": ONE.key.partition, "row": ONE.key.row, "revision": 7}
    assert decode(body) == (RowKey(ONE.key.partition, ONE.key.row), 7)


class WorkerDiedError(BaseException):
    """What ends a whole worker, so that no code of ours can catch it."""


@dataclass
class DeadlyWix:
    """Wix, but a certain event kills the worker that reports it."""

    deadly: str
    wix: MemoryAutomations

    def report(self, site: str, trigger: str, reports: Sequence[EventReport], deadline: int) -> Sequence[ItemResult]:
        if self.deadly in {report.event_id for report in reports}:
            raise WorkerDiedError
        return self.wix.report(site, trigger, reports, deadline)

    def cancel(self, site: str, trigger: str, event_ids: Sequence[str], deadline: int) -> Sequence[ItemResult]:
        return self.wix.cancel(site, trigger, event_ids, deadline)


def test_a_suspect_is_worked_alone_after_its_neighbours_are_done_and_off_the_queue() -> None:
    delivery = Delivery()
    delivery.knows(ONE, TWO)
    delivery.calls(DeadlyWix(event_id(ONE), delivery.wix))

    with pytest.raises(WorkerDiedError):
        delivery(about(1, ONE, receives=3), about(2, TWO))

    assert delivery.state(TWO) is State.REPORTED
    assert delivery.outbox.finished == ["receipt-2"]


def test_without_a_suspect_nothing_is_taken_off_the_queue_by_hand() -> None:
    delivery = Delivery()
    delivery.knows(ONE, TWO)
    delivery(about(1, ONE, receives=2), about(2, TWO))

    assert delivery.outbox.finished == []


def test_suspects_received_together_come_back_apart_if_the_worker_dies_of_one_and_not_before_it_is_dead() -> None:
    delivery = Delivery()
    rows = ONE, TWO, THREE
    delivery.knows(*rows)
    delivery.calls(DeadlyWix(event_id(ONE), delivery.wix))

    with pytest.raises(WorkerDiedError):
        delivery(*(about(number, row, receives=3) for number, row in enumerate(rows)), remaining=60_000)

    assert delivery.outbox.given_back == [("receipt-1", 67), ("receipt-2", 74)]


def test_a_suspect_alone_in_its_batch_keeps_its_visibility_timeout() -> None:
    delivery = Delivery()
    delivery.knows(ONE, TWO)
    delivery(about(1, ONE, receives=3), about(2, TWO))

    assert delivery.outbox.given_back == []
