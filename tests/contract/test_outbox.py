"""What the delivery queue and the queue of refusals promise, in memory and in SQS; then SQS on a bad day."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.clouds import EVERYWHERE, IN_MEMORY, clients_of
from tests.support.memory_outbox import MemoryOutbox
from tests.support.memory_refusals import MemoryRefusals
from tests.support.noise import noise
from tests.support.queues import new_queue
from trigger_provider.adapters.aws.retry import BackOff
from trigger_provider.adapters.sqs.dead_letter_queues import SqsDeadLetterQueue
from trigger_provider.adapters.sqs.delivery_queue import SqsDeliveryQueue, decode, encode
from trigger_provider.adapters.sqs.refused_queue import SqsRefusedQueue
from trigger_provider.domain.aws_limits import SQS_MESSAGE_BYTES
from trigger_provider.domain.delivery.messages import Message, Refusal
from trigger_provider.domain.intake.message_body import BODY_ENCODING, GZIP_BASE64, unpack
from trigger_provider.domain.ledger.rows import RowKey
from trigger_provider.errors import QueueForbidden, QueueUnavailable
from trigger_provider.use_cases.ports.messaging import Outbox, Refusals

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

    from tests.sandbox.aws import Clients
    from tests.support.aws import Script

pytest_plugins = ["tests.support.aws"]

PAUSES_AT_MOST = [0.1, 0.2, 0.4, 0.8, 1.0]


def a_message(number: int = 1, site: str = "site-1") -> Message:
    return Message(RowKey(f"partition-{number}", f"entity#{number}"), revision=number, site=site)


def received(sqs: SQSClient, queue_url: str, count: int) -> list[MessageTypeDef]:
    """Receive as many messages as are expected, and make sure that there is none beyond."""
    received: list[MessageTypeDef] = []
    while batch := sqs.receive_message(
        QueueUrl=queue_url,
        MaxNumberOfMessages=10,
        MessageAttributeNames=["All"],
        MessageSystemAttributeNames=["All"],
        WaitTimeSeconds=1 if len(received) < count else 0,
    ).get("Messages"):
        received += batch
    return received


# The delivery queue


@dataclass
class DeliveryQueue:
    """An outbox, and what has come out of its queue so far."""

    outbox: SqsDeliveryQueue | MemoryOutbox
    sent: Callable[[int], list[Message]]


@pytest.fixture(params=EVERYWHERE)
def delivery(request: pytest.FixtureRequest) -> DeliveryQueue:
    if request.param == IN_MEMORY:
        memory = MemoryOutbox()
        return DeliveryQueue(memory, lambda _: memory.sent)
    sqs = clients_of(request).sqs
    queue_url = new_queue(sqs)

    def sent(count: int) -> list[Message]:
        return [
            Message(*decode(message["Body"]), site=message["Attributes"]["MessageGroupId"])
            for message in received(sqs, queue_url, count)
        ]

    return DeliveryQueue(SqsDeliveryQueue(sqs, queue_url), sent)


def test_a_message_arrives_as_it_was_sent(delivery: DeliveryQueue) -> None:
    outbox: Outbox = delivery.outbox
    outbox.send([a_message()])
    assert delivery.sent(1) == [a_message()]


def test_25_messages_of_several_sites_all_arrive(delivery: DeliveryQueue) -> None:
    messages = [a_message(number, f"site-{number % 3}") for number in range(25)]
    delivery.outbox.send(messages)
    assert sorted(delivery.sent(25), key=lambda message: message.revision) == messages


def test_equal_messages_may_be_sent_together(delivery: DeliveryQueue) -> None:
    delivery.outbox.send([a_message(), a_message()])
    assert delivery.sent(2) == [a_message(), a_message()]


def test_nothing_to_send_is_no_error(delivery: DeliveryQueue) -> None:
    delivery.outbox.send([])
    assert delivery.sent(0) == []


@pytest.mark.parametrize("seconds", [-1, 43_201])
def test_a_message_can_not_wait_longer_than_sqs_lets_it(delivery: DeliveryQueue, seconds: int) -> None:
    with pytest.raises(ValueError, match="43200"):
        delivery.outbox.give_back([("receipt", seconds)])


def test_a_body_names_the_row_and_its_revision_and_nothing_else() -> None:
    body = encode(Message(RowKey("p", "entity#r"), revision=3, site="site-1"))
    assert body == '{"partition":"p","row":"entity#r","revision":3}'
    assert decode(body) == (RowKey("p", "entity#r"), 3)


def test_a_field_that_a_later_version_adds_to_a_body_is_ignored() -> None:
    assert decode('{"partition":"p","row":"alone#r#1","revision":3,"more":true}') == (RowKey("p", "alone#r#1"), 3)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "no json",
        "[]",
        '{"partition":"p","row":"entity#r"}',
        '{"partition":1,"row":2,"revision":3}',
        '{"partition":"p","row":"entity","revision":3}',
        '{"partition":"p","row":"nobody#r","revision":3}',
    ],
)
def test_a_body_that_nobody_encoded_is_refused(body: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode(body)


def test_a_message_that_is_given_back_at_once_is_received_again(cloud: Clients, queue_url: str) -> None:
    outbox = SqsDeliveryQueue(cloud.sqs, queue_url)
    outbox.send([a_message(number) for number in range(12)])
    first = received(cloud.sqs, queue_url, 12)
    assert received(cloud.sqs, queue_url, 0) == []
    outbox.give_back([(message["ReceiptHandle"], 0) for message in first])
    again = received(cloud.sqs, queue_url, 12)
    assert {message["MessageId"] for message in again} == {message["MessageId"] for message in first}


def test_a_receipt_of_a_message_that_is_gone_does_not_stop_the_others(cloud: Clients, queue_url: str) -> None:
    outbox = SqsDeliveryQueue(cloud.sqs, queue_url)
    outbox.send([a_message(1), a_message(2)])
    gone, kept = received(cloud.sqs, queue_url, 2)
    cloud.sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=gone["ReceiptHandle"])
    outbox.give_back([(gone["ReceiptHandle"], 0), (kept["ReceiptHandle"], 0)])
    assert [message["MessageId"] for message in received(cloud.sqs, queue_url, 1)] == [kept["MessageId"]]


# The queue of refusals


@dataclass
class RefusedQueue:
    """A place for refusals, and what has come out of its queue so far."""

    refusals: Refusals
    refused: Callable[[int], list[Refusal]]


def a_refusal(body: str = '{"action": "report"}', pointer: str = "/action", source_id: str = "") -> Refusal:
    return Refusal(body=body, outcome="invalid", pointer=pointer, rule="enum", source_id=source_id)


@pytest.fixture(params=EVERYWHERE)
def refusing(request: pytest.FixtureRequest) -> RefusedQueue:
    if request.param == IN_MEMORY:
        memory = MemoryRefusals()
        return RefusedQueue(memory, lambda _: memory.refused)
    sqs = clients_of(request).sqs
    queue_url = new_queue(sqs)

    def refused(count: int) -> list[Refusal]:
        return [_read(message) for message in received(sqs, queue_url, count)]

    return RefusedQueue(SqsRefusedQueue(sqs, queue_url), refused)


def _read(message: MessageTypeDef) -> Refusal:
    texts = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    pointer, source_id = texts.get("pointer", ""), texts.get("source_id", "")
    return Refusal(message["Body"], texts["outcome"], pointer, texts["rule"], source_id)


def test_a_refused_message_lies_whole_with_its_reason(refusing: RefusedQueue) -> None:
    refusing.refusals.put([a_refusal("Żółć 買い物 🧾 {not even json", "/ż/~1")])
    assert refusing.refused(1) == [a_refusal("Żółć 買い物 🧾 {not even json", "/ż/~1")]


def test_a_refused_message_names_what_the_log_line_of_its_refusal_names(refusing: RefusedQueue) -> None:
    refusing.refusals.put([a_refusal(source_id="message-1")])
    assert refusing.refused(1) == [a_refusal(source_id="message-1")]


def test_a_message_that_was_refused_as_a_whole_has_the_empty_pointer(refusing: RefusedQueue) -> None:
    refusing.refusals.put([a_refusal(pointer="")])
    assert refusing.refused(1) == [a_refusal(pointer="")]


def test_12_refusals_of_256_kib_are_all_put(refusing: RefusedQueue) -> None:
    refusals = [a_refusal(f"{number:04}" + "ż" * 2**17) for number in range(12)]
    refusing.refusals.put(refusals)
    assert sorted(refusing.refused(12), key=lambda refusal: refusal.body) == refusals


def test_no_refusals_are_no_error(refusing: RefusedQueue) -> None:
    refusing.refusals.put([])
    assert refusing.refused(0) == []


def test_characters_that_sqs_refuses_are_replaced(cloud: Clients, queue_url: str) -> None:
    SqsRefusedQueue(cloud.sqs, queue_url).put([a_refusal("a\tb\u0000c\ud800", pointer="/a\u0000b\ud800")])
    (message,) = received(cloud.sqs, queue_url, 1)
    assert message["Body"] == "a\tb\ufffdc\ufffd"
    assert message["MessageAttributes"]["pointer"]["StringValue"] == "/a\ufffdb\ufffd"


@pytest.mark.parametrize("letter", ["x", "ж", "買", "🧾"])
def test_a_body_that_leaves_its_reason_no_room_is_compressed_and_says_so(
    cloud: Clients, queue_url: str, letter: str
) -> None:
    body = letter * (SQS_MESSAGE_BYTES // len(letter.encode()))
    SqsRefusedQueue(cloud.sqs, queue_url).put([a_refusal(body)])
    (letter_,) = SqsDeadLetterQueue(cloud.sqs, queue_url).receive(30)
    assert letter_.attributes == {
        "outcome": "invalid",
        "pointer": "/action",
        "rule": "enum",
        BODY_ENCODING: GZIP_BASE64,
    }
    assert unpack(letter_.body, letter_.attributes) == body


def test_a_body_that_fills_a_message_and_can_not_be_compressed_goes_without_its_reason(
    cloud: Clients, queue_url: str
) -> None:
    body = noise(SQS_MESSAGE_BYTES)
    SqsRefusedQueue(cloud.sqs, queue_url).put([a_refusal(body)])
    (message,) = received(cloud.sqs, queue_url, 1)
    assert message["Body"] == body
    assert "MessageAttributes" not in message


def test_a_refusal_that_no_message_holds_is_put_nowhere(bad_day: BadDay) -> None:
    for refusals in (SqsRefusedQueue(bad_day.script.client, "queue"), MemoryRefusals()):
        with pytest.raises(ValueError, match="holds this"):
            refusals.put([a_refusal(), a_refusal(noise(SQS_MESSAGE_BYTES + 1))])
    assert bad_day.script.requests == []


# Only in SQS: what it answers on a bad day


@dataclass
class BadDay:
    """Queues whose SQS answers by a script, and the pauses that were made."""

    script: Script[SQSClient]
    pauses: list[float] = field(default_factory=list)

    @property
    def back_off(self) -> BackOff:
        return BackOff(sleep=self.pauses.append, jitter=lambda _, longest: longest)

    @property
    def outbox(self) -> SqsDeliveryQueue:
        return SqsDeliveryQueue(self.script.client, "queue", self.back_off)

    def sends(self, **failed: Any) -> None:  # noqa: ANN401 - a fault and its code
        self._answer("send_message_batch", failed)

    def changes(self, **failed: Any) -> None:  # noqa: ANN401 - a fault and its code
        self._answer("change_message_visibility_batch", failed)

    def _answer(self, operation: str, failed: dict[str, Any]) -> None:
        entries = [{"Id": name.strip("_"), "SenderFault": ours, "Code": code} for name, (ours, code) in failed.items()]
        self.script.answer(operation, {"Successful": [], "Failed": entries})

    def asked_for(self) -> list[list[str]]:
        return [[entry["Id"] for entry in request["Entries"]] for request in self.script.requests]


@pytest.fixture
def bad_day(sqs_script: Script[SQSClient]) -> BadDay:
    return BadDay(sqs_script)


OURS = (True, "InvalidMessageContents")
THEIRS = (False, "InternalError")


def messages(count: int) -> Sequence[Message]:
    return [a_message(number) for number in range(count)]


def test_a_message_that_sqs_failed_to_take_is_sent_again_without_the_others(bad_day: BadDay) -> None:
    bad_day.sends(_1=THEIRS)
    bad_day.sends()
    bad_day.outbox.send(messages(3))
    assert bad_day.asked_for() == [["0", "1", "2"], ["1"]]
    assert bad_day.pauses == PAUSES_AT_MOST[:1]


def test_a_message_that_sqs_never_takes_makes_the_queue_unavailable(bad_day: BadDay) -> None:
    for _ in range(6):
        bad_day.sends(_0=THEIRS)
    with pytest.raises(QueueUnavailable, match="SendMessageBatch: 1 entries put off"):
        bad_day.outbox.send(messages(1))
    assert bad_day.pauses == PAUSES_AT_MOST


def test_a_message_that_can_never_be_sent_is_told_once_the_others_are_on_their_way(bad_day: BadDay) -> None:
    bad_day.sends(_0=OURS, _2=THEIRS)
    bad_day.sends()
    with pytest.raises(QueueUnavailable, match=r"^SendMessageBatch: InvalidMessageContents$"):
        bad_day.outbox.send(messages(3))
    assert bad_day.asked_for() == [["0", "1", "2"], ["2"]]


def test_messages_are_sent_by_ten(bad_day: BadDay) -> None:
    bad_day.sends()
    bad_day.sends()
    bad_day.outbox.send(messages(12))
    assert [len(entries) for entries in bad_day.asked_for()] == [10, 2]


def test_refusals_are_sent_by_a_megabyte(bad_day: BadDay) -> None:
    bad_day.sends()
    bad_day.sends()
    SqsRefusedQueue(bad_day.script.client, "queue").put([a_refusal("x" * 500_000)] * 3)
    assert [len(entries) for entries in bad_day.asked_for()] == [2, 1]


def test_messages_that_sqs_counts_as_more_than_a_request_holds_are_sent_by_halves(bad_day: BadDay) -> None:
    for size in (3, 2):
        bad_day.script.fail("send_message_batch", "AWS.SimpleQueueService.BatchRequestTooLong")
        if size == 3:
            bad_day.sends()
    bad_day.sends()
    bad_day.sends()
    bad_day.outbox.send(messages(3))
    assert bad_day.asked_for() == [["0", "1", "2"], ["0"], ["1", "2"], ["1"], ["2"]]
    assert bad_day.pauses == []


def test_one_message_that_sqs_counts_as_too_large_makes_the_queue_unavailable(bad_day: BadDay) -> None:
    bad_day.script.fail("send_message_batch", "AWS.SimpleQueueService.BatchRequestTooLong")
    with pytest.raises(QueueUnavailable, match="BatchRequestTooLong"):
        bad_day.outbox.send(messages(1))


def test_receipts_that_sqs_takes_no_more_are_no_error(bad_day: BadDay) -> None:
    bad_day.changes(_0=(True, "ReceiptHandleIsInvalid"), _1=(True, "InvalidParameterValue"))
    bad_day.outbox.give_back([("old", 0), ("older", 0), ("new", 4)])
    assert bad_day.asked_for() == [["0", "1", "2"]]


def test_a_receipt_that_sqs_failed_on_is_tried_again(bad_day: BadDay) -> None:
    bad_day.changes(_1=THEIRS)
    bad_day.changes()
    bad_day.outbox.give_back([("a", 1), ("b", 2)])
    (again,) = bad_day.script.requests[1]["Entries"]
    assert (again["ReceiptHandle"], again["VisibilityTimeout"]) == ("b", 2)


def test_a_message_may_wait_from_no_time_to_twelve_hours(bad_day: BadDay) -> None:
    bad_day.changes()
    bad_day.outbox.give_back([("a", 0), ("b", 43_200)])
    assert [entry["VisibilityTimeout"] for entry in bad_day.script.requests[0]["Entries"]] == [0, 43_200]


def test_no_attribute_is_sent_empty(bad_day: BadDay) -> None:
    bad_day.sends()
    SqsRefusedQueue(bad_day.script.client, "queue").put([a_refusal(pointer="")])
    (entry,) = bad_day.script.requests[0]["Entries"]
    assert sorted(entry["MessageAttributes"]) == ["outcome", "rule"]


def test_a_call_that_fails_says_its_code_and_nothing_of_its_text(bad_day: BadDay) -> None:
    bad_day.script.fail("send_message_batch", "AccessDenied")
    with pytest.raises(QueueForbidden, match=r"^SendMessageBatch: AccessDenied$") as raised:
        bad_day.outbox.send(messages(1))
    assert raised.value.__suppress_context__
    assert raised.value.__cause__ is None


def test_a_queue_that_can_not_be_reached_is_unavailable(nowhere: Clients) -> None:
    with pytest.raises(QueueUnavailable, match="SendMessageBatch: EndpointConnectionError"):
        SqsDeliveryQueue(nowhere.sqs, "http://127.0.0.1:9/queue").send(messages(1))


def test_the_body_of_a_message_is_its_smallest_json(bad_day: BadDay) -> None:
    bad_day.sends()
    bad_day.outbox.send([a_message(7)])
    (entry,) = bad_day.script.requests[0]["Entries"]
    assert json.loads(entry["MessageBody"]) == {"partition": "partition-7", "row": "entity#7", "revision": 7}
    assert entry["MessageGroupId"] == "site-1"
