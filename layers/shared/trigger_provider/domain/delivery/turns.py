"""In which order recovery requeues rows: sites take turns, so that no site's rows wait for all rows of another."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trigger_provider.domain.ledger.rows import Waiting

TURN: Final = 100
"""How many rows of a site come in one turn. Rows that are requeued together can travel in one call to Wix."""


def take_turns(waiting: Iterable[Waiting]) -> list[Waiting]:
    """Return the rows in the order in which they are requeued.

    Sites take turns, the one that has waited longest first. The rows of a site are in the order of their times, but
    those of one partition in the order of their versions. A row that the index showed twice, before and after a change,
    comes once.
    """
    by_site: dict[str, list[Waiting]] = {}
    for row in sorted({row.key: row for row in waiting}.values(), key=lambda row: row.next_attempt_at):
        by_site.setdefault(row.site, []).append(row)
    turns = [_cut(_by_version(rows)) for rows in by_site.values()]
    return [row for round_ in zip_longest(*turns, fillvalue=()) for turn in round_ for row in turn]


def _cut(rows: Sequence[Waiting]) -> list[Sequence[Waiting]]:
    return [rows[start : start + TURN] for start in range(0, len(rows), TURN)]


def _by_version(rows: Sequence[Waiting]) -> list[Waiting]:
    places: dict[str, int] = {}
    for at, row in enumerate(rows):
        places.setdefault(row.key.partition, at)
    return sorted(rows, key=lambda row: (places[row.key.partition], row.version or 0))
