"""The row of a site in the ledger. A site is one installation of the app, with all its triggers and entities."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from trigger_provider.domain.ledger.rows import RowKey, VersionedItem

NEVER: Final = 253_402_300_799_000
"""The last second of the year 9999, in milliseconds. It stands for a time that never comes."""

AT_ONCE: Final = 0
"""The time at which a site is due that is resuming: before all sites that are due for a probe."""

Calls = tuple[tuple[int, int], ...]
"""Pairs of a second since the epoch, and the number of calls that may begin until its end. The earliest is first."""


class SiteState(StrEnum):
    """Whether a site may be called: yes; no, except by its probe; or yes, while recovery releases its parked rows."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    RESUMING = "resuming"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRow(VersionedItem):
    """What is known of a site. A site without a row has not been called, and counts as active."""

    site: str
    state: SiteState = SiteState.ACTIVE
    reason: str = ""
    changed_at: int = 0
    """When the state changed last, in milliseconds."""
    suspended_at: int | None = None
    """When Wix last refused a call so that the site was suspended, in milliseconds."""
    installed_at: int | None = None
    """The `iat` of the newest webhook about an install or a removal, in milliseconds."""
    removed_at: int | None = None
    """The `iat` of the newest webhook about a removal, in milliseconds. Wix may have dropped all older events then."""
    next_attempt_at: int | None = None
    """If the site is not active: when recovery requeues its probe or releases its parked rows, in milliseconds."""
    probe: RowKey | None = None
    """The one row that may call the site while it is suspended."""
    probes: int = 0
    """How many probes in succession Wix refused, or found no row to call. The wait for the next one grows with it."""
    calls: Calls = ()
    """The log of calls that the rate limit counts."""
    waits_until: int | None = None
    """No call may begin before this time, in milliseconds: Wix answered 429, or did not answer in time."""
    waits: int = 0
    """The number of consecutive waits that Wix's 429 has caused."""
    consecutive_timeouts: int = 0
    """The number of consecutive time-outs. The circuit breaker is closed while it is 0."""
    last_timeout_at: int | None = None
    """When the last of these time-outs was recorded, in milliseconds."""
    reserved_until: int = 0
    """Until when calls are promised to rows that wait for them, in milliseconds."""


def site_key(site: str) -> RowKey:
    """Return the key of a site's row."""
    return RowKey(f"site#{site}", "site")


def unknown_site(site: str) -> SiteRow:
    """Return the row of a site for which the ledger has none: revision 0."""
    return SiteRow(key=site_key(site), site=site, expires_at=0)


def site_of(key: RowKey) -> str:
    """Return the site whose row has this key."""
    return key.partition.partition("#")[2]


class TroubledSite(NamedTuple):
    """A suspended or resuming site, as the index shows it, which may be a moment behind the table."""

    site: str
    next_attempt_at: int
