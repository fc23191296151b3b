"""When a site is suspended, how it is probed, and when it is resumed. A site's row and a result go in, a row comes out.

A suspended site is not called. If Wix refuses its calls, a single row tries it now and then: the probe. If its app was
removed, it waits for the webhook of the next install. While a site is resuming, `recover` releases its parked rows.
Every function returns the row as it is to be saved, or none if nothing changes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from trigger_provider.domain.delivery.results import FORBIDDEN_WITHOUT_CODE
from trigger_provider.domain.durations import DAY, HOUR, MINUTE, back_off
from trigger_provider.domain.sites.site import NEVER, SiteRow, SiteState, unknown_site

if TYPE_CHECKING:
    from trigger_provider.domain.ledger.rows import RowKey

REMOVED: Final = "the app was removed"
INSTALLED: Final = "the app was installed"
PROBED: Final = "a probe was taken"

_FIRST_PROBE: Final = MINUTE
_LONGEST_PROBE_WAIT: Final = 4 * HOUR
_SHORT_RESUMPTION: Final = HOUR
_QUICK_PROBES: Final = 5
"""How many probes after a 403 without a code come a minute apart, before their waits double: it may be a throttle."""
_REPEATED_FOR: Final = 2 * DAY
"""How long Wix repeats a webhook that was not answered with 200."""


def install(row: SiteRow | None, site: str, at: int, now: int, retention: int) -> SiteRow | None:
    """Note that the app was installed `at` this time, by the webhook's own clock; older and known news is none."""
    before = row or unknown_site(site)
    is_removed = before.state is SiteState.SUSPENDED and before.reason == REMOVED
    if before.installed_at is not None and (at, is_removed) <= (before.installed_at, False):
        return None
    after = replace(before, installed_at=at)
    if before.state is SiteState.ACTIVE:
        return extend_expiry(after, now, retention)
    return _begin_resuming(replace(after, probes=0), INSTALLED, now)


def uninstall(row: SiteRow | None, site: str, at: int, now: int) -> SiteRow | None:
    """Note that the app was removed `at` this time: only an install resumes the site. At equal times that wins.

    But if an install arrived while Wix may still repeat what came before it, it is unknown whether a repetition is
    signed anew, and is older than it looks: such a site is probed. Otherwise it might stay suspended for ever.
    """
    before = row or unknown_site(site)
    if before.installed_at is not None and at <= before.installed_at:
        return None
    is_doubtful = before.installed_at is not None and at < before.installed_at + _REPEATED_FOR
    next_attempt_at = now + probe_wait(0) if is_doubtful and before.next_attempt_at != NEVER else NEVER
    gone = {"installed_at": at, "next_attempt_at": next_attempt_at, "probe": None, "probes": 0}
    return _change(before, SiteState.SUSPENDED, REMOVED, now, **gone)


def suspend(row: SiteRow, reason: str, called_at: int, now: int, *, by_probe: bool) -> SiteRow | None:
    """Suspend a site whose calls Wix refuses; `called_at` is when the refused call was admitted.

    A call from before the site's last change says nothing of the site since then. If a site is suspended again soon
    after it was resumed, its waits go on where they ended, so that it does not alternate for ever.
    """
    if row.state is SiteState.SUSPENDED:
        return _postpone_probe(row, reason, now) if by_probe and row.next_attempt_at != NEVER else None
    if called_at < row.changed_at:
        return None
    is_again = now - row.changed_at < _SHORT_RESUMPTION and reason != FORBIDDEN_WITHOUT_CODE
    probes = row.probes + 1 if is_again else 0
    next_attempt_at = now + probe_wait(probes, reason)
    return _change(row, SiteState.SUSPENDED, reason, now, probe=None, probes=probes, next_attempt_at=next_attempt_at)


def resume(row: SiteRow, now: int) -> SiteRow | None:
    """Begin to resume a suspended site whose probe Wix has accepted."""
    return (
        _begin_resuming(row, PROBED, now) if row.state is SiteState.SUSPENDED and row.next_attempt_at != NEVER else None
    )


def probe_wait(probes: int, reason: str = "") -> int:
    """Return the wait before the next probe of a site that Wix refuses for a reason, after so many refused probes."""
    doublings = probes - _QUICK_PROBES if reason == FORBIDDEN_WITHOUT_CODE else probes
    return back_off(_FIRST_PROBE, doublings, _LONGEST_PROBE_WAIT)


def start_probe(row: SiteRow, key: RowKey, now: int) -> SiteRow:
    """Name the row that may call while the site is suspended; the next look at it is in a minute."""
    return replace(row, probe=key, next_attempt_at=now + MINUTE)


def postpone_probe(row: SiteRow, now: int) -> SiteRow:
    """Let a suspended site wait for its next probe, since none of its rows has anything to ask of Wix."""
    return _postpone_probe(row, row.reason, now)


def finish_resuming(row: SiteRow, now: int, settle_delay: int, retention: int) -> SiteRow:
    """Return a resuming site once no parked row is left: active, if no worker can park any more rows of it.

    A worker that saw it suspended may park a row until that worker dies, which is within the settle delay.
    """
    if now < row.changed_at + settle_delay:
        return replace(row, next_attempt_at=row.changed_at + settle_delay)
    return replace(row, state=SiteState.ACTIVE, reason="", next_attempt_at=None, expires_at=now + retention)


def extend_expiry(row: SiteRow, now: int, retention: int) -> SiteRow:
    """Return a row that is remembered at least so long; one that is not active is remembered until it is."""
    return row if row.expires_at == NEVER else replace(row, expires_at=now + retention)


def _postpone_probe(row: SiteRow, reason: str, now: int) -> SiteRow:
    probes = row.probes + 1
    return replace(row, reason=reason, probe=None, probes=probes, next_attempt_at=now + probe_wait(probes, reason))


def _begin_resuming(row: SiteRow, reason: str, now: int) -> SiteRow:
    return _change(row, SiteState.RESUMING, reason, now, probe=None, next_attempt_at=now)


def _change(row: SiteRow, state: SiteState, reason: str, now: int, **changes: Any) -> SiteRow:  # noqa: ANN401 - any field
    """Return the row in another state; a site that is not active is remembered until it is."""
    return replace(row, state=state, reason=reason, changed_at=now, expires_at=NEVER, **changes)
