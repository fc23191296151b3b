"""The RefusedQueue in SQS: each refused message is whole, with the reason in its attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trigger_provider.adapters.aws.retry import BACK_OFF, BackOff
from trigger_provider.adapters.sqs.delivery_queue import send_all, text_attributes
from trigger_provider.domain.intake.refusals import fit_refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_sqs.client import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef as EntryTypeDef

    from trigger_provider.domain.delivery.messages import Refusal


class SqsRefusedQueue:
    """Keeps the port `Refusals`. The attributes of a message are its `outcome`, `pointer`, `rule` and `source_id`.

    Without `pointer` the whole message was refused: the empty JSON pointer means the whole document, and "/" would mean
    a member without a name. If the body does not fit beside the attributes, it is compressed, and `body_encoding` says
    so.
    """

    def __init__(self, client: SQSClient, queue_url: str, back_off: BackOff = BACK_OFF) -> None:
        self._client = client
        self._queue_url = queue_url
        self._back_off = back_off

    def put(self, refusals: Sequence[Refusal]) -> None:
        """Put all messages on the queue, or raise `QueueUnavailable`. In that case some may be on the queue."""
        entries = [_entry(str(index), refusal) for index, refusal in enumerate(refusals)]
        send_all(self._client, self._queue_url, entries, self._back_off)


def _entry(index: str, refusal: Refusal) -> EntryTypeDef:
    message = fit_refusal(refusal)
    if message is None:
        raise ValueError("no message of a queue holds this")
    entry: EntryTypeDef = {"Id": index, "MessageBody": message.body}
    return {**entry, "MessageAttributes": text_attributes(message.attributes)} if message.attributes else entry
