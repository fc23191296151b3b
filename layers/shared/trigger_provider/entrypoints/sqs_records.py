"""Batches of SQS in Lambda's form, and the response to them (Lambda guide, "Using Lambda with Amazon SQS")."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from trigger_provider.errors import ForeignEvent

Record = Mapping[str, Any]
BatchResponse = dict[str, list[dict[str, str]]]

SUSPECT_FROM_RECEIVE: Final = 3
"""A message that comes for the third time may be what its batches fail on, so it is worked alone."""


def records_of(event: object) -> Sequence[Record]:
    """Return the records of a batch. Raise `ForeignEvent` if the event is no batch: it can't come again by itself."""
    match event:
        case {"Records": [*records]} if all(is_sqs_record(record) for record in records):
            return records
    raise ForeignEvent("this function takes batches of SQS")


def is_sqs_record(record: object) -> bool:
    """Return whether a record is a message of SQS."""
    match record:
        case {"messageId": str(), "body": str()}:
            return True
    return False


def attributes_of(record: Record) -> dict[str, str]:
    """Return the attributes of a message that are texts or numbers."""
    match record.get("messageAttributes"):
        case dict() as attributes:
            return {name: value["stringValue"] for name, value in attributes.items() if _is_text(value)}
    return {}


def is_suspect(record: object, from_receive: int = SUSPECT_FROM_RECEIVE) -> bool:
    """Return whether a message may be the reason why its batches failed."""
    match record:
        case {"attributes": {"ApproximateReceiveCount": str(count)}} if count.isdecimal():
            return int(count) >= from_receive
    return False


def times_of(record: Record) -> tuple[int, int]:
    """Return when a message was sent, and how often it was received. Raise `ValueError` if SQS does not say so."""
    match record:
        case {
            "receiptHandle": str(),
            "attributes": {"SentTimestamp": str(sent_at), "ApproximateReceiveCount": str(receives)},
        }:
            return int(sent_at), int(receives)
    raise ValueError("not a message as SQS gives it")


def failures(records: Iterable[Record]) -> BatchResponse:
    """Return the partial batch response that makes these records come again, and no others."""
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in records]}


def _is_text(value: object) -> bool:
    match value:
        case {"stringValue": str()}:
            return True
    return False
