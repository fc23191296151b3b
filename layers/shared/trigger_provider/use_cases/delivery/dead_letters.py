"""Handles messages from the delivery dead-letter queue: retries each row once, then marks it failed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from trigger_provider.domain.delivery.dead_letters import handle_dead_letter
from trigger_provider.domain.delivery.messages import NullOutcomes
from trigger_provider.domain.delivery.outcomes import outcome_of
from trigger_provider.domain.delivery.retry import Settlement
from trigger_provider.use_cases.loading import load_available
from trigger_provider.use_cases.saving import save_until_unchanged

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trigger_provider.domain.ledger.rows import Row, RowKey
    from trigger_provider.use_cases.ports.clock import Clock
    from trigger_provider.use_cases.ports.ledger import Ledger
    from trigger_provider.use_cases.ports.messaging import Outcomes


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """The use case. `retention` is in milliseconds."""

    ledger: Ledger
    clock: Clock
    new_token: Callable[[], str]
    retention: int
    outcomes: Outcomes = field(default_factory=NullOutcomes)

    def handle(self, messages: Sequence[tuple[RowKey, int]]) -> HandledDeadLetters:
        """Retry or fail the rows that the messages name, each message with the revision that it expected.

        The worker that died may not have published the row's end. So publish it here.
        """
        revisions = dict(sorted(messages))
        rows, unavailable = load_available(self.ledger.load_many, revisions)
        saved = save_until_unchanged(
            self.ledger.load_many,
            self.ledger.save_many,
            self.new_token,
            rows,
            lambda row: self._retry_or_fail(row, revisions[row.key]),
        )
        ends = [end for row in saved.rows.values() for end in outcome_of(row)]
        if ends:
            self.outcomes.publish(ends)
        return HandledDeadLetters(
            tuple(settlement.row for settlement in saved.decisions.values()), saved.unsaved, unavailable
        )

    def _retry_or_fail(self, row: Row, revision: int) -> Settlement[Row] | None:
        after = handle_dead_letter(row, revision, self.clock.now(), self.retention)
        return None if after is None else Settlement(after)


class HandledDeadLetters(NamedTuple):
    """The rows that now wait for their last retry or have failed, and the keys of the rows whose messages come again.

    Others kept changing the `unsaved` rows, and the `unavailable` ones can't be read.
    """

    rows: tuple[Row, ...]
    unsaved: frozenset[RowKey]
    unavailable: frozenset[RowKey] = frozenset()
