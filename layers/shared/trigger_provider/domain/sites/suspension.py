"""When a site is suspended, how it is probed, and when it is resumed.

Delivery does not call a suspended site. If Wix refuses calls for it, a single row tries it now and then: its probe. If
the owner removed the app, the site waits for the webhook that says that the app is installed again. While the site is
resuming, recovery releases its parked rows. Each function returns the site's row to save, or None if nothing changes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from trigger_provider.domain.delivery.results import FORBIDDEN_WITHOUT_CODE
from trigger_provider.domain.durations import DAY, HOUR, MINUTE, back_off
from trigger_provider.domain.sites.site import AT_ONCE, NEVER, SiteRow, SiteState, unknown_site

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trigger_provider.domain.ledger.rows import RowKey

REMOVED: Final = "the app was removed"
INSTALLED: Final = "the app was installed"
PROBED: Final = "a probe was taken"

_FIRST_PROBE: Final = MINUTE
_LONGEST_PROBE_WAIT: Final = 4 * HOUR
_SHORT_RESUMPTION: Final = HOUR
_QUICK_PROBES: Final = 5
"""How many probes after a 403 without a code come a minute apart, before their waits double: it may be a throttle."""
_SAME_REFUSAL: Final = 10 * MINUTE
"""Sites that were suspended within this time may have been refused for one reason, that of the app."""
_REPEATED_FOR: Final = 2 * DAY
"""How long Wix repeats a webhook that was not answered with 200, in milliseconds."""


def install(row: SiteRow | None, site: str, at: int, now: int, retention: int) -> SiteRow | None:
    """Record that the app was installed `at` this time, by the webhook's own clock, in milliseconds.

    Return None for an older or a known webhook.
    """
    before = row or unknown_site(site)
    is_removed = before.state is SiteState.SUSPENDED and before.reason == REMOVED
    if before.installed_at is not None and (at, is_removed) <= (before.installed_at, False):
        return None
    after = replace(before, installed_at=at)
    if before.state is SiteState.ACTIVE:
        return extend_expiry(after, now, retention)
    return _begin_resuming(replace(after, probes=0), INSTALLED, now)


def uninstall(row: SiteRow | None, site: str, at: int, now: int) -> SiteRow | None:
    """Record that the app was removed `at` this time, by the webhook's own clock, in milliseconds.

    Then only an install resumes the site. At equal times the install wins. Of a removal that an install has followed
    only its time is kept, since Wix may have dropped events then.

    A removal is doubtful if it comes soon after the last webhook: it may repeat an older removal. We don't know whether
    Wix signs a repetition anew, so that it looks newer than it is. Such a site is probed, since otherwise it might stay
    suspended for ever.
    """
    before = row or unknown_site(site)
    if before.installed_at is not None and at <= before.installed_at:
        return replace(before, removed_at=at) if at > (before.removed_at or 0) else None
    is_doubtful = before.installed_at is not None and at < before.installed_at + _REPEATED_FOR
    next_attempt_at = now + probe_wait(0) if is_doubtful and before.next_attempt_at != NEVER else NEVER
    gone = {"installed_at": at, "removed_at": at, "next_attempt_at": next_attempt_at, "probe": None, "probes": 0}
    return _change(before, SiteState.SUSPENDED, REMOVED, now, **gone)


def suspend(row: SiteRow, reason: str, called_at: int, now: int, *, by_probe: bool) -> SiteRow | None:
    """Suspend a site that Wix refuses. `called_at` is when its calls were admitted, in milliseconds.

    Calls that were admitted before the site's last change say nothing of the site since then. A site that is suspended
    again soon after it was resumed continues with its old waits, so that it does not alternate for ever. A 403 without
    a code is the exception: its waits begin anew, since it is often a short throttle.
    """
    if row.state is SiteState.SUSPENDED:
        return _postpone_probe(row, reason, now) if by_probe and row.next_attempt_at != NEVER else None
    if called_at < row.changed_at:
        return None
    is_again = now - row.changed_at < _SHORT_RESUMPTION and reason != FORBIDDEN_WITHOUT_CODE
    probes = row.probes + 1 if is_again else 0
    next_attempt_at = now + probe_wait(probes, reason)
    return _change(
        row, SiteState.SUSPENDED, reason, now, probe=None, probes=probes, next_attempt_at=next_attempt_at,
        suspended_at=now,
    )  # fmt: skip


def resume(row: SiteRow, now: int) -> SiteRow | None:
    """Begin to resume a suspended site whose probe Wix has accepted. Return None for other sites."""
    return (
        _begin_resuming(row, PROBED, now) if row.state is SiteState.SUSPENDED and row.next_attempt_at != NEVER else None
    )


def probe_wait(probes: int, reason: str = "") -> int:
    """Return the wait before the next probe, in milliseconds, for Wix's reason and after so many refused probes."""
    doublings = probes - _QUICK_PROBES if reason == FORBIDDEN_WITHOUT_CODE else probes
    return back_off(_FIRST_PROBE, doublings, _LONGEST_PROBE_WAIT)


def is_probe_forwarded(row: SiteRow, probed: Iterable[SiteRow]) -> bool:
    """Return whether a suspended site is probed before its time, since a probe of another site was accepted.

    Both were suspended at about the same time, so both may have been refused for the same reason: that of the app. And
    the site's own last probe was before that of the other site.
    """
    if row.state is not SiteState.SUSPENDED or row.next_attempt_at in (None, NEVER) or row.probe is not None:
        return False
    last_probe_at = (row.next_attempt_at or 0) - probe_wait(row.probes, row.reason)
    return any(
        abs((row.suspended_at or 0) - (other.suspended_at or 0)) <= _SAME_REFUSAL and last_probe_at < other.changed_at
        for other in probed
    )


def start_probe(row: SiteRow, key: RowKey, now: int) -> SiteRow:
    """Name the row that may call while the site is suspended. Recovery looks at its result after a minute."""
    return replace(row, probe=key, next_attempt_at=now + MINUTE)


def postpone_probe(row: SiteRow, now: int) -> SiteRow:
    """Let a suspended site wait for its next probe, since none of its rows has anything to ask of Wix."""
    return _postpone_probe(row, row.reason, now)


def finish_resuming(row: SiteRow, now: int, settle_delay: int, retention: int) -> SiteRow:
    """Return a resuming site that has no parked rows: active, or looked at again later if a worker may still park one.

    A worker that saw the site suspended may park a row until the worker ends, which is within the settle delay.
    """
    if now < row.changed_at + settle_delay:
        return replace(row, next_attempt_at=row.changed_at + settle_delay)
    return replace(row, state=SiteState.ACTIVE, reason="", next_attempt_at=None, expires_at=now + retention)


def extend_expiry(row: SiteRow, now: int, retention: int) -> SiteRow:
    """Return the row, which DynamoDB then keeps for `retention`. The row of a site that is not active never expires."""
    return row if row.expires_at == NEVER else replace(row, expires_at=now + retention)


def _postpone_probe(row: SiteRow, reason: str, now: int) -> SiteRow:
    probes = row.probes + 1
    return replace(row, reason=reason, probe=None, probes=probes, next_attempt_at=now + probe_wait(probes, reason))


def _begin_resuming(row: SiteRow, reason: str, now: int) -> SiteRow:
    return _change(row, SiteState.RESUMING, reason, now, probe=None, next_attempt_at=AT_ONCE)


def _change(row: SiteRow, state: SiteState, reason: str, now: int, **changes: Any) -> SiteRow:  # noqa: ANN401 - any field
    """Return the row in a state that is not active. It never expires in that state."""
    return replace(row, state=state, reason=reason, changed_at=now, expires_at=NEVER, **changes)
