"""The delivery queue in SQS: the content of its messages, and how they are sent, returned and deleted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeVar

from botocore.exceptions import ClientError

from trigger_provider.adapters.aws.batching import batches
from trigger_provider.adapters.aws.retry import BACK_OFF, MOST_AT_ONCE, BackOff, run_concurrently, translate
from trigger_provider.domain.aws_limits import SQS_BATCH_BYTES, SQS_BATCH_ENTRIES
from trigger_provider.domain.intake.message_body import size_of
from trigger_provider.domain.ledger.ids import ROW_KINDS
from trigger_provider.domain.ledger.rows import RowKey
from trigger_provider.domain.payload.json_text import read_json
from trigger_provider.errors import QueueForbidden, QueueUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mypy_boto3_sqs.client import SQSClient
    from mypy_boto3_sqs.type_defs import BatchResultErrorEntryTypeDef as FailureTypeDef
    from mypy_boto3_sqs.type_defs import ChangeMessageVisibilityBatchRequestEntryTypeDef as WaitTypeDef
    from mypy_boto3_sqs.type_defs import DeleteMessageBatchRequestEntryTypeDef as DeleteTypeDef
    from mypy_boto3_sqs.type_defs import MessageAttributeValueTypeDef
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef as EntryTypeDef

    from trigger_provider.domain.delivery.messages import Message

_LONGEST_WAIT = 43_200
_TOO_LONG = "BatchRequestTooLong"

Entry = TypeVar("Entry", bound="Mapping[str, object]")


def encode(message: Message) -> str:
    """Return the body of a message. It names the row and its revision, and holds no content of the row."""
    fields = {"partition": message.key.partition, "row": message.key.row, "revision": message.revision}
    return json.dumps(fields, separators=(",", ":"))


def decode(body: str) -> tuple[RowKey, int]:
    """Return the row's key and the revision that a body names. Raise `ValueError` if `encode` did not write it."""
    match read_json(body):
        case {"partition": str(partition), "row": str(row), "revision": int(revision)}:
            kind, *rest = row.split("#")
            if kind in ROW_KINDS and rest:
                return RowKey(partition, row), revision
    raise ValueError("not a message of the delivery queue")


class SqsDeliveryQueue:
    """Keeps the ports `Outbox` and `ReceivedMessages`.

    The group of a message is its site, because SQS then treats sites fairly.
    """

    def __init__(
        self, client: SQSClient, queue_url: str, back_off: BackOff = BACK_OFF, most_at_once: int = MOST_AT_ONCE
    ) -> None:
        self._client = client
        self._queue_url = queue_url
        self._back_off = back_off
        self._most_at_once = most_at_once

    def send(self, messages: Sequence[Message]) -> None:
        """Send all messages, or raise `QueueUnavailable`. In that case some may have been sent."""
        entries = [_entry(index, message) for index, message in enumerate(messages)]
        send_all(self._client, self._queue_url, entries, self._back_off, self._most_at_once)

    def give_back(self, receipts: Sequence[tuple[str, int]]) -> None:
        """Make each received message visible again after 0 to 43,200 seconds (12 hours), else raise `ValueError`.

        A receipt that SQS no longer accepts is no error: the message is visible again already, or deleted.
        """
        if any(not 0 <= seconds <= _LONGEST_WAIT for _, seconds in receipts):
            raise ValueError(f"a message can wait from 0 to {_LONGEST_WAIT} seconds")
        entries: list[WaitTypeDef] = [
            {"Id": str(index), "ReceiptHandle": receipt, "VisibilityTimeout": seconds}
            for index, (receipt, seconds) in enumerate(receipts)
        ]
        _try_all("ChangeMessageVisibilityBatch", entries, self._change, self._back_off)

    def done(self, receipts: Sequence[str]) -> None:
        """Delete messages now. A receipt that SQS no longer accepts is no error: the message may come again."""
        entries: list[DeleteTypeDef] = [
            {"Id": str(index), "ReceiptHandle": receipt} for index, receipt in enumerate(receipts)
        ]
        _try_all("DeleteMessageBatch", entries, self._delete, self._back_off)

    def _delete(self, entries: list[DeleteTypeDef]) -> Sequence[FailureTypeDef]:
        return self._client.delete_message_batch(QueueUrl=self._queue_url, Entries=entries).get("Failed", ())

    def _change(self, entries: list[WaitTypeDef]) -> Sequence[FailureTypeDef]:
        answer = self._client.change_message_visibility_batch(QueueUrl=self._queue_url, Entries=entries)
        return answer.get("Failed", ())


def _entry(index: int, message: Message) -> EntryTypeDef:
    entry: EntryTypeDef = {"Id": str(index), "MessageBody": encode(message), "MessageGroupId": message.site}
    return {**entry, "DelaySeconds": message.delay} if message.delay else entry


def send_all(
    client: SQSClient,
    queue_url: str,
    entries: Sequence[EntryTypeDef],
    back_off: BackOff,
    most_at_once: int = MOST_AT_ONCE,
) -> None:
    """Send messages in batches, each with its own `Id`. Raise `QueueUnavailable` unless SQS accepts all."""

    def send(batch: list[EntryTypeDef]) -> Sequence[FailureTypeDef]:
        """Send a portion, in halves if SQS counts more bytes than we do: so no message fails with another."""
        try:
            return client.send_message_batch(QueueUrl=queue_url, Entries=batch).get("Failed", ())
        except ClientError as error:
            if len(batch) == 1 or _TOO_LONG not in error.response["Error"]["Code"]:
                raise
            half = len(batch) // 2
            return [*send(batch[:half]), *send(batch[half:])]

    if codes := _try_all("SendMessageBatch", entries, send, back_off, weight, most_at_once):
        raise QueueUnavailable(f"SendMessageBatch: {', '.join(sorted(codes))}")


def weight(entry: EntryTypeDef) -> int:
    """Return the bytes of a message as SQS counts them: body, and name, type and value of each attribute."""
    attributes = entry.get("MessageAttributes", {})
    return size_of(entry["MessageBody"], {name: value.get("StringValue", "") for name, value in attributes.items()})


def text_attributes(attributes: Mapping[str, str]) -> Mapping[str, MessageAttributeValueTypeDef]:
    """Return attributes of a message in SQS's form; each is a text."""
    return {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}


def _try_all(
    operation: str,
    entries: Sequence[Entry],
    call: Callable[[list[Entry]], Sequence[FailureTypeDef]],
    back_off: BackOff,
    weight: Callable[[Entry], int] = lambda _: 0,
    most_at_once: int = MOST_AT_ONCE,
) -> set[str]:
    """Return the codes of the entries that failed by our fault. Try again those that failed by SQS's fault."""
    codes: set[str] = set()
    remaining = list(entries)
    for _ in back_off.tries():
        with translate(operation, QueueUnavailable, QueueForbidden):
            portions = batches(remaining, SQS_BATCH_ENTRIES, weight, SQS_BATCH_BYTES)
            failed = run_concurrently(call, portions, most_at_once)
        codes |= {failure["Code"] for failure in failed if failure["SenderFault"]}
        again = {failure["Id"] for failure in failed if not failure["SenderFault"]}
        remaining = [entry for entry in remaining if entry["Id"] in again]
        if not remaining:
            return codes
    raise QueueUnavailable(f"{operation}: {len(remaining)} entries put off")
