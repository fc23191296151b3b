"""Where in the index a row waits for its `next_attempt_at`.

An event's row waits with its shard, or with its site if it is parked. A site's row waits among the sites.

The index is sparse: only a row in trouble, or one that waits, has the attribute `queue`.
"""

from __future__ import annotations

from typing import Final
from zlib import crc32

from trigger_provider.domain.ledger.rows import SHARDS, Row, RowKey, VersionedItem
from trigger_provider.domain.sites.site import SiteRow

INDEX: Final = "unsettled"

SITES: Final = "sites"
"""The index's key of the sites that are parked or waking."""


def shard_of(key: RowKey) -> int:
    """Return the part of the index a row waits in: the same for all rows of a partition, in every process."""
    return crc32(key.partition.encode()) % SHARDS


def queue(shard: int) -> str:
    """Return the index's key of one of its parts."""
    return f"due#{shard}"


def parked_queue(site: str) -> str:
    """Return the index's key of what is parked with a site."""
    return f"parked#{site}"


def queue_of(row: VersionedItem) -> str:
    """Return the part of the index that a row waits in, if it waits."""
    if isinstance(row, SiteRow):
        return SITES
    if isinstance(row, Row) and row.parked_at is not None:
        return parked_queue(row.site)
    return queue(shard_of(row.key))
