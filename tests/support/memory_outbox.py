"""The delivery queue as two lists: what was sent, and what was given back."""

from __future__ import annotations

from collections.abc import Sequence

from trigger_provider.errors import QueueUnavailable
from trigger_provider.ports import Message


class MemoryOutbox:
    """Keeps `ports.Outbox`. While `down`, every call fails and nothing is sent."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.given_back: list[tuple[str, int]] = []
        self.down = False

    def send(self, messages: Sequence[Message]) -> None:
        self._answer()
        self.sent += messages

    def give_back(self, receipts: Sequence[tuple[str, int]]) -> None:
        if any(not 0 <= seconds <= 43_200 for _, seconds in receipts):
            raise ValueError("a message can wait from 0 to 43200 seconds")
        self._answer()
        self.given_back += receipts

    def _answer(self) -> None:
        if self.down:
            raise QueueUnavailable("down")
