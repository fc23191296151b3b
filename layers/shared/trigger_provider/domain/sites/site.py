"""The noun of the ledger that stands for a site: one installation of the app, whatever its triggers and entities."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from trigger_provider.domain.ledger.rows import Kept, RowKey

NEVER: Final = 253_402_300_799_000
"""The last second of the year 9999: a time that doesn't come."""

Calls = tuple[tuple[int, int], ...]
"""How many calls may begin until each second, by seconds since the epoch, the earliest first."""


class SiteState(StrEnum):
    """Whether a site may be called: as ever, not at all, or as ever while what was parked is still taken up."""

    ACTIVE = "active"
    PARKED = "parked"
    WAKING = "waking"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRow(Kept):
    """What is known of a site. One that was never called nor webhooked about has no row, and counts as active.

    `changed_at` is when its state changed last, and `installed_at` the `iat` of the newest webhook that was applied.
    Parked or waking it carries `again_at`, when `recover` is to look after it: to put back `probe`, the one row that
    may call meanwhile, or to take up what is parked. `probes` counts the probes that were refused.
    `calls` is the log of its budget. No call is to be made before `waits_until`, which Wix's 429 set, for the `waits`th
    time in succession, or Wix's silence, for the `silences`th time and last noted at `silent_at`. `booked_until` is
    until when the budget is promised to rows that wait for it.
    """

    site: str
    state: SiteState = SiteState.ACTIVE
    reason: str = ""
    changed_at: int = 0
    installed_at: int | None = None
    again_at: int | None = None
    probe: RowKey | None = None
    probes: int = 0
    calls: Calls = ()
    waits_until: int | None = None
    waits: int = 0
    silences: int = 0
    silent_at: int | None = None
    booked_until: int = 0


def site_key(site: str) -> RowKey:
    """Give the key of a site's row."""
    return RowKey(f"site#{site}", "site")


def unknown_site(site: str) -> SiteRow:
    """Give the row of a site of which nothing is known: revision 0, for the ledger has none."""
    return SiteRow(key=site_key(site), site=site, expires_at=0)


def site_of(key: RowKey) -> str:
    """Give the site whose row lies under a key."""
    return key.partition.partition("#")[2]


class TroubledSite(NamedTuple):
    """A site that is parked or waking, as the index shows it: perhaps a moment old."""

    site: str
    again_at: int
