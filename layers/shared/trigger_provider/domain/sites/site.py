"""The noun of the ledger that stands for a site: one installation of the app, whatever its triggers and entities."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from trigger_provider.domain.ledger.rows import RowKey, VersionedItem

NEVER: Final = 253_402_300_799_000
"""The last second of the year 9999: a time that doesn't come."""

Calls = tuple[tuple[int, int], ...]
"""How many calls may begin until each second, by seconds since the epoch, the earliest first."""


class SiteState(StrEnum):
    """Whether a site may be called: yes, no, or yes while its parked rows are still being released."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    RESUMING = "resuming"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRow(VersionedItem):
    """What is known of a site. A site without a row has never been called, and counts as active."""

    site: str
    state: SiteState = SiteState.ACTIVE
    reason: str = ""
    changed_at: int = 0
    """When the state changed last."""
    installed_at: int | None = None
    """The `iat` of the newest webhook about an install or a removal, in milliseconds."""
    next_attempt_at: int | None = None
    """Of a site that is not active: when `recover` puts back its probe, or releases what is parked."""
    probe: RowKey | None = None
    """The one row that may call the site while it is suspended."""
    probes: int = 0
    """How many probes Wix has refused."""
    calls: Calls = ()
    """The log of calls that the rate limit counts."""
    waits_until: int | None = None
    """No call before that time: Wix answered 429, or gave no answer in time."""
    waits: int = 0
    """How many waits Wix's 429 has caused in succession."""
    consecutive_timeouts: int = 0
    last_timeout_at: int | None = None
    reserved_until: int = 0
    """Until when calls are promised to rows that wait for them."""


def site_key(site: str) -> RowKey:
    """Return the key of a site's row."""
    return RowKey(f"site#{site}", "site")


def unknown_site(site: str) -> SiteRow:
    """Return the row of a site of which nothing is known: revision 0, for the ledger has none."""
    return SiteRow(key=site_key(site), site=site, expires_at=0)


def site_of(key: RowKey) -> str:
    """Return the site whose row lies under a key."""
    return key.partition.partition("#")[2]


class TroubledSite(NamedTuple):
    """A site that is suspended or resuming, as the index shows it: perhaps a moment old."""

    site: str
    next_attempt_at: int
