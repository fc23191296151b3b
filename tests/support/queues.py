"""A queue of a test's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from tests.support.waiting import AN_HOUR_SECONDS

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient


def new_queue(sqs: SQSClient, **attributes: str) -> str:
    """Make an empty standard queue under a name that no other has, and return its address.

    Unless told otherwise it hides a received message for an hour: no test is so slow that it sees one twice.
    """
    named: Any = {"VisibilityTimeout": f"{AN_HOUR_SECONDS:.0f}", **attributes}
    return sqs.create_queue(QueueName=f"queue-{uuid4()}", Attributes=named)["QueueUrl"]


def arn_of(sqs: SQSClient, url: str) -> str:
    """Return the ARN of a queue."""
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
