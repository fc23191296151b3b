"""The circuit breaker of a site for which Wix does not answer in time: one job at a time, after ever longer waits.

Each such call occupies a worker until it times out. Without the circuit breaker, one site whose calls time out would
occupy all workers.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from trigger_provider.domain.durations import MINUTE, SECOND, back_off

if TYPE_CHECKING:
    from trigger_provider.domain.sites.site import SiteRow

_FIRST_WAIT: Final = 15 * SECOND
_LONGEST_WAIT: Final = 15 * MINUTE


def record_timeout(row: SiteRow, called_at: int, now: int) -> SiteRow:
    """Record a time-out of calls that began at `called_at`; ignore calls that began before the last recorded one."""
    if row.last_timeout_at is not None and called_at < row.last_timeout_at:
        return row
    return _hold(replace(row, consecutive_timeouts=row.consecutive_timeouts + 1, last_timeout_at=now), now)


def half_open(row: SiteRow, now: int) -> SiteRow:
    """Half-open: let one job through and hold back all others for longer than one call can take."""
    return _hold(row, now)


def record_success(row: SiteRow, called_at: int) -> SiteRow:
    """Record an answer to calls that began at `called_at`: the circuit breaker closes.

    Ignore calls that began before the last recorded time-out.
    """
    if row.last_timeout_at is None or called_at < row.last_timeout_at:
        return row
    return replace(row, consecutive_timeouts=0, last_timeout_at=None, waits_until=None)


def _hold(row: SiteRow, now: int) -> SiteRow:
    wait = back_off(_FIRST_WAIT, row.consecutive_timeouts - 1, _LONGEST_WAIT)
    return replace(row, waits_until=max(row.waits_until or 0, now + wait))
