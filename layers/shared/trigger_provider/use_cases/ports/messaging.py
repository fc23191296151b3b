"""The queues and the bus: what a use case sends, receives and publishes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trigger_provider.domain.delivery.messages import Message, OutcomeEvent, Refusal


class Outbox(Protocol):
    """The delivery queue, from the sender's side."""

    def send(self, messages: Sequence[Message]) -> None:
        """Send all messages, or raise `QueueUnavailable`: a row may be saved only if its message was sent."""


class ReceivedMessages(Protocol):
    """The delivery queue, from the receiver's side. The receipt of its last receive identifies a message."""

    def give_back(self, receipts: Sequence[tuple[str, int]]) -> None:
        """Let each message come back after its number of seconds, or raise `QueueUnavailable`."""

    def done(self, receipts: Sequence[str]) -> None:
        """Delete messages from the queue now, before the function returns, or raise `QueueUnavailable`."""


class Refusals(Protocol):
    """The queue of refused messages, which the operator reads."""

    def put(self, refusals: Sequence[Refusal]) -> None:
        """Put all, or raise `QueueUnavailable`."""


class Outcomes(Protocol):
    """The bus on which the outcomes of events are published."""

    def publish(self, outcomes: Sequence[OutcomeEvent]) -> None:
        """Publish all outcomes, or raise `OutcomesUnavailable`. The same outcome may be published more than once."""
