"""What AWS sends for its event sources, after its documentation: facts in our own words, each as short as can be.

Each row tells where the event is documented, the event, and what becomes of it: given to `intake_eventbridge`, given to
`intake_sqs`, and as the body of a message in the InboxQueue.
"""

from __future__ import annotations

import json
from typing import Any, Final, NamedTuple

from tests.support.handlers import a_batch, a_visit, an_envelope, an_invoice, without

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


class Sample(NamedTuple):
    """An event of AWS, and what becomes of it by each way in."""

    source: str
    event: Any
    by_bus: str
    by_batch: str
    in_inbox: str


def records(source: str, *records: object, key: str = "eventSource") -> dict[str, Any]:
    """Return the event of a source that sends records."""
    return {"Records": [{key: source, **record} for record in records if isinstance(record, dict)]}


def bus(source: str, detail_type: str, detail: object, **more: object) -> dict[str, Any]:
    """Return an event as EventBridge brings it."""
    return an_envelope(detail, source, detail_type) | more


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
HTTP_CALL: Final = {"version": "2.0", "routeKey": "$default", "requestContext": {"stage": "$default"}, "body": "{}"}

SAMPLES: Final = [
    # EventBridge
    Sample("EventBridge, events: a custom event that a binding matches by its detail-type",
           bus("com.example.billing", "Wix Trigger Request", a_visit()), TAKEN, NO_RECORD, TAKEN),
    Sample("EventBridge, archive and replay: the envelope says the replay's name",
           bus("com.example.web", "Wix Trigger Request", a_visit(), **{"replay-name": "r"}), TAKEN, NO_RECORD, TAKEN),
    Sample("EventBridge, archive and replay: an event of years ago",
           bus("com.example.web", "Wix Trigger Request", a_visit(), **OF_LONG_AGO),
           "refused: too-old", NO_RECORD, "refused: too-old"),
    Sample("EventBridge, SaaS partners: source and bus are the partner's",
           bus("aws.partner/example.com/shop/1", "order.created", {"id": 1}), UNMATCHED, NO_RECORD, KEPT),
    Sample("EventBridge, S3: an object was created",
           bus("aws.s3", "Object Created", {"bucket": {"name": "b"}}), UNMATCHED, NO_RECORD, KEPT),
    Sample("EventBridge, scheduled rules: an empty detail",
           bus("aws.events", "Scheduled Event", {}), UNMATCHED, NO_RECORD, KEPT),
    Sample("EventBridge, CloudTrail: a call of an API",
           bus("aws.iam", "AWS API Call via CloudTrail", {"eventName": "CreateRole"}), UNMATCHED, NO_RECORD, KEPT),
    Sample("EventBridge, Lambda destinations: the record as a detail",
           bus("lambda", "Lambda Function Invocation Result - Failure", LAMBDA_RECORD), UNMATCHED, NO_RECORD, KEPT),
    Sample("EventBridge, schema registry samples: members in another case",
           {"DetailType": "Wix Trigger Request", "Source": "com.example.web", "Detail": "{}"},
           NO_EVENT, NO_RECORD, NO_REQUEST),
    Sample("EventBridge, targets, Input: a constant text", "a constant", NO_EVENT, NO_RECORD, NO_OBJECT),
    Sample("EventBridge, targets, Input: a constant object", {"key1": "value1"}, NO_EVENT, NO_RECORD, NO_REQUEST),
    Sample("EventBridge, targets, InputPath: the detail alone, which is a request",
           a_visit(), BARE, NO_RECORD, TAKEN),
    Sample("EventBridge, targets, InputTransformer: an envelope without its detail",
           without(bus("com.example.web", "Wix Trigger Request", {}), "detail"), NO_EVENT, NO_RECORD, NO_EVENT),
    Sample("EventBridge, targets, InputTransformer: a source that became a list",
           bus("com.example.web", "Wix Trigger Request", {}) | {"source": ["com.example.web"]},
           NO_OBJECT, NO_RECORD, NO_OBJECT),
    Sample("EventBridge, API destinations: what is sent over HTTP", HTTP_CALL, NO_EVENT, NO_RECORD, NO_REQUEST),
    # EventBridge Scheduler
    Sample("EventBridge Scheduler, universal payload: the detail is a text (aws-lambda-java-libs 479)",
           bus("aws.scheduler", "Scheduled Event", "{}"), UNMATCHED, NO_RECORD, KEPT),
    Sample("EventBridge Scheduler, a target's Input: a request", an_invoice(), BARE, NO_RECORD, TAKEN),
    Sample("EventBridge Scheduler, dead-letter queue: the payload alone", an_invoice(version=2), BARE,
           NO_RECORD, TAKEN),
    # EventBridge Pipes
    Sample("EventBridge Pipes, SQS: a list of records", [SQS_RECORD], NO_EVENT, NO_RECORD, NO_OBJECT),
    Sample("EventBridge Pipes, Kinesis: a list of records, the data beside their coordinates",
           [{"eventSource": "aws:kinesis", "data": "e30=", "partitionKey": "p"}], NO_EVENT, NO_RECORD, NO_OBJECT),
    Sample("EventBridge Pipes, enrichment: a list of whatever came back", [], NO_EVENT, NO_RECORD, NO_OBJECT),
    # Records
    Sample("Lambda with S3: a notification", records("aws:s3", S3_RECORD), NO_RECORDS, NO_RECORD, NO_RECORDS),
    Sample("S3, event notifications: the test event that a queue is sent first",
           {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b", "RequestId": "r"},
           NO_EVENT, NO_RECORD, NO_REQUEST),
    Sample("Lambda with Kinesis", records("aws:kinesis", {"eventID": "shardId-000:1", "kinesis": {"data": "e30="}}),
           NO_RECORDS, NO_RECORD, NO_RECORDS),
    Sample("Lambda with DynamoDB Streams", records("aws:dynamodb", {"eventName": "INSERT", "dynamodb": {"Keys": {}}}),
           NO_RECORDS, NO_RECORD, NO_RECORDS),
    Sample("Lambda with SNS", records("aws:sns", {"Sns": SNS_NOTIFICATION}, key="EventSource"), NO_RECORDS, NO_RECORD,
           NO_RECORDS),
    Sample("Lambda with SES", records("aws:ses", {"ses": {"mail": {}}}), NO_RECORDS, NO_RECORD, NO_RECORDS),
    Sample("Lambda with CodeCommit", records("aws:codecommit", {"codecommit": {"references": []}}), NO_RECORDS,
           NO_RECORD, NO_RECORDS),
    Sample("Lambda@Edge with CloudFront", {"Records": [{"cf": {"request": {"uri": "/"}}}]}, NO_RECORDS, NO_RECORD,
           NO_RECORDS),
    Sample("Lambda with Kafka: records by topic, not in a list", {"eventSource": "aws:kafka", "records": {"t-0": []}},
           NO_EVENT, NO_RECORD, NO_REQUEST),
    Sample("Lambda with MQ", {"eventSource": "aws:mq", "messages": [{"data": "e30="}]}, NO_EVENT, NO_RECORD,
           NO_REQUEST),
    Sample("Lambda with Firehose", {"invocationId": "i", "records": [{"recordId": "r", "data": "e30="}]}, NO_EVENT,
           NO_RECORD, NO_REQUEST),
    # SQS
    Sample("Lambda with SQS: a batch of a standard queue", a_batch(a_visit()), NO_RECORDS, TAKEN, NO_RECORDS),
    Sample("Lambda with SQS: a batch of a FIFO queue",
           {"Records": [SQS_RECORD | {"attributes": {**SQS_RECORD["attributes"], "SequenceNumber": "1",
                                                     "MessageDeduplicationId": "d"}}]}, NO_RECORDS, TAKEN, NO_RECORDS),
    Sample("SQS, redrive of a dead-letter queue: an attribute names the queue it came from",
           {"Records": [SQS_RECORD | {"attributes": {**SQS_RECORD["attributes"], "DeadLetterQueueSourceArn": "arn"}}]},
           NO_RECORDS, TAKEN, NO_RECORDS),
    Sample("SQS, message attributes: a text, a number, bytes and a custom type",
           {"Records": [SQS_RECORD | {"messageAttributes": {
               "a": {"dataType": "String", "stringValue": "s", "stringListValues": [], "binaryListValues": []},
               "b": {"dataType": "Number.int", "stringValue": "1"},
               "c": {"dataType": "Binary", "binaryValue": "e30="}}}]}, NO_RECORDS, TAKEN, NO_RECORDS),
    Sample("Lambda with SQS: no records (powertools-lambda-typescript 3475)", {"Records": []}, NO_RECORDS, "nothing",
           NO_RECORDS),
    Sample("SNS in SQS, without raw message delivery", SNS_NOTIFICATION, WRAPPED, NO_RECORD, WRAPPED),
    Sample("SNS in SQS, with raw message delivery", a_visit(), BARE, NO_RECORD, TAKEN),
    Sample("SNS in SQS, of a FIFO topic, without raw message delivery",
           {"Type": "Notification", "TopicArn": "arn.fifo", "SequenceNumber": "1", "Message": "{}"}, WRAPPED, NO_RECORD,
           WRAPPED),
    Sample("SQS's extended client: a pointer to S3",
           ["software.amazon.payloadoffloading.PayloadS3Pointer", {"s3BucketName": "b", "s3Key": "k"}],
           NO_EVENT, NO_RECORD, "refused: payload-pointer"),
    # Lambda itself
    Sample("Lambda, destinations: the record of a failure", LAMBDA_RECORD, "refused: lambda-record", NO_RECORD,
           "refused: lambda-record"),
    Sample("Lambda, destinations: the record of a success",
           LAMBDA_RECORD | {"requestContext": {**LAMBDA_CONTEXT, "condition": "Success"}, "responsePayload": None},
           "refused: lambda-record", NO_RECORD, "refused: lambda-record"),
    Sample("Lambda, destinations: the record of a stream, which holds no payload",
           {"requestContext": LAMBDA_CONTEXT, "KinesisBatchInfo": {"shardId": "s"}}, NO_EVENT, NO_RECORD,
           NO_REQUEST),
    Sample("Lambda, dead-letter queue of a function: the event alone", an_envelope(a_visit()), TAKEN, NO_RECORD, TAKEN),
    Sample("Lambda, console: the test event", {"key1": "value1", "key2": "value2"}, NO_EVENT, NO_RECORD, NO_REQUEST),
    Sample("Lambda, asynchronous invocation without a payload: null", None, NO_EVENT, NO_RECORD, NO_OBJECT),
    Sample("Serverless plugins: a warming event", {"source": "serverless-plugin-warmup"}, NO_EVENT, NO_RECORD,
           NO_REQUEST),
    Sample("intake_direct: an event for it", {"requests": [a_visit()]}, BARE, NO_RECORD, TAKEN),
    # Others that invoke functions
    Sample("API Gateway, REST: the proxy event", {"resource": "/", "httpMethod": "POST", "body": "{}"}, NO_EVENT,
           NO_RECORD, NO_REQUEST),
    Sample("Application Load Balancer", {"requestContext": {"elb": {}}, "httpMethod": "GET", "path": "/"}, NO_EVENT,
           NO_RECORD, NO_REQUEST),
    Sample("CloudWatch Logs, subscription: compressed data", {"awslogs": {"data": "H4sIAAAAAAAAAA=="}}, NO_EVENT,
           NO_RECORD, NO_REQUEST),
    Sample("CloudWatch, alarm as an action",
           {"source": "aws.cloudwatch", "alarmArn": "arn", "accountId": "1", "alarmData": {}}, NO_EVENT, NO_RECORD,
           NO_REQUEST),
    Sample("CloudFormation, custom resource", {"RequestType": "Create", "ResponseURL": "u", "StackId": "s"}, NO_EVENT,
           NO_RECORD, NO_REQUEST),
    Sample("Cognito, trigger", {"version": "1", "triggerSource": "PreSignUp_SignUp", "request": {}, "response": {}},
           NO_EVENT, NO_RECORD, NO_REQUEST),
    Sample("CodePipeline, job", {"CodePipeline.job": {"id": "i", "data": {}}}, NO_EVENT, NO_RECORD, NO_REQUEST),
    Sample("Config, rule", {"invokingEvent": "{}", "ruleParameters": "{}", "resultToken": "t"}, NO_EVENT, NO_RECORD,
           NO_REQUEST),
    Sample("IoT, rule: whatever a device sent", {"temperature": 21.5}, NO_EVENT, NO_RECORD, NO_REQUEST),
    Sample("Step Functions, a task's input: a text that is JSON once more", json.dumps(a_visit()), NO_EVENT, NO_RECORD,
           NO_OBJECT),
    Sample("Step Functions, callback", {"input": {}, "taskToken": "t"}, NO_EVENT, NO_RECORD, NO_REQUEST),
    Sample("Secrets Manager, rotation", {"Step": "createSecret", "SecretId": "arn"}, NO_EVENT, NO_RECORD, NO_REQUEST),
    Sample("AppSync, resolver", {"info": {"fieldName": "f"}, "arguments": {}, "identity": None}, NO_EVENT, NO_RECORD,
           NO_REQUEST),
    Sample("Lex, bot", {"messageVersion": "1.0", "bot": {}, "currentIntent": {}}, NO_EVENT, NO_RECORD,
           NO_REQUEST),
]  # fmt: skip
