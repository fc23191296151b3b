"""Erases rows because the operator asks for it: first shows them, then erases those that have not changed since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trigger_provider.domain.operations.erasure import Candidate, candidate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trigger_provider.domain.ledger.rows import RowKey
    from trigger_provider.use_cases.intake.accept import Accept, Accepted
    from trigger_provider.use_cases.ports.operator import Archive


@dataclass(frozen=True, slots=True)
class Erase:
    """The use case."""

    accept: Accept
    archive: Archive

    def look(self, keys: Sequence[RowKey]) -> list[Candidate]:
        """Return the rows that exist, each judged on its own. Nothing is changed. Raise `LedgerUnavailable`."""
        rows = self.accept.ledger.load_many(keys) if keys else {}
        now = self.accept.clock.now()
        return [candidate(rows[key], now) for key in dict.fromkeys(keys) if key in rows]

    def cancel(self, candidates: Sequence[Candidate]) -> list[Accepted]:
        """Submit the cancels after which the rows that are held back may be erased. Delivery sends them to Wix."""
        return self.accept.submit([candidate.cancel for candidate in candidates if candidate.cancel is not None])

    def run(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Erase these rows, in this order. Return those that have changed meanwhile, and so are still there."""
        changed = self.archive.forget([candidate.row for candidate in candidates]) if candidates else frozenset()
        return [candidate for candidate in candidates if candidate.key in changed]
