"""The delivery queue as three lists: what was sent, what was given back, and what was deleted by hand."""

from __future__ import annotations

from collections.abc import Sequence

from trigger_provider.domain.delivery.messages import Message
from trigger_provider.errors import QueueForbidden, QueueUnavailable


class MemoryOutbox:
    """Keeps the port `Outbox` and the port `ReceivedMessages`. While `down` or `forbidden`, every call only fails."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.given_back: list[tuple[str, int]] = []
        self.finished: list[str] = []
        self.down = self.forbidden = False

    def send(self, messages: Sequence[Message]) -> None:
        self._answer()
        self.sent += messages

    def give_back(self, receipts: Sequence[tuple[str, int]]) -> None:
        if any(not 0 <= seconds <= 43_200 for _, seconds in receipts):
            raise ValueError("a message can wait from 0 to 43200 seconds")
        self._answer()
        self.given_back += receipts

    def done(self, receipts: Sequence[str]) -> None:
        self._answer()
        self.finished += receipts

    def _answer(self) -> None:
        if self.forbidden:
            raise QueueForbidden("forbidden")
        if self.down:
            raise QueueUnavailable("down")
