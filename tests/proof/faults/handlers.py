"""How messages become the event of an invocation, and what its answer leaves undone."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

Messages = Sequence["MessageTypeDef"]


@dataclass(frozen=True, slots=True)
class Handler:
    """How a queue's messages become an event, and which of them a handler's answer leaves undone."""

    queue_url: str
    most: int
    event: Callable[[Messages], object]
    undone: Callable[[Messages, Any], set[str]] = lambda _, __: set()


def a_batch(messages: Messages) -> object:
    """Return what a mapping gives a function."""
    return {"Records": [_record(message) for message in messages]}


def of_a_batch(_: Messages, answer: Any) -> set[str]:  # noqa: ANN401 - as Lambda reads it
    """Return what a function says that it failed on."""
    return {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}


def an_event(messages: Messages) -> object:
    """Return one message as the event that it holds."""
    return json.loads(messages[0]["Body"])


def a_call(messages: Messages) -> object:
    """Return what a caller asks of intake_direct."""
    return {"requests": [json.loads(message["Body"]) for message in messages]}


def of_a_call(messages: Messages, answer: Any) -> set[str]:  # noqa: ANN401 - as the caller reads it
    """Return what a caller is told to ask again."""
    results = zip(messages, answer["results"], strict=True)
    return {record["MessageId"] for record, result in results if result["outcome"] == "retry"}


def _record(message_type_def: MessageTypeDef) -> dict[str, Any]:
    return {
        "messageId": message_type_def["MessageId"],
        "receiptHandle": message_type_def["ReceiptHandle"],
        "body": message_type_def["Body"],
        "attributes": message_type_def["Attributes"],
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "awsRegion": "eu-west-1",
    }
