"""The queues and the bus: what a use case sends, receives and publishes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trigger_provider.domain.delivery.messages import Message, OutcomeEvent, Refusal


class Outbox(Protocol):
    """The delivery queue, from the sender's side."""

    def send(self, messages: Sequence[Message]) -> None:
        """Send all, or raise `QueueUnavailable`: nothing is saved whose message is not on its way."""


class ReceivedMessages(Protocol):
    """The delivery queue, from the receiver's side; a message is known by the receipt of its last receive."""

    def give_back(self, receipts: Sequence[tuple[str, int]]) -> None:
        """Let messages come back after so many seconds each, or raise `QueueUnavailable`."""

    def done(self, receipts: Sequence[str]) -> None:
        """Take messages off the queue now, not only when the function returns; or raise `QueueUnavailable`."""


class Refusals(Protocol):
    """The queue where refused messages lie for a person to read."""

    def put(self, refusals: Sequence[Refusal]) -> None:
        """Put all, or raise `QueueUnavailable`."""


class Outcomes(Protocol):
    """Where the ends of events are made known."""

    def publish(self, outcomes: Sequence[OutcomeEvent]) -> None:
        """Publish all, or raise `OutcomesUnavailable`; the same end may be published more than once."""
