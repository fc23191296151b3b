"""What the schedule asks of recovery."""

from __future__ import annotations

from collections.abc import Collection

from trigger_provider.ports import SHARDS


def shards_of(event: object) -> Collection[int]:
    """Give the parts of the index that an event names, `{"shards": [0, 1]}`; all of them if it names none."""
    match event:
        case {"shards": [*shards]} if all(isinstance(one, int) and 0 <= one < SHARDS for one in shards):
            return frozenset(shards)
    return range(SHARDS)
