"""Whether a row may be erased because the operator asks for it, and what must happen first.

The row is the only record of an event: without it, the event can't be cancelled at Wix any more. So a row is held back
while it is on its way, and while Wix may hold an event that is still to come. A real-time event that was reported has
happened already. A scheduled row that was changed in the last minute is held back too: a row made anew in the same
second would repeat its event ids.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from trigger_provider.domain.intake.commands import ScheduledChange
from trigger_provider.domain.ledger.generations import is_too_young_to_delete
from trigger_provider.domain.ledger.ids import event_id, fingerprint
from trigger_provider.domain.ledger.rows import (
    ENDS,
    Intent,
    Row,
    RowKey,
    ScheduledEntity,
    State,
    VersionedItem,
)

if TYPE_CHECKING:
    from collections.abc import Collection

ON_ITS_WAY: Final = "it is on its way"
LIVE: Final = "Wix may hold it until its date"
OLDER_LIVE: Final = "Wix may hold an older generation of it"
TOO_YOUNG: Final = "it was accepted less than a minute ago: wait"
BESIDE: Final = "it covers events that are held back"

_NOT_AT_WIX: Final = frozenset({State.CANCELLED, State.EXPIRED, State.REJECTED})


class Candidate(NamedTuple):
    """What the operator sees of a row before it is erased. `held` says why it should not be, or is empty.

    `cancel` is the request after which the row may be erased, if there is one.
    """

    row: VersionedItem
    event: str
    trigger: str
    state: State
    held: str
    cancel: ScheduledChange | None

    @property
    def key(self) -> RowKey:
        """Return the row's key."""
        return self.row.key


def candidate(row: Row, now: int) -> Candidate:
    """Judge a row at `now`, in milliseconds. The candidate keeps the row's ids and state, and none of its payload."""
    held = _hold_reason(row, now)
    kept = VersionedItem(key=row.key, expires_at=row.expires_at, revision=row.revision)
    return Candidate(kept, event_id(row), row.trigger, row.state, held, _cancel(row) if held else None)


def together(candidates: Collection[Candidate], *, leave_at_wix: bool) -> list[Candidate]:
    """Judge rows together. Return them in the order in which to erase them: events before the cancel that covers them.

    With `leave_at_wix` only rows that are too young are held back.
    """
    judged = [_free(candidate) for candidate in candidates] if leave_at_wix else list(candidates)
    keeping = {candidate.key.partition for candidate in judged if candidate.held}
    covering = [
        candidate._replace(held=BESIDE) if candidate.key.partition in keeping and not candidate.held else candidate
        for candidate in judged
        if _is_entity(candidate.key)
    ]
    return [candidate for candidate in judged if not _is_entity(candidate.key)] + covering


def _free(candidate: Candidate) -> Candidate:
    return candidate if candidate.held == TOO_YOUNG else candidate._replace(held="", cancel=None)


def _hold_reason(row: Row, now: int) -> str:
    if is_too_young_to_delete(row, now):
        return TOO_YOUNG
    if row.state not in ENDS or row.next_attempt_at is not None:
        return ON_ITS_WAY
    if not isinstance(row, ScheduledEntity):
        return ""
    if row.oldest_open_generation < row.generation:
        return OLDER_LIVE
    is_to_come = row.due_at is not None and row.due_at > now and row.state not in _NOT_AT_WIX
    return LIVE if is_to_come else ""


def _cancel(row: Row) -> ScheduledChange | None:
    """Return the cancel of a scheduled event, or None for other rows.

    The cancel has the event's own version: at equal versions a cancel wins.
    """
    if not isinstance(row, ScheduledEntity) or row.intent is Intent.CANCEL:
        return None
    return ScheduledChange(
        key=row.key, site=row.site, trigger=row.trigger, entity=row.entity, version=row.version,
        intent=Intent.CANCEL, fingerprint=fingerprint(None, Intent.CANCEL, None),
    )  # fmt: skip


def _is_entity(key: RowKey) -> bool:
    return key.row.startswith("entity#")
