"""What all contenders are given: requests as they lie in an SQS message, each with an id of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from typing import Any, Final
from uuid import UUID, uuid5

APP_ID: Final = "6c2b1d8e-0c6f-4c0b-9c57-2f0b5f3f2a10"
TRIGGER: Final = "form_submitted"

_NAMESPACE: Final = UUID("2b0f5c9c-7f53-4b7e-8d8b-0d8c7f1e6a55")


def site(number: int) -> str:
    """Return the id of a site: always the same for one number."""
    return str(uuid5(_NAMESPACE, f"site {number}"))


def submissions(sites: int, in_a_row: int = 1) -> Iterator[dict[str, Any]]:
    """Return reports of submitted forms without end, over so many sites in turn, and so many in a row of each."""
    for number in count():
        submission = str(uuid5(_NAMESPACE, f"submission {number}"))
        yield {
            "action": "report",
            "triggerKey": TRIGGER,
            "instanceId": site(number // in_a_row % sites),
            "id": submission,
            "payload": _payload(submission),
        }


def invoices() -> Iterator[dict[str, Any]]:
    """Return reports of invoices without end, all of one site; every hundred come a second time, with another date."""
    for hundred in count():
        for version in (1, 2):
            for number in range(hundred * 100, hundred * 100 + 100):
                yield {
                    "action": "report",
                    "triggerKey": "invoice_due",
                    "instanceId": site(0),
                    "entityId": f"INV-{number}",
                    "version": version,
                    "payload": {
                        "contact_id": "6f2b9f6e-3d54-4c1c-9f0a-2b7c1d0e5a44",
                        "invoice_id": f"INV-{number}",
                        "invoice_number": f"2026-{number}",
                        "due_date": f"2099-12-{10 + version}T09:00:00+01:00",
                        "total": "80.00",
                        "currency": "EUR",
                    },
                }


def batch_event(requests: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the event by which Lambda brings such requests from a queue."""
    return {"Records": [_record(str(at), json.dumps(request)) for at, request in enumerate(requests)]}


def received(messages: list[dict[str, Any]], now: int) -> dict[str, Any]:
    """Return the event by which Lambda brings messages that were sent at a time in milliseconds, for the first time."""
    return {"Records": [_record(each["messageId"], each["body"], now) for each in messages]}


def _record(message_id: str, body: str, now: int = 0) -> dict[str, Any]:
    return {
        "messageId": message_id,
        "receiptHandle": message_id,
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": str(now),
            "SenderId": "AIDAIENQZJOLO23YVJ4VO",
            "ApproximateFirstReceiveTimestamp": str(now),
        },
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:inbox",
        "awsRegion": "eu-west-1",
    }


def _payload(submission: str) -> dict[str, Any]:
    return {
        "form_id": "0d9c5e3a-7b41-4f2e-8a96-51c7e2f4b8d0",
        "submission_id": submission,
        "submission_time": "2026-11-24T08:00:00Z",
        "contact_id": "6f2b9f6e-3d54-4c1c-9f0a-2b7c1d0e5a44",
        "first_name": "Ada",
        "last_name": "Byrne",
        "email": "ada@example.com",
        "marketing_email_opt_in": True,
    }
