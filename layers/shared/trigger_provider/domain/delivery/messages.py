"""What we send on: messages of the delivery queue, refused requests, and the ends of events."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trigger_provider.domain.ledger.rows import RowKey, State


class Message(NamedTuple):
    """What the delivery queue carries: which row to look at, and which revision of it to expect.

    It is held back for `delay` seconds, at most 900.
    """

    key: RowKey
    revision: int
    site: str
    delay: int = 0


class Refusal(NamedTuple):
    """A message that was refused, whole, with the first rule that it broke; `source_id` is in the log line, too."""

    body: str
    outcome: str
    pointer: str
    rule: str
    source_id: str = ""


class OutcomeEvent(NamedTuple):
    """How an event has ended: ids and the reason, never the payload. `at` is in milliseconds."""

    event_id: str
    trigger: str
    site: str
    state: State
    reason: str
    at: int
    wix_request_id: str | None = None


class NullOutcomes:
    """Keeps `Outcomes` where no bus is named."""

    def publish(self, announcements: Sequence[OutcomeEvent]) -> None:
        """Publish nothing."""
