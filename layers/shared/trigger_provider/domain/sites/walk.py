"""The slow walk: it reads the whole table once a day, and finds rows that no index brings back.

Recovery finds rows by the index, and delivery by messages. A row is overlooked by both if its message was lost, if the
index showed it too late when its site was resumed, or if its site removed the app. Each function is pure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from trigger_provider.domain.delivery.resumption import FORGOTTEN, is_forgotten, release_if_due, resend
from trigger_provider.domain.durations import DAY, HOUR
from trigger_provider.domain.ledger.generations import LAST_GENERATION, begin_generation, may_be_gone, was_begun_before
from trigger_provider.domain.ledger.rows import (
    ON_THE_WAY,
    CancelledTwice,
    Intent,
    RealtimeEvent,
    Row,
    RowKey,
    ScheduledEntity,
    State,
    VersionedItem,
)
from trigger_provider.domain.ledger.transitions import transition
from trigger_provider.domain.sites.site import NEVER, SiteRow, SiteState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trigger_provider.domain.delivery.policy import DeliveryPolicy

WALK_KEY: Final = RowKey("walk", "walk")
REINSTALLED: Final = "reported anew: its site removed the app and installed it again"

_EVERY: Final = DAY
_LEAST_DISTANCE: Final = 6 * HOUR
_LOST_AFTER: Final = DAY
"""A row on the way without a wait has a message. If nothing has happened to it for so long, the message may be lost."""
_PARKED_FOR: Final = HOUR
"""How long a row of an active site was parked at least before it counts as overlooked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkRow(VersionedItem):
    """Where the walk stands. `began_at` and `finished_at` are in milliseconds; before the first walk both are 0.

    `position` is the key of the last row that was read, or None at the beginning of the table. `is_wanted` says that a
    site has installed the app again since the walk began.
    """

    began_at: int = 0
    finished_at: int = 0
    position: RowKey | None = None
    is_wanted: bool = False


class WalkPage(NamedTuple):
    """Rows of one page of the table, the keys of those that can't be read, and where the page ends.

    `position` is the key of the last row that was looked at, or None at the end of the table.
    """

    rows: Sequence[Row]
    unavailable: frozenset[RowKey]
    position: RowKey | None


NEVER_WALKED: Final = WalkRow(key=WALK_KEY, expires_at=NEVER)


def begin_if_due(row: WalkRow, now: int) -> WalkRow | None:
    """Return the walk as it goes on or begins now, or None if it is not yet time.

    A walk begins a day after the last one began. If a site has installed the app again, it begins sooner.
    """
    if row.began_at > row.finished_at:
        return row
    distance = _LEAST_DISTANCE if row.is_wanted else _EVERY
    return replace(row, began_at=now, position=None, is_wanted=False) if now >= row.began_at + distance else None


def advance(row: WalkRow, position: RowKey | None, now: int) -> WalkRow:
    """Return the walk after a page that ended at a key; at None the table has ended."""
    finished_at = max(now, row.began_at + 1) if position is None else row.finished_at
    return replace(row, position=position, finished_at=finished_at)


def find_overlooked(row: Row, site: SiteRow | None, now: int, policy: DeliveryPolicy) -> Row | None:
    """Return the row to save if nothing but the walk brings it back, or None.

    `site` is the row of its site. Unless the returned row waits, a message is sent for it.
    """
    if isinstance(row, ScheduledEntity) and _is_to_report_anew(row, site, now):
        return begin_generation(row, REINSTALLED, now, policy.retention)
    if row.parked_at is not None:
        return _find_parked(row, site, now, policy)
    if row.next_attempt_at is not None:
        return None
    if row.state in ON_THE_WAY:
        return _send_again(row, site, now, policy) if _last_change(row) <= now - _LOST_AFTER else None
    if isinstance(row, CancelledTwice) and (row.second_cancel_at or now) <= now - _LOST_AFTER:
        return resend(row, now, policy)
    return None


def _send_again(row: Row, site: SiteRow | None, now: int, policy: DeliveryPolicy) -> Row:
    """Return a row whose message may be lost. Its report may have been sent before its site removed the app."""
    removed_at = None if site is None else site.removed_at
    if not isinstance(row, ScheduledEntity) or row.intent is Intent.CANCEL or row.generation >= LAST_GENERATION:
        return resend(row, now, policy)
    if was_begun_before(row, removed_at):
        return begin_generation(row, REINSTALLED, now, policy.retention)
    return resend(row, now, policy)


def _find_parked(row: Row, site: SiteRow | None, now: int, policy: DeliveryPolicy) -> Row | None:
    """Release a row that was missed when its site was resumed. End one whose site removed the app long ago."""
    if site is None or site.state is SiteState.ACTIVE:
        return release_if_due(row, now, policy) if (row.parked_at or 0) <= now - _PARKED_FOR else None
    is_removed = site.state is SiteState.SUSPENDED and site.next_attempt_at == NEVER
    if not is_removed or row.state is not State.PARKED or not is_forgotten(row, now, policy):
        return None
    is_over = isinstance(row, RealtimeEvent) or (isinstance(row, ScheduledEntity) and (row.due_at or 0) <= now)
    if not is_over:
        return None
    return transition(row, State.EXPIRED, FORGOTTEN, now, retention=policy.retention, next_attempt_at=None)


def _is_to_report_anew(row: ScheduledEntity, site: SiteRow | None, now: int) -> bool:
    is_reinstalled = site is not None and site.state is not SiteState.SUSPENDED
    is_later = row.due_at is not None and row.due_at > now and row.generation < LAST_GENERATION
    return is_reinstalled and is_later and may_be_gone(row, None if site is None else site.removed_at)


def _last_change(row: Row) -> int:
    return row.timeline[-1].at if row.timeline else row.accepted_at
