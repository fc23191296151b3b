"""What the entry points rely on in SQS, Lambda and EventBridge, seen in MiniStack, and in moto what needs no function.

Where the two disagree, and with AWS's documentation, is in tests/support/aws_differences.py. MiniStack does not use the
dead-letter queue of a rule's target, so that is not tested here.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from tests.sandbox.aws import Clients, MiniStack
from tests.support.small_functions import small_function
from tests.support.waiting import wait_until
from trigger_provider.domain.aws_limits import LAMBDA_EVENT_BYTES

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

pytest_plugins = ["tests.support.aws"]

# Seconds, and longer than any test waits: what comes back sooner does so because it was told to.
LONG = "3600"
GIVEN_BACK_FOR = 1

GIVE_BACK = f"""
import os, boto3
sqs = boto3.client("sqs")

def handler(event, context):
    failed = [record for record in event["Records"] if record["body"] == "again"]
    first = [record for record in failed if record["attributes"]["ApproximateReceiveCount"] == "1"]
    sqs.send_message(QueueUrl=os.environ["SEEN"], MessageBody=",".join(
        record["body"] + record["attributes"]["ApproximateReceiveCount"] for record in event["Records"]))
    for record in first:
        sqs.change_message_visibility(
            QueueUrl=os.environ["QUEUE"], ReceiptHandle=record["receiptHandle"], VisibilityTimeout={GIVEN_BACK_FOR})
    return {{"batchItemFailures": [{{"itemIdentifier": record["messageId"]}} for record in first]}}
"""

COUNT = """
import os, boto3
sqs = boto3.client("sqs")

def handler(event, context):
    sqs.send_message(QueueUrl=os.environ["SEEN"], MessageBody=str(len(event["Records"])))
"""

FAIL = """
def handler(event, context):
    raise ValueError("on purpose")
"""


@pytest.fixture
def clients(aws: MiniStack) -> Clients:
    return aws.clients


def queue(clients: Clients, **attributes: str) -> str:
    named: Any = {"VisibilityTimeout": LONG, **attributes}
    return clients.sqs.create_queue(QueueName=f"queue-{uuid4()}", Attributes=named)["QueueUrl"]


def arn(clients: Clients, url: str) -> str:
    return clients.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def received(clients: Clients, url: str) -> MessageTypeDef:
    """The next message of the queue, which is then deleted."""

    def look() -> list[MessageTypeDef]:
        return clients.sqs.receive_message(QueueUrl=url, MessageSystemAttributeNames=["All"]).get("Messages", [])

    message = wait_until(look)[0]
    clients.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return message


def map_to(clients: Clients, url: str, function: str, *, partly: bool = False) -> None:
    clients.functions.create_event_source_mapping(
        EventSourceArn=arn(clients, url),
        FunctionName=function,
        BatchSize=100,
        MaximumBatchingWindowInSeconds=1,
        FunctionResponseTypes=["ReportBatchItemFailures"] if partly else [],
    )


def send(clients: Clients, url: str, *bodies: str) -> None:
    entries: Any = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)]
    clients.sqs.send_message_batch(QueueUrl=url, Entries=entries)


def left(clients: Clients, url: str) -> tuple[int, int]:
    """How many messages wait, and how many are in a function's hands."""
    names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = clients.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return int(attributes[names[0]]), int(attributes[names[1]])


def test_a_standard_queue_keeps_the_group_of_a_message(cloud: Clients) -> None:
    url = queue(cloud)
    cloud.sqs.send_message(QueueUrl=url, MessageBody="{}", MessageGroupId="site")
    assert received(cloud, url)["Attributes"]["MessageGroupId"] == "site"


def test_a_message_received_too_often_ends_in_the_dead_letter_queue(cloud: Clients) -> None:
    dead_letters = queue(cloud)
    redrive = {"deadLetterTargetArn": arn(cloud, dead_letters), "maxReceiveCount": 2}
    url = queue(cloud, RedrivePolicy=json.dumps(redrive), VisibilityTimeout="0")
    cloud.sqs.send_message(QueueUrl=url, MessageBody="unlucky")

    def dead() -> list[MessageTypeDef]:
        cloud.sqs.receive_message(QueueUrl=url)
        return cloud.sqs.receive_message(QueueUrl=dead_letters).get("Messages", [])

    assert wait_until(dead)[0]["Body"] == "unlucky"


def test_a_failed_message_alone_comes_back_and_when_its_function_said(clients: Clients) -> None:
    seen, url = queue(clients), queue(clients)
    send(clients, url, "again", "done")
    map_to(clients, url, small_function(clients, GIVE_BACK, environment={"QUEUE": url, "SEEN": seen}), partly=True)
    first, second = received(clients, seen), received(clients, seen)
    assert first["Body"] in {"again1,done1", "done1,again1"}
    assert second["Body"] == "again2"
    times = [int(message["Attributes"]["SentTimestamp"]) for message in (first, second)]
    assert times[1] - times[0] >= GIVEN_BACK_FOR * 1_000
    wait_until(lambda: left(clients, url) == (0, 0))


def test_a_function_gets_more_than_ten_messages_at_once(clients: Clients) -> None:
    seen, url = queue(clients), queue(clients)
    for _ in range(6):
        send(clients, url, *"0123456789")
    map_to(clients, url, small_function(clients, COUNT, environment={"SEEN": seen}))
    assert received(clients, seen)["Body"] == "60"


def test_messages_that_are_sent_in_quick_succession_come_together(clients: Clients) -> None:
    """On a slow machine their succession may not be quick: then it is tried again."""
    seen, url = queue(clients), queue(clients)
    map_to(clients, url, small_function(clients, COUNT, environment={"SEEN": seen}))

    def sizes() -> list[int]:
        """Send ten messages in two calls, and return the sizes of the batches in which they come."""
        send(clients, url, *"01234")
        send(clients, url, *"56789")
        batches = [int(received(clients, seen)["Body"])]
        while sum(batches) < 10:
            batches.append(int(received(clients, seen)["Body"]))
        return batches

    wait_until(lambda: sizes() == [10])


def bus_with(clients: Clients, url: str, pattern: object) -> str:
    """Make a bus with a rule that sends what the pattern matches to the queue."""
    bus = f"bus-{uuid4()}"
    clients.events.create_event_bus(Name=bus)
    clients.events.put_rule(Name="in", EventBusName=bus, EventPattern=json.dumps(pattern))
    clients.events.put_targets(Rule="in", EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn(clients, url)}])
    return bus


def put(clients: Clients, bus: str, *events: tuple[str, str]) -> None:
    entries: Any = [
        {"EventBusName": bus, "Source": source, "DetailType": kind, "Detail": "{}"} for source, kind in events
    ]
    clients.events.put_events(Entries=entries)


def test_a_rule_lets_through_what_one_of_its_alternatives_matches(cloud: Clients) -> None:
    url = queue(cloud)
    pattern = {
        "$or": [
            {"source": ["billing"], "detail-type": ["Issued", "Paid"]},
            {"source": [{"anything-but": ["ours"]}], "detail-type": ["Request"]},
        ]
    }
    events = [("billing", "Refunded"), ("billing", "Paid"), ("ours", "Request"), ("web", "Paid"), ("web", "Request")]
    put(cloud, bus_with(cloud, url, pattern), *events)
    matched = [json.loads(received(cloud, url)["Body"]) for _ in range(2)]
    assert sorted((event["source"], event["detail-type"]) for event in matched) == [
        ("billing", "Paid"),
        ("web", "Request"),
    ]
    assert left(cloud, url) == (0, 0)


def test_an_event_on_a_bus_has_an_id_a_time_and_an_account(cloud: Clients) -> None:
    url = queue(cloud)
    put(cloud, bus_with(cloud, url, {"source": ["web"]}), ("web", "Request"))
    assert {"id", "time", "account", "detail"} <= set(json.loads(received(cloud, url)["Body"]))


def test_an_asynchronous_call_that_fails_three_times_goes_to_the_on_failure_destination(clients: Clients) -> None:
    failed, function = queue(clients), small_function(clients, FAIL)
    clients.functions.put_function_event_invoke_config(
        FunctionName=function,
        MaximumRetryAttempts=2,
        DestinationConfig={"OnFailure": {"Destination": arn(clients, failed)}},
    )
    clients.functions.invoke(FunctionName=function, InvocationType="Event", Payload=b'{"number": 1}')
    record = json.loads(received(clients, failed)["Body"])
    assert record["requestPayload"] == {"number": 1}
    assert record["requestContext"]["condition"] == "RetriesExhausted"


def test_an_event_of_a_bus_on_which_a_function_fails_goes_to_the_on_failure_destination(clients: Clients) -> None:
    failed, function = queue(clients), small_function(clients, FAIL)
    clients.functions.put_function_event_invoke_config(
        FunctionName=function, DestinationConfig={"OnFailure": {"Destination": arn(clients, failed)}}
    )
    bus = bus_with(clients, queue(clients), {"source": ["web"]})
    target: Any = {
        "Id": "function",
        "Arn": clients.functions.get_function_configuration(FunctionName=function)["FunctionArn"],
    }
    rule = f"rule-{uuid4()}"
    clients.events.put_rule(Name=rule, EventBusName=bus, EventPattern=json.dumps({"source": ["web"]}))
    clients.events.put_targets(Rule=rule, EventBusName=bus, Targets=[target])
    put(clients, bus, ("web", "Request"))
    assert json.loads(received(clients, failed)["Body"])["requestPayload"]["source"] == "web"


def test_the_record_of_a_failed_invocation_is_a_message_like_any_other_and_lost_where_it_is_too_large(
    clients: Clients,
) -> None:
    failed = queue(clients)
    function = small_function(clients, FAIL)
    clients.functions.put_function_event_invoke_config(
        FunctionName=function,
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": arn(clients, failed)}},
    )
    notes = ["ж" * (LAMBDA_EVENT_BYTES // 2 - 10), "ж" * 400_000]
    for note in notes:
        payload = json.dumps({"notes": note}, ensure_ascii=False).encode()
        clients.functions.invoke(FunctionName=function, InvocationType="Event", Payload=payload)
    record = received(clients, failed)["Body"]
    assert notes[1] in record
    assert json.loads(record)["requestPayload"] == {"notes": notes[1]}
    assert clients.sqs.receive_message(QueueUrl=failed).get("Messages", []) == []
