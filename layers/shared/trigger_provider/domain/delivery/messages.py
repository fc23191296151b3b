"""What we send: messages of the delivery queue, refused requests, and the outcomes of events."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trigger_provider.domain.ledger.rows import RowKey, State


class Message(NamedTuple):
    """A message of the delivery queue: which row to load, and which revision of it to expect.

    SQS holds it back for `delay` seconds, at most 900.
    """

    key: RowKey
    revision: int
    site: str
    delay: int = 0


class Refusal(NamedTuple):
    """A message that intake refused, whole, with the first rule that it breaks. The log line bears `source_id` too."""

    body: str
    outcome: str
    pointer: str
    rule: str
    source_id: str = ""


class OutcomeEvent(NamedTuple):
    """How an event has ended, or that it is parked: ids and the reason, never the payload. `at` is in milliseconds."""

    event_id: str
    trigger: str
    site: str
    state: State
    reason: str
    at: int
    wix_request_id: str | None = None


class NullOutcomes:
    """Keeps the port `Outcomes` where no bus is named."""

    def publish(self, outcomes: Sequence[OutcomeEvent]) -> None:
        """Publish nothing."""
