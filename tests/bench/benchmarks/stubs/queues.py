"""Queues as far as the contenders use them: what is sent waits until the harness takes it, as Lambda's poller would."""

from __future__ import annotations

from collections import defaultdict
from itertools import count
from typing import Any

Entries = list[dict[str, Any]]


class Queues:
    """All queues, by their address."""

    def __init__(self) -> None:
        self.waiting: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.sent_bytes = 0
        self._ids = count()

    def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """Answer a batch call; what is deleted or comes back later is not the stub's to keep."""
        entries: Entries = request["Entries"]
        if operation == "SendMessageBatch":
            return {"Successful": [self._send(request["QueueUrl"], entry) for entry in entries]}
        return {"Successful": [{"Id": entry["Id"]} for entry in entries]}

    def take(self, url: str) -> list[dict[str, Any]]:
        """Return what waits, and forget it."""
        return self.waiting.pop(url, [])

    def _send(self, url: str, entry: dict[str, Any]) -> dict[str, Any]:
        message_id = f"message-{next(self._ids)}"
        self.sent_bytes += len(entry["MessageBody"].encode())
        self.waiting[url].append({"messageId": message_id, "body": entry["MessageBody"]})
        return {"Id": entry["Id"], "MessageId": message_id, "MD5OfMessageBody": ""}
