"""The queue of refused messages in SQS: each whole, with the reason in its attributes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trigger_provider.adapters.aws.retry import BACK_OFF, BackOff
from trigger_provider.adapters.sqs.delivery_queue import MOST_BYTES, send_all, weight

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_sqs.client import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

    from trigger_provider.domain.delivery.messages import Refusal

_NOT_ALLOWED = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""The characters that SQS refuses in a message or an attribute: SendMessage in the API reference."""


class SqsRefusedQueue:
    """Keeps the port `Refusals`. The attributes of a message are its `outcome`, `pointer`, `rule` and `source_id`.

    SQS allows no empty attribute. So a message without `pointer` was refused as a whole, which is what the
    empty JSON pointer means ("/" would mean a member without a name). Characters that SQS allows nowhere are
    replaced by U+FFFD: a message that could not be put would be tried, with its whole batch, for ever.
    """

    def __init__(self, client: SQSClient, queue_url: str, back_off: BackOff = BACK_OFF) -> None:
        self._client = client
        self._queue_url = queue_url
        self._back_off = back_off

    def put(self, refusals: Sequence[Refusal]) -> None:
        """Put all, or raise `QueueUnavailable`: then some may lie there all the same."""
        entries = [_entry(str(number), refusal) for number, refusal in enumerate(refusals)]
        send_all(self._client, self._queue_url, entries, self._back_off)


def _entry(number: str, refusal: Refusal) -> SendMessageBatchRequestEntryTypeDef:
    reasons = {
        "outcome": refusal.outcome,
        "pointer": refusal.pointer,
        "rule": refusal.rule,
        "source_id": refusal.source_id,
    }
    entry: SendMessageBatchRequestEntryTypeDef = {
        "Id": number,
        "MessageBody": _strip_not_allowed(refusal.body),
        "MessageAttributes": {
            name: {"DataType": "String", "StringValue": _strip_not_allowed(text)}
            for name, text in reasons.items()
            if text
        },
    }
    if weight(entry) > MOST_BYTES:  # The body alone fits, and it is what can't be had again.
        del entry["MessageAttributes"]
    return entry


def _strip_not_allowed(text: str) -> str:
    return _NOT_ALLOWED.sub("\ufffd", text)
