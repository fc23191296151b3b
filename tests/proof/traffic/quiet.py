"""Whether anything is still under way: on a queue, in a worker's hands, or waiting in the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from trigger_provider.domain.ledger.rows import SHARDS
from trigger_provider.use_cases.ports.ledger import Ledger

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient


def is_quiet(sqs: SQSClient, queue_urls: Sequence[str], ledger: Ledger) -> bool:
    """Return whether these queues are empty, and nothing waits."""
    on_queues = any(messages_on(sqs, url) for url in queue_urls)
    return not on_queues and not any(ledger.waiting(shard, 1) for shard in range(SHARDS))


def messages_on(sqs: SQSClient, queue_url: str) -> int:
    """Count the messages that lie on a queue or are being worked on."""
    attributes = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["All"])["Attributes"]
    return sum(int(count) for kind, count in attributes.items() if kind.startswith("ApproximateNumberOf"))
