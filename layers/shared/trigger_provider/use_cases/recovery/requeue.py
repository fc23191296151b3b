"""Requeues rows, portion by portion: send their messages, then save them.

As in `accept`, messages are sent before rows are saved. So a row leaves the index only when a message for it is on the
delivery queue. A run may be repeated, may stop halfway, and may find more than it can do in time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from trigger_provider.domain.delivery.messages import Message
from trigger_provider.domain.delivery.resumption import delay
from trigger_provider.domain.delivery.turns import TURN
from trigger_provider.domain.ledger.rows import Row, RowKey, Waiting
from trigger_provider.domain.ledger.transitions import next_revision
from trigger_provider.errors import TriggerProviderError
from trigger_provider.use_cases.concurrency import MapConcurrently, map_concurrently
from trigger_provider.use_cases.loading import load_available
from trigger_provider.use_cases.saving import send_then_save

if TYPE_CHECKING:
    from trigger_provider.use_cases.ports.clock import Clock
    from trigger_provider.use_cases.ports.ledger import Ledger
    from trigger_provider.use_cases.ports.messaging import Outbox

Change = Callable[[Row], Row | None]
"""Return the row to save, or None. If the returned row waits for nothing, recovery sends a message for it."""


class Requeued(NamedTuple):
    """How many rows were saved, which can't be read, and the errors that ended portions of them."""

    rows: int = 0
    unavailable: frozenset[RowKey] = frozenset()
    errors: tuple[Exception, ...] = ()

    @classmethod
    def total(cls, parts: Iterable[Requeued]) -> Requeued:
        """Return all parts together."""
        all_parts = list(parts)
        return cls(
            sum(part.rows for part in all_parts),
            frozenset[RowKey]().union(*(part.unavailable for part in all_parts)),
            tuple(error for part in all_parts for error in part.errors),
        )


@dataclass(frozen=True, slots=True)
class Requeue:
    """The use case. Portions don't wait for one another, and an error of one portion ends no other portion."""

    ledger: Ledger
    outbox: Outbox
    clock: Clock
    new_token: Callable[[], str]
    spread: MapConcurrently = map_concurrently

    def end_waits(self, waiting: Sequence[Waiting], end: int) -> Requeued:
        """Requeue rows whose time has come, in their order. The rows are not read. Nothing begins at `end` or later."""
        return self._in_portions(self._end_waits, waiting, end)

    def change(self, waiting: Sequence[Waiting], change: Change, end: int) -> Requeued:
        """Load rows, change them, and requeue those that then wait for nothing. Nothing begins at `end` or later."""
        return self._in_portions(partial(self._change, change=change), waiting, end)

    def _in_portions(
        self, process: Callable[[Sequence[Waiting]], Requeued], waiting: Sequence[Waiting], end: int
    ) -> Requeued:
        portions = [waiting[start : start + TURN] for start in range(0, len(waiting), TURN)]
        return Requeued.total(self.spread(lambda portion: self._apart(process, portion, end), portions))

    def _apart(
        self, process: Callable[[Sequence[Waiting]], Requeued], portion: Sequence[Waiting], end: int
    ) -> Requeued:
        """Process a portion. If an unforeseen error ends it, process each row alone: only one row causes it."""
        if self.clock.now() >= end:
            return Requeued()
        try:
            return process(portion)
        except TriggerProviderError as error:
            return Requeued(errors=(error,))
        except Exception as error:  # noqa: BLE001 - whatever it is, it must stay with the row that causes it
            if len(portion) == 1:
                return Requeued(errors=(error,))
            return Requeued.total(self._apart(process, [row], end) for row in portion)

    def _end_waits(self, portion: Sequence[Waiting]) -> Requeued:
        now = self.clock.now()
        self.outbox.send([Message(row.key, row.revision + 1, row.site, delay(row, now)) for row in portion])
        return Requeued(len(portion) - len(self.ledger.end_waits(portion, self.new_token())))

    def _change(self, portion: Sequence[Waiting], change: Change) -> Requeued:
        """Change rows in the order of the portion."""
        token, places = self.new_token(), {row.key: at for at, row in enumerate(portion)}
        stored, unavailable = load_available(self.ledger.load_many, places)
        in_order = sorted(stored.values(), key=lambda row: places[row.key])
        rows = [next_revision(after, token) for row in in_order if (after := change(row)) is not None]
        messages = [Message(row.key, row.revision, row.site) for row in rows if row.next_attempt_at is None]
        conflicts = send_then_save(self.outbox, self.ledger, messages, rows)
        return Requeued(len(rows) - len(conflicts), unavailable)
