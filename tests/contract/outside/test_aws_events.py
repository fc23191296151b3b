"""What AWS sends for its event sources, given to each function: taken, kept with a plain reason, or an error by name.

The events are facts of AWS's documentation in our own words, each as short as it can be.
"""

from __future__ import annotations

import json
from typing import Any, Final, NamedTuple

import pytest

from tests.contract.outside import Case, each, table
from tests.support.builders import RETENTION
from tests.support.delivery_harness import DeliveryHarness
from tests.support.fixed_clock import FixedClock
from tests.support.gate import GateHandler
from tests.support.handlers import NOW, Handlers, a_batch, a_visit, an_envelope, an_invoice, without
from tests.support.log import captured_log
from tests.support.memory_ledger import MemoryLedger
from tests.support.webhooks import WebhookClient
from trigger_provider.adapters.sqs.delivery_queue import decode
from trigger_provider.entrypoints.dead_letters import DeadLettersHandler
from trigger_provider.entrypoints.recover import task_of
from trigger_provider.errors import ForeignEvent
from trigger_provider.use_cases.delivery.dead_letters import DeadLetters

NO_EVENT: Final = "refused: envelope"
NO_RECORD: Final = "refused: foreign-record"
NO_RECORDS: Final = "refused: foreign-records"
NO_REQUEST: Final = "refused: required"
NO_OBJECT: Final = "refused: type"
WRAPPED: Final = "refused: sns-notification"
BARE: Final = "refused: bare-request"
UNMATCHED: Final = "unmatched"
KEPT: Final = "refused: unmatched"
TAKEN: Final = "taken"


ALIEN: Final = (NO_EVENT, NO_RECORD, NO_REQUEST)
STREAM: Final = (NO_RECORDS, NO_RECORD, NO_RECORDS)


class Ways(NamedTuple):
    """What becomes of an event: given to `intake_eventbridge`, to `intake_sqs`, and as a body in the InboxQueue."""

    by_bus: str
    by_batch: str
    in_inbox: str


def records(source: str, *records: object, key: str = "eventSource") -> dict[str, Any]:
    """Return the event of a source that sends records."""
    return {"Records": [{key: source, **record} for record in records if isinstance(record, dict)]}


def bus(source: str, detail_type: str, detail: object, **more: object) -> dict[str, Any]:
    """Return an event as EventBridge brings it."""
    return an_envelope(detail, source, detail_type) | more


def of(source: str, name: str, event: object, *ways: str) -> Case[Any, Ways]:
    """Return the row of an event that a page of AWS's documentation, or an issue, shows."""
    return Case(f"{source}: {name}", f"AWS's documentation of {source}", event, Ways(*ways))


SQS_RECORD: Final = a_batch(a_visit())["Records"][0]
S3_RECORD: Final = {"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "b"}, "object": {"key": "k"}}}
LAMBDA_CONTEXT: Final = {"functionArn": "arn:aws:lambda:eu-west-1:111122223333:function:f:$LATEST"}
LAMBDA_RECORD: Final = {
    "version": "1.0",
    "timestamp": "2026-11-24T08:00:00.000Z",
    "requestContext": {**LAMBDA_CONTEXT, "condition": "RetriesExhausted", "approximateInvokeCount": 3},
    "requestPayload": an_envelope(a_visit()),
    "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
    "responsePayload": {"errorMessage": "m", "errorType": "E"},
}
SNS_NOTIFICATION: Final = {
    "Type": "Notification",
    "MessageId": "95df01b4-ee98-5cb9-9903-4c221d41eb5e",
    "TopicArn": "arn:aws:sns:eu-west-1:111122223333:t",
    "Message": json.dumps(a_visit()),
    "Timestamp": "2026-11-24T08:00:00.000Z",
    "SignatureVersion": "1",
    "Signature": "s",
    "SigningCertURL": "u",
    "UnsubscribeURL": "u",
}
OF_LONG_AGO: Final = {"replay-name": "r", "time": "2021-01-01T00:00:00Z"}
HTTP_CALL: Final = {
    "version": "2.0",
    "routeKey": "$default",
    "requestContext": {"stage": "$default"},
    "body": "{}",
}

EVENTS: Final = table(
    # EventBridge
    of(
        "EventBridge, events",
        "a custom event that a binding matches by its detail-type",
        bus("com.example.billing", "Wix Trigger Request", a_visit()),
        TAKEN,
        NO_RECORD,
        TAKEN,
    ),
    of(
        "EventBridge, archive and replay",
        "the envelope says the replay's name",
        bus("com.example.web", "Wix Trigger Request", a_visit(), **{"replay-name": "r"}),
        TAKEN,
        NO_RECORD,
        TAKEN,
    ),
    of(
        "EventBridge, archive and replay",
        "an event of years ago",
        bus("com.example.web", "Wix Trigger Request", a_visit(), **OF_LONG_AGO),
        "refused: too-old",
        NO_RECORD,
        "refused: too-old",
    ),
    of(
        "EventBridge, SaaS partners",
        "source and bus are the partner's",
        bus("aws.partner/example.com/shop/1", "order.created", {"id": 1}),
        UNMATCHED,
        NO_RECORD,
        KEPT,
    ),
    of(
        "EventBridge, S3",
        "an object was created",
        bus("aws.s3", "Object Created", {"bucket": {"name": "b"}}),
        UNMATCHED,
        NO_RECORD,
        KEPT,
    ),
    of(
        "EventBridge, scheduled rules",
        "an empty detail",
        bus("aws.events", "Scheduled Event", {}),
        UNMATCHED,
        NO_RECORD,
        KEPT,
    ),
    of(
        "EventBridge, CloudTrail",
        "a call of an API",
        bus("aws.iam", "AWS API Call via CloudTrail", {"eventName": "CreateRole"}),
        UNMATCHED,
        NO_RECORD,
        KEPT,
    ),
    of(
        "EventBridge, Lambda destinations",
        "the record as a detail",
        bus("lambda", "Lambda Function Invocation Result - Failure", LAMBDA_RECORD),
        UNMATCHED,
        NO_RECORD,
        KEPT,
    ),
    of(
        "EventBridge, schema registry samples",
        "members in another case",
        {"DetailType": "Wix Trigger Request", "Source": "com.example.web", "Detail": "{}"},
        *ALIEN,
    ),
    of("EventBridge, targets, Input", "a constant text", "a constant", NO_EVENT, NO_RECORD, NO_OBJECT),
    of("EventBridge, targets, Input", "a constant object", {"key1": "value1"}, *ALIEN),
    of("EventBridge, targets, InputPath", "the detail alone, which is a request", a_visit(), BARE, NO_RECORD, TAKEN),
    of(
        "EventBridge, targets, InputTransformer",
        "an envelope without its detail",
        without(bus("com.example.web", "Wix Trigger Request", {}), "detail"),
        NO_EVENT,
        NO_RECORD,
        NO_EVENT,
    ),
    of(
        "EventBridge, targets, InputTransformer",
        "a source that became a list",
        bus("com.example.web", "Wix Trigger Request", {}) | {"source": ["com.example.web"]},
        NO_OBJECT,
        NO_RECORD,
        NO_OBJECT,
    ),
    of("EventBridge, API destinations", "what is sent over HTTP", HTTP_CALL, *ALIEN),
    # EventBridge Scheduler
    of(
        "EventBridge Scheduler, its default payload; aws-lambda-java-libs 479",
        "the detail is a text",
        bus("aws.scheduler", "Scheduled Event", "{}"),
        UNMATCHED,
        NO_RECORD,
        KEPT,
    ),
    of("EventBridge Scheduler, a target's Input", "a request", an_invoice(), BARE, NO_RECORD, TAKEN),
    of("EventBridge Scheduler, dead-letter queue", "the payload alone", an_invoice(version=2), BARE, NO_RECORD, TAKEN),
    # EventBridge Pipes
    of("EventBridge Pipes, SQS", "a list of records", [SQS_RECORD], NO_EVENT, NO_RECORD, NO_OBJECT),
    of(
        "EventBridge Pipes, Kinesis",
        "a list of records, the data beside their coordinates",
        [{"eventSource": "aws:kinesis", "data": "e30=", "partitionKey": "p"}],
        NO_EVENT,
        NO_RECORD,
        NO_OBJECT,
    ),
    of("EventBridge Pipes, enrichment", "a list of whatever came back", [], NO_EVENT, NO_RECORD, NO_OBJECT),
    # Records
    of("Lambda with S3", "a notification", records("aws:s3", S3_RECORD), *STREAM),
    of(
        "S3, event notifications",
        "the test event that a queue is sent first",
        {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b", "RequestId": "r"},
        *ALIEN,
    ),
    of(
        "Lambda with Kinesis",
        "an event",
        records("aws:kinesis", {"eventID": "shardId-000:1", "kinesis": {"data": "e30="}}),
        *STREAM,
    ),
    of(
        "Lambda with DynamoDB Streams",
        "an event",
        records("aws:dynamodb", {"eventName": "INSERT", "dynamodb": {"Keys": {}}}),
        *STREAM,
    ),
    of("Lambda with SNS", "an event", records("aws:sns", {"Sns": SNS_NOTIFICATION}, key="EventSource"), *STREAM),
    of("Lambda with SES", "an event", records("aws:ses", {"ses": {"mail": {}}}), *STREAM),
    of("Lambda with CodeCommit", "an event", records("aws:codecommit", {"codecommit": {"references": []}}), *STREAM),
    of("Lambda@Edge with CloudFront", "an event", {"Records": [{"cf": {"request": {"uri": "/"}}}]}, *STREAM),
    of(
        "Lambda with Kafka",
        "records by topic, not in a list",
        {"eventSource": "aws:kafka", "records": {"t-0": []}},
        *ALIEN,
    ),
    of("Lambda with MQ", "an event", {"eventSource": "aws:mq", "messages": [{"data": "e30="}]}, *ALIEN),
    of(
        "Lambda with Firehose",
        "an event",
        {"invocationId": "i", "records": [{"recordId": "r", "data": "e30="}]},
        *ALIEN,
    ),
    # SQS
    of("Lambda with SQS", "a batch of a standard queue", a_batch(a_visit()), NO_RECORDS, TAKEN, NO_RECORDS),
    of(
        "Lambda with SQS",
        "a batch of a FIFO queue",
        {
            "Records": [
                SQS_RECORD
                | {"attributes": {**SQS_RECORD["attributes"], "SequenceNumber": "1", "MessageDeduplicationId": "d"}}
            ]
        },
        NO_RECORDS,
        TAKEN,
        NO_RECORDS,
    ),
    of(
        "SQS, redrive of a dead-letter queue",
        "an attribute names the queue it came from",
        {"Records": [SQS_RECORD | {"attributes": {**SQS_RECORD["attributes"], "DeadLetterQueueSourceArn": "arn"}}]},
        NO_RECORDS,
        TAKEN,
        NO_RECORDS,
    ),
    of(
        "SQS, message attributes",
        "a text, a number, bytes and a custom type",
        {
            "Records": [
                SQS_RECORD
                | {
                    "messageAttributes": {
                        "a": {"dataType": "String", "stringValue": "s", "stringListValues": [], "binaryListValues": []},
                        "b": {"dataType": "Number.int", "stringValue": "1"},
                        "c": {"dataType": "Binary", "binaryValue": "e30="},
                    }
                }
            ]
        },
        NO_RECORDS,
        TAKEN,
        NO_RECORDS,
    ),
    of(
        "Lambda with SQS; powertools-lambda-typescript 3475",
        "no records",
        {"Records": []},
        NO_RECORDS,
        "nothing",
        NO_RECORDS,
    ),
    of("SNS in SQS, without raw message delivery", "an event", SNS_NOTIFICATION, WRAPPED, NO_RECORD, WRAPPED),
    of("SNS in SQS, with raw message delivery", "an event", a_visit(), BARE, NO_RECORD, TAKEN),
    of(
        "SNS in SQS, of a FIFO topic, without raw message delivery",
        "its event",
        {"Type": "Notification", "TopicArn": "arn.fifo", "SequenceNumber": "1", "Message": "{}"},
        WRAPPED,
        NO_RECORD,
        WRAPPED,
    ),
    of(
        "SQS's extended client",
        "a pointer to S3",
        ["software.amazon.payloadoffloading.PayloadS3Pointer", {"s3BucketName": "b", "s3Key": "k"}],
        NO_EVENT,
        NO_RECORD,
        "refused: payload-pointer",
    ),
    # Lambda itself
    of(
        "Lambda, destinations",
        "the record of a failure",
        LAMBDA_RECORD,
        "refused: lambda-record",
        NO_RECORD,
        "refused: lambda-record",
    ),
    of(
        "Lambda, destinations",
        "the record of a success",
        LAMBDA_RECORD | {"requestContext": {**LAMBDA_CONTEXT, "condition": "Success"}, "responsePayload": None},
        "refused: lambda-record",
        NO_RECORD,
        "refused: lambda-record",
    ),
    of(
        "Lambda, destinations",
        "the record of a stream, which holds no payload",
        {"requestContext": LAMBDA_CONTEXT, "KinesisBatchInfo": {"shardId": "s"}},
        *ALIEN,
    ),
    of("Lambda, dead-letter queue of a function", "the event alone", an_envelope(a_visit()), TAKEN, NO_RECORD, TAKEN),
    of("Lambda, console", "the test event", {"key1": "value1", "key2": "value2"}, *ALIEN),
    of("Lambda, asynchronous invocation", "no payload, which is null", None, NO_EVENT, NO_RECORD, NO_OBJECT),
    of("Serverless plugins", "a warming event", {"source": "serverless-plugin-warmup"}, *ALIEN),
    of("intake_direct", "an event for it", {"requests": [a_visit()]}, BARE, NO_RECORD, TAKEN),
    # Others that invoke functions
    of(
        "Step Functions, after a Map state; opentelemetry-python-contrib 1738",
        "a list",
        [{"a": 1}],
        NO_EVENT,
        NO_RECORD,
        NO_OBJECT,
    ),
    of("Lambda, synchronous invocation; datadog-lambda-python 232", "a number", 1, NO_EVENT, NO_RECORD, NO_OBJECT),
    of("Lambda, synchronous invocation; sosw 352", "a fraction", 21.5, NO_EVENT, NO_RECORD, NO_OBJECT),
    of(
        "EventBridge, a quick start; aws-sam-cli-app-templates 103",
        "a detail that is null",
        bus("com.example.billing", "Wix Trigger Request", None),
        NO_OBJECT,
        NO_RECORD,
        NO_OBJECT,
    ),
    of("API Gateway, REST", "the proxy event", {"resource": "/", "httpMethod": "POST", "body": "{}"}, *ALIEN),
    of(
        "Application Load Balancer",
        "an event",
        {"requestContext": {"elb": {}}, "httpMethod": "GET", "path": "/"},
        *ALIEN,
    ),
    of("CloudWatch Logs, subscription", "compressed data", {"awslogs": {"data": "H4sIAAAAAAAAAA=="}}, *ALIEN),
    of(
        "CloudWatch, alarm as an action",
        "its event",
        {"source": "aws.cloudwatch", "alarmArn": "arn", "accountId": "1", "alarmData": {}},
        *ALIEN,
    ),
    of(
        "CloudFormation, custom resource",
        "an event",
        {"RequestType": "Create", "ResponseURL": "u", "StackId": "s"},
        *ALIEN,
    ),
    of(
        "Cognito, trigger",
        "an event",
        {"version": "1", "triggerSource": "PreSignUp_SignUp", "request": {}, "response": {}},
        *ALIEN,
    ),
    of("CodePipeline, job", "an event", {"CodePipeline.job": {"id": "i", "data": {}}}, *ALIEN),
    of("Config, rule", "an event", {"invokingEvent": "{}", "ruleParameters": "{}", "resultToken": "t"}, *ALIEN),
    of("IoT, rule", "whatever a device sent", {"temperature": 21.5}, *ALIEN),
    of(
        "Step Functions, a task's input",
        "a text that is JSON once more",
        json.dumps(a_visit()),
        NO_EVENT,
        NO_RECORD,
        NO_OBJECT,
    ),
    of("Step Functions, callback", "an event", {"input": {}, "taskToken": "t"}, *ALIEN),
    of("Secrets Manager, rotation", "an event", {"Step": "createSecret", "SecretId": "arn"}, *ALIEN),
    of("AppSync, resolver", "an event", {"info": {"fieldName": "f"}, "arguments": {}, "identity": None}, *ALIEN),
    of("Lex, bot", "an event", {"messageVersion": "1.0", "bot": {}, "currentIntent": {}}, *ALIEN),
)


def outcome(handlers: Handlers) -> str:
    """Return what became of a message, after what lies where."""
    rules = [refusal.rule for refusal in handlers.refusals.refused]
    if rules:
        assert handlers.ledger.rows == {}
        return f"refused: {rules[0]}"
    return "taken" if handlers.ledger.rows else "unmatched"


@each(EVENTS)
def test_the_bus_takes_it_or_keeps_it_with_a_plain_reason(case: Case[Any, Ways]) -> None:
    handlers = Handlers()
    with captured_log() as log:
        handlers.eventbridge.handle(case.given)
        counts = log.counts
    assert outcome(handlers) == case.expected.by_bus
    kept = [json.loads(refusal.body) for refusal in handlers.refusals.refused]
    assert kept == [case.given] * case.expected.by_bus.startswith("refused")
    assert counts == {{"taken": "Accepted", "unmatched": "Unmatched"}.get(case.expected.by_bus, "Refused"): 1}


@each(EVENTS)
def test_the_queues_function_takes_it_or_keeps_it_with_a_plain_reason(case: Case[Any, Ways]) -> None:
    handlers = Handlers()
    with captured_log() as log:
        assert handlers.sqs.handle(case.given) == {"batchItemFailures": []}
        is_anything = bool(log.counts)
    assert (outcome(handlers) if is_anything else "nothing") == case.expected.by_batch
    is_batch = isinstance(case.given, dict) and "Records" in case.given
    records = case.given["Records"] if is_batch else [case.given]
    kept = [json.loads(refusal.body) for refusal in handlers.refusals.refused]
    assert kept == records * case.expected.by_batch.startswith("refused")


@each(EVENTS)
def test_a_message_of_the_inbox_is_taken_or_kept_to_the_letter(case: Case[Any, Ways]) -> None:
    handlers, body = Handlers(), json.dumps(case.given, indent=1)
    with captured_log() as log:
        assert handlers.sqs.handle(a_batch(body)) == {"batchItemFailures": []}
        counts = log.counts
    assert outcome(handlers) == case.expected.in_inbox
    assert [refusal.body for refusal in handlers.refusals.refused] == [body] * case.expected.in_inbox.startswith(
        "refused"
    )
    assert counts == {"Accepted" if case.expected.in_inbox == "taken" else "Refused": 1}


@each(EVENTS)
def test_a_direct_invocation_answers_what_is_wrong_with_it(case: Case[Any, Ways]) -> None:
    handlers = Handlers()
    answer = handlers.direct.handle(case.given)
    is_for_it = isinstance(case.given, dict) and case.given.keys() == {"requests"}
    assert bool(handlers.ledger.rows) == is_for_it
    assert answer.get("errors", []) != [] or is_for_it


@each(EVENTS)
def test_a_function_of_wixs_calls_says_that_it_is_no_call(case: Case[Any, Ways]) -> None:
    for handler in (WebhookClient().handle.handle, GateHandler().handle.handle):
        with pytest.raises(ForeignEvent, match=r"^this function answers calls of its URL$"):
            handler(case.given)


@each(EVENTS)
def test_a_function_of_dead_letters_lets_what_is_none_of_its_messages_stay(case: Case[Any, Ways]) -> None:
    use_case = DeadLetters(MemoryLedger(), FixedClock(NOW), lambda: "token", RETENTION)
    answer = answered(DeadLettersHandler(use_case, decode), case.given)
    if case.expected.by_batch == "taken":
        assert answer == {"batchItemFailures": [{"itemIdentifier": "message-0"}]}
    else:
        assert answer == ("nothing" if case.expected.by_batch != "nothing" else {"batchItemFailures": []})


@each(EVENTS)
def test_delivery_lets_what_is_none_of_its_messages_come_again(case: Case[Any, Ways]) -> None:
    """Only a batch of SQS has messages that can come again; anything else is an error of the invocation, by name."""
    handler = DeliveryHarness().entrypoint
    if case.expected.by_batch in {TAKEN, "nothing"}:
        records = case.given["Records"]
        failures = [{"itemIdentifier": record["messageId"]} for record in records]
        assert handler.handle(case.given, 10_000) == {"batchItemFailures": failures}
    else:
        with pytest.raises(ForeignEvent, match=r"^this function takes batches of SQS$"):
            handler.handle(case.given, 10_000)


def answered(handler: Any, event: object) -> object:  # noqa: ANN401 - any handler
    try:
        return handler.handle(event)
    except ForeignEvent:
        return "nothing"


@each(EVENTS)
def test_recovery_looks_at_the_whole_index_whoever_asks(case: Case[Any, Ways]) -> None:
    assert task_of(case.given) == task_of({})
