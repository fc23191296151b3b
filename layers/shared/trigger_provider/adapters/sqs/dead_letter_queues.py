"""The dead-letter queues in SQS, and the inbox to which a redrive sends their messages again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trigger_provider.adapters.aws.retry import BACK_OFF, BackOff, translate
from trigger_provider.adapters.sqs.delivery_queue import SqsDeliveryQueue, send_all, text_attributes
from trigger_provider.domain.operations.redrive import fit_replay
from trigger_provider.domain.operations.values import DeadLetter, InboxMessage
from trigger_provider.errors import QueueUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_sqs.client import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef as EntryTypeDef

_WAIT_SECONDS = 1
"""With a wait SQS asks all of its servers. A poll without one may miss messages that are there."""


class SqsDeadLetterQueue:
    """Keeps the port `DeadLetterQueue`. It deletes and returns messages as the delivery queue does."""

    def __init__(self, client: SQSClient, queue_url: str, back_off: BackOff = BACK_OFF) -> None:
        self._client = client
        self._queue_url = queue_url
        self._received = SqsDeliveryQueue(client, queue_url, back_off)

    def receive(self, seconds: int) -> Sequence[DeadLetter]:
        """Receive up to ten messages. Return none only if SQS finds none within a second."""
        with translate("ReceiveMessage", QueueUnavailable):
            answer = self._client.receive_message(
                QueueUrl=self._queue_url,
                MaxNumberOfMessages=10,
                VisibilityTimeout=seconds,
                WaitTimeSeconds=_WAIT_SECONDS,
                MessageAttributeNames=["All"],
                MessageSystemAttributeNames=["SentTimestamp", "MessageGroupId"],
            )
        return [_read_dead_letter(message) for message in answer.get("Messages", [])]

    def give_back(self, receipts: Sequence[tuple[str, int]]) -> None:
        """Make each received message visible again after its number of seconds."""
        self._received.give_back(receipts)

    def done(self, receipts: Sequence[str]) -> None:
        """Delete messages from the queue."""
        self._received.done(receipts)


class SqsInbox:
    """Keeps the port `Inbox`. A message without a group is sent without one."""

    def __init__(self, client: SQSClient, queue_url: str, back_off: BackOff = BACK_OFF) -> None:
        self._client = client
        self._queue_url = queue_url
        self._back_off = back_off

    def send(self, letters: Sequence[InboxMessage]) -> None:
        """Send all messages, or raise `QueueUnavailable`."""
        entries = [_entry(str(index), letter) for index, letter in enumerate(letters)]
        send_all(self._client, self._queue_url, entries, self._back_off)


def _read_dead_letter(message: MessageTypeDef) -> DeadLetter:
    attributes = message.get("MessageAttributes", {})
    return DeadLetter(
        message_id=message["MessageId"],
        receipt=message["ReceiptHandle"],
        body=message["Body"],
        sent_at=int(message["Attributes"]["SentTimestamp"]),
        attributes={name: value["StringValue"] for name, value in attributes.items() if "StringValue" in value},
        group=message["Attributes"].get("MessageGroupId"),
    )


def _entry(index: str, letter: InboxMessage) -> EntryTypeDef:
    message = fit_replay(letter)
    if message is None:
        raise ValueError("no message of the inbox holds this")
    attributes = text_attributes(message.attributes)
    entry: EntryTypeDef = {"Id": index, "MessageBody": message.body, "MessageAttributes": attributes}
    return entry if letter.group is None else {**entry, "MessageGroupId": letter.group}
