"""Requeues rows, portion by portion: load, decide, send, save.

As in `accept`, messages are sent before rows are saved. So a row leaves the index only when a message for it is on the
delivery queue. A run may be repeated, may stop halfway, and may find more than it can do in time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from trigger_provider.domain.delivery.messages import Message
from trigger_provider.domain.delivery.resumption import delay
from trigger_provider.domain.ledger.rows import Row, Waiting
from trigger_provider.domain.ledger.transitions import next_revision
from trigger_provider.use_cases.concurrency import MapConcurrently, map_concurrently
from trigger_provider.use_cases.loading import load_available
from trigger_provider.use_cases.saving import send_then_save

if TYPE_CHECKING:
    from trigger_provider.use_cases.ports.clock import Clock
    from trigger_provider.use_cases.ports.ledger import Ledger
    from trigger_provider.use_cases.ports.messaging import Outbox

_PORTION: Final = 100

Change = Callable[[Row], Row | None]
"""Return the row to save, or None. If the returned row waits for nothing, recovery sends a message for it."""


@dataclass(frozen=True, slots=True)
class Requeue:
    """The use case. Portions don't wait for one another."""

    ledger: Ledger
    outbox: Outbox
    clock: Clock
    new_token: Callable[[], str]
    spread: MapConcurrently = map_concurrently

    def run(self, entries: Sequence[Waiting], change: Change, end: int) -> int:
        """Requeue the rows that the index has shown. Return how many were saved. Nothing begins at `end` or later."""
        portions = [entries[start : start + _PORTION] for start in range(0, len(entries), _PORTION)]
        return sum(self.spread(lambda portion: self._portion(portion, change, end), portions))

    def _portion(self, entries: Sequence[Waiting], change: Change, end: int) -> int:
        now = self.clock.now()
        if now >= end:
            return 0
        changed = self._change(entries, change, now)
        messages = [message for _, message in changed if message is not None]
        rows = [row for row, _ in changed]
        return len(rows) - len(send_then_save(self.outbox, self.ledger, messages, rows))

    def _change(self, entries: Sequence[Waiting], change: Change, now: int) -> list[tuple[Row, Message | None]]:
        """Change rows in the order of the index, but rows of one entity in the order of their versions."""
        token, places = self.new_token(), {entry.key.partition: at for at, entry in enumerate(reversed(entries))}
        stored, _ = load_available(self.ledger.load_many, [entry.key for entry in entries])
        in_order = sorted(stored.values(), key=lambda row: (-places[row.key.partition], row.version or 0))
        changes = [(row, after) for row in in_order if (after := change(row)) is not None]
        saved = [(row, next_revision(after, token)) for row, after in changes]
        return [(after, _message(row, after, now)) for row, after in saved]


def _message(before: Row, after: Row, now: int) -> Message | None:
    if after.next_attempt_at is not None:
        return None
    return Message(after.key, after.revision, after.site, delay(before, now))
