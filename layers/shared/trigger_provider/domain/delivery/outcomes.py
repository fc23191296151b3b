"""The outcomes of events. Each is published at least once, perhaps more often."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trigger_provider.domain.delivery.messages import OutcomeEvent
from trigger_provider.domain.ledger.ids import event_id, generation_id
from trigger_provider.domain.ledger.rows import ENDS, Intent, Row, ScheduledEntity, State, Tombstone, Transition

if TYPE_CHECKING:
    from collections.abc import Iterable


def outcome_of(row: Row) -> list[OutcomeEvent]:
    """Return how a row's event has ended, or that it is parked.

    Return an empty list for a row on its way, and for a tombstone, which stands for no event.
    """
    if row.state not in {*ENDS, State.PARKED} or isinstance(row, Tombstone):
        return []
    return [_make_outcome(row, row.state, row.reason)]


def outcomes_of_generations(row: ScheduledEntity, generations: Iterable[int]) -> list[OutcomeEvent]:
    """Return the outcomes of closed generations.

    A cancel has cancelled the generation just before its own. All others were superseded. So each pass that closes a
    generation returns the same outcome for it.
    """
    cancelled = row.generation - 1 if row.intent is Intent.CANCEL else None
    return [_outcome_of_closed(row, generation, is_cancelled=generation == cancelled) for generation in generations]


def _outcome_of_closed(row: ScheduledEntity, generation: int, *, is_cancelled: bool) -> OutcomeEvent:
    state = State.CANCELLED if is_cancelled else State.SUPERSEDED
    reason = "cancelled at Wix" if is_cancelled else "a newer version has come"
    return _make_outcome(row, state, reason, generation)


def _make_outcome(row: Row, state: State, reason: str, generation: int | None = None) -> OutcomeEvent:
    last = _last_line(row)
    event = event_id(row) if generation is None else generation_id(row.key, generation)
    return OutcomeEvent(
        event_id=event,
        trigger=row.trigger,
        site=row.site,
        state=state,
        reason=reason,
        at=last.at if last else row.accepted_at,
        wix_request_id=last.wix_request_id if last else None,
    )


def _last_line(row: Row) -> Transition | None:
    """Return the line of the row's last transition. Later lines are only notes."""
    last = row.timeline[-1] if row.timeline else None
    return next((line for line in reversed(row.timeline) if (line.state, line.reason) == (row.state, row.reason)), last)
