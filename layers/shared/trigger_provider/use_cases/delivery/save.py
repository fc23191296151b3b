"""Saves what was settled, over whatever others have saved meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from trigger_provider.domain.delivery.policy import MOST_ROUNDS
from trigger_provider.domain.delivery.retry import Settlement
from trigger_provider.domain.ledger.rows import Row, RowKey

if TYPE_CHECKING:
    from trigger_provider.use_cases.ports.ledger import Ledger

Settle = Callable[[Row], Settlement[Row] | None]


class Saved(NamedTuple):
    """The settlements that stand, and the rows that others kept changing until we left off."""

    settled: Mapping[RowKey, Settlement[Row]]
    unsaved: frozenset[RowKey]


def save_until_unchanged(ledger: Ledger, token: str, rows: Mapping[RowKey, Row], settle: Settle) -> Saved:
    """Settle each row and save it on condition that it is unchanged; else load it and settle it again.

    `settle` is given the row as it is now, and gives nothing where nothing is to be written any more.
    """
    settled: dict[RowKey, Settlement[Row]] = {}
    current = dict(rows)
    for _ in range(MOST_ROUNDS):
        tried = {key: settlement for key, row in current.items() if (settlement := settle(row)) is not None}
        changed = [
            replace(settlement.row, revision=settlement.row.revision + 1, token=token)
            for key, settlement in tried.items()
            if settlement.row != current[key]
        ]
        conflicts = ledger.save_many(changed) if changed else frozenset()
        settled |= {key: settlement for key, settlement in tried.items() if key not in conflicts}
        if not conflicts:
            return Saved(settled, frozenset())
        current = dict(ledger.load_many(conflicts))
    return Saved(settled, frozenset(current))
