"""Transitions of a row: each adds a line to its history and renews its expiry."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

from trigger_provider.domain.durations import SECOND
from trigger_provider.domain.ledger.rows import Row, ScheduledEntity, State, Transition, VersionedItem

_MOST_TRANSITIONS = 10

AnyRow = TypeVar("AnyRow", bound=Row)
AnyItem = TypeVar("AnyItem", bound=VersionedItem)


def transition(
    row: AnyRow,
    state: State,
    reason: str,
    now: int,
    *,
    retention: int,
    wix_request_id: str | None = None,
    **changes: Any,  # noqa: ANN401 - the fields of the row, which dataclasses.replace checks
) -> AnyRow:
    """Return the row in its new state, with its last ten transitions and an expiry after its date.

    If the last line has the same state and reason, as after several retries, the new line replaces it. The row is no
    longer parked, unless `changes` sets `parked_at`.
    """
    line = Transition(now, state, reason, wix_request_id)
    last = row.timeline[-1] if row.timeline else None
    repeats = last is not None and last.state is state and last.reason == reason
    before = row.timeline[:-1] if repeats else row.timeline
    changes.setdefault("parked_at", None)
    timeline = (*before, line)[-_MOST_TRANSITIONS:]
    expires_at = expiry(row, now, retention, changes.get("due_at"))
    return replace(row, state=state, reason=reason, timeline=timeline, expires_at=expires_at, **changes)


def annotate(row: AnyRow, note: str, now: int, *, retention: int, **changes: Any) -> AnyRow:  # noqa: ANN401 - as in `transition`
    """Return the row with a note in its history. Its state, its reason and `parked_at` stay."""
    after = transition(row, row.state, note, now, retention=retention, **changes)
    return replace(after, reason=row.reason, parked_at=row.parked_at)


def next_revision(row: AnyItem, token: str) -> AnyItem:
    """Return the row as this attempt saves it: with the next revision and the attempt's token."""
    return replace(row, revision=row.revision + 1, token=token)


def next_accepted_revision(row: AnyRow, token: str) -> AnyRow:
    """Return the row as this attempt saves it with a new change, whose own message expects this revision."""
    return replace(next_revision(row, token), accepted_revision=row.revision + 1)


def expiry(row: Row, now: int, retention: int, due_at: int | None = None) -> int:
    """Return from when a row may be deleted, in milliseconds: `retention` after now and after its dates.

    `due_at` is the date of the change that replaces the row's event, if it has one. The result is never earlier than
    the present `expires_at`, since the event that is live at Wix may have a later date than the one that replaces it.
    """
    dates = (due_at or now, row.due_at or now) if isinstance(row, ScheduledEntity) else ()
    return max(row.expires_at, first_expiry(max(now, *dates) if dates else now, retention))


def first_expiry(last: int, retention: int) -> int:
    """Return from when a row may be deleted whose last event is at `last`; all values are in milliseconds.

    The result is a whole second, rounded up, since DynamoDB's time to live counts in seconds.
    """
    return -(-(last + retention) // SECOND) * SECOND
