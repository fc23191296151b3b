"""How many calls a site may be called now: a log of its last minute that all workers share, exact in any sliding one.

An entry of the log stands for calls that may begin until the end of a second: it is written before they do. A call
reaches Wix at most `MARGIN` later, the difference of two workers' clocks included. So entries count until a minute
and that margin have passed since their second, and no sliding minute at Wix holds more calls than the log may.

A permit is good for a second or two, so that it counts no longer than it must. Far from its limit a site gets
longer ones: then a batch of many sites is let call once, and no slow neighbour uses up its permits.

Who finds nothing left gets a time instead, at the pace of the budget, behind those who have got theirs before.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from trigger_provider.domain.durations import HOUR, MINUTE, SECOND, back_off

if TYPE_CHECKING:
    from trigger_provider.domain.sites.site import Calls, SiteRow

MARGIN: Final = 1 * SECOND
"""How long after a call has begun it may still reach Wix, and how far clocks may differ, together."""

_SHORT: Final = 1
_LONG: Final = 30
_FAR_FROM_LIMIT: Final = 4
_COUNTS_FOR: Final = MINUTE + MARGIN
_CYCLE: Final = _COUNTS_FOR + 3 * SECOND // 2
_FARTHEST_BOOKING: Final = HOUR
_FIRST_WAIT: Final = 15 * SECOND
_LONGEST_WAIT: Final = 15 * MINUTE


class Lease(NamedTuple):
    """`calls` may begin, each before `good_until`. The remaining ones may be asked for at `next_attempt_at`."""

    calls: int
    good_until: int
    next_attempt_at: int


def acquire(row: SiteRow, wanted: int, now: int, limit: int) -> tuple[SiteRow, Lease]:
    """Take calls out of a site's budget, as many of those wanted as it has; `most` may be made in a minute."""
    log = tuple(entry for entry in row.calls if _end(entry) > now)
    spent = sum(count for _, count in log)
    calls = 0 if (row.waits_until or 0) > now else max(0, min(wanted, limit - spent))
    is_far = (spent + calls) * _FAR_FROM_LIMIT <= limit
    second = now // SECOND + (_LONG if is_far else _SHORT)
    after = replace(row, calls=_with(log, second, calls)) if calls else row
    good_until = (second + 1) * SECOND
    if calls == wanted:
        return after, Lease(calls, good_until, now)
    free_at = now if spent + calls < limit else min(_end(entry) for entry in _with(log, second, calls))
    next_attempt_at = min(max(free_at, row.reserved_until, row.waits_until or 0, now + SECOND), now + _FARTHEST_BOOKING)
    reserved_until = next_attempt_at + (wanted - calls) * _CYCLE // limit
    return replace(after, reserved_until=reserved_until), Lease(calls, good_until, next_attempt_at)


def record_rate_limit(row: SiteRow, retry_after: float | None, now: int) -> SiteRow:
    """Let a site wait that Wix has answered with a 429: as long as Wix says, else longer each time in succession."""
    until = row.waits_until
    if until is not None and now < until and retry_after is None:
        return row
    is_known = until is not None and now < until + _LONGEST_WAIT
    waits = row.waits + (until is None or now >= until) if is_known else 1
    own = back_off(_FIRST_WAIT, waits - 1, _LONGEST_WAIT)
    wait = own if retry_after is None else int(retry_after * SECOND)
    return replace(row, waits=waits, waits_until=max(until or 0, now + wait))


def _end(entry: tuple[int, int]) -> int:
    """Return the time from which an entry counts no more."""
    return (entry[0] + 1) * SECOND + _COUNTS_FOR


def _with(log: Calls, second: int, calls: int) -> Calls:
    counts = dict(log)
    counts[second] = counts.get(second, 0) + calls
    return tuple(sorted(entry for entry in counts.items() if entry[1]))
