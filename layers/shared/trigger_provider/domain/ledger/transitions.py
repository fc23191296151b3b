"""How a row moves on: every change of state leaves a line in its history and renews its lifetime."""

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
    """Return the row in its new state, with the last ten transitions and an expiry after its date.

    What repeats itself, such as one retry after the other, keeps one line: the latest. A row that moves is parked no
    more, unless it says so.
    """
    line = Transition(now, state, reason, wix_request_id)
    last = row.timeline[-1] if row.timeline else None
    repeats = last is not None and last.state is state and last.reason == reason
    before = row.timeline[:-1] if repeats else row.timeline
    changes.setdefault("parked_at", None)
    timeline = (*before, line)[-_MOST_TRANSITIONS:]
    expires_at = expiry(row, now, retention, changes.get("due_at"))
    return replace(row, state=state, reason=reason, timeline=timeline, expires_at=expires_at, **changes)


def annotate(row: AnyRow, note: str, now: int, *, retention: int, **changes: Any) -> AnyRow:  # noqa: ANN401 - as in `moved`
    """Return the row with one more line in its history, though it stands where it stood, and for the same reason."""
    after = transition(row, row.state, note, now, retention=retention, **changes)
    return replace(after, reason=row.reason, parked_at=row.parked_at)


def next_revision(row: AnyItem, token: str) -> AnyItem:
    """Return the row as this attempt saves it, over the revision that it has."""
    return replace(row, revision=row.revision + 1, token=token)


def next_accepted_revision(row: AnyRow, token: str) -> AnyRow:
    """Return the row as this attempt saves it with a new change, for which a message of its own is sent."""
    return replace(next_revision(row, token), accepted_revision=row.revision + 1)


def expiry(row: Row, now: int, retention: int, due_at: int | None = None) -> int:
    """Return when a row no longer matters: never before its date, nor before every replay window has passed.

    It never comes nearer, since what is live at Wix may have a later date than what is to replace it: `due_at` is that,
    if there is one.
    """
    dates = (due_at or now, row.due_at or now) if isinstance(row, ScheduledEntity) else ()
    return max(row.expires_at, first_expiry(max(now, *dates) if dates else now, retention))


def first_expiry(last: int, retention: int) -> int:
    """Return when a row no longer matters after which nothing happens later than `last`.

    It is a whole second, since DynamoDB's time to live knows no parts of one.
    """
    return -(-(last + retention) // SECOND) * SECOND
