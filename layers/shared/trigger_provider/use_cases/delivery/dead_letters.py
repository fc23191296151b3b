"""Looks after the rows whose messages the delivery queue gave up: each is tried once more, and then it has failed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from trigger_provider.domain.delivery.dead_letters import handle_dead_letter
from trigger_provider.domain.delivery.messages import NullOutcomes
from trigger_provider.domain.delivery.outcomes import outcome_of
from trigger_provider.domain.delivery.retry import Settlement
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
        """See to the rows that messages name, each with the revision that it expected.

        The worker that died may not have published the end of the row, so it is published here.
        """
        revisions = dict(sorted(messages))
        rows = self.ledger.load_many(revisions)
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
        return HandledDeadLetters(tuple(settlement.row for settlement in saved.decisions.values()), saved.unsaved)

    def _retry_or_fail(self, row: Row, revision: int) -> Settlement[Row] | None:
        after = handle_dead_letter(row, revision, self.clock.now(), self.retention)
        return None if after is None else Settlement(after)


class HandledDeadLetters(NamedTuple):
    """The rows that wait now or have failed, and those that others kept changing: their messages must come again."""

    rows: tuple[Row, ...]
    unsaved: frozenset[RowKey]
