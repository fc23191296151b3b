"""How many calls a site may get now: a log of its last minute, which all workers share. It holds in any sliding minute.

An entry of the log counts the calls that may begin until the end of a second. It is saved before they begin. A call
reaches Wix at most `MARGIN` later, including the difference between two workers' clocks. So an entry counts until a
minute and that margin after its second. Hence no sliding minute at Wix holds more calls than the log may.

A permit is valid for a second or two, so that it counts no longer than it must. A site far from its limit gets longer
permits. Then a batch of many sites is admitted only once: its permits don't expire while it waits for a slow site.

A job for which no permit is left gets a time instead. These times follow one another at the pace of the rate limit, in
the order in which workers asked.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from trigger_provider.domain.durations import HOUR, MINUTE, SECOND, back_off

if TYPE_CHECKING:
    from trigger_provider.domain.sites.site import Calls, SiteRow

MARGIN: Final = 1 * SECOND
"""How long after its beginning a call may still reach Wix, plus how far clocks may differ, in milliseconds."""

_SHORT: Final = 1
_LONG: Final = 30
_FAR_FROM_LIMIT: Final = 4
_COUNTS_FOR: Final = MINUTE + MARGIN
_CYCLE: Final = _COUNTS_FOR + 3 * SECOND // 2
_FARTHEST_BOOKING: Final = HOUR
_FIRST_WAIT: Final = 15 * SECOND
_LONGEST_WAIT: Final = 15 * MINUTE


class Lease(NamedTuple):
    """Leave for `calls` calls, each of which must begin before `good_until`.

    A worker may ask for the remaining ones at `next_attempt_at`. Times are in milliseconds.
    """

    calls: int
    good_until: int
    next_attempt_at: int


def acquire(row: SiteRow, wanted: int, now: int, limit: int) -> tuple[SiteRow, Lease]:
    """Acquire as many of the wanted permits as the site's rate limit, `limit` calls in a minute, leaves.

    Return the site's row to save, and the lease.
    """
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
    """Let a site wait after Wix answered 429: for `retry_after` seconds if given, else longer each consecutive time."""
    until = row.waits_until
    if until is not None and now < until and retry_after is None:
        return row
    is_known = until is not None and now < until + _LONGEST_WAIT
    waits = row.waits + (until is None or now >= until) if is_known else 1
    own = back_off(_FIRST_WAIT, waits - 1, _LONGEST_WAIT)
    wait = own if retry_after is None else int(retry_after * SECOND)
    return replace(row, waits=waits, waits_until=max(until or 0, now + wait))


def _end(entry: tuple[int, int]) -> int:
    """Return when an entry stops to count, in milliseconds."""
    return (entry[0] + 1) * SECOND + _COUNTS_FOR


def _with(log: Calls, second: int, calls: int) -> Calls:
    counts = dict(log)
    counts[second] = counts.get(second, 0) + calls
    return tuple(sorted(entry for entry in counts.items() if entry[1]))
