"""In which part of the index a row waits for its `next_attempt_at`.

An event's row waits in its shard, or in its site's part if it is parked. Rows of sites wait in a part of their own.

The index is sparse: only a row with `next_attempt_at` has the attribute `queue`.
"""

from __future__ import annotations

from typing import Final
from zlib import crc32

from trigger_provider.domain.ledger.rows import SHARDS, Row, RowKey, VersionedItem
from trigger_provider.domain.sites.site import SiteRow

INDEX: Final = "unsettled"

SITES: Final = "sites"
"""The index's key of the suspended and resuming sites."""


def shard_of(key: RowKey) -> int:
    """Return the shard of the index in which a row waits. It is the same for all rows of a partition."""
    return crc32(key.partition.encode()) % SHARDS


def queue(shard: int) -> str:
    """Return the index's key of a shard."""
    return f"due#{shard}"


def parked_queue(site: str) -> str:
    """Return the index's key of the rows that are parked with a site."""
    return f"parked#{site}"


def queue_of(row: VersionedItem) -> str:
    """Return the index's key under which a row waits, if it has `next_attempt_at`."""
    if isinstance(row, SiteRow):
        return SITES
    if isinstance(row, Row) and row.parked_at is not None:
        return parked_queue(row.site)
    return queue(shard_of(row.key))
