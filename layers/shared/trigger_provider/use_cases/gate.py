"""Answers Wix before it acts on an event: the newest payload, or that the event is called off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trigger_provider.domain.gate import UNKNOWN, GateAnswer, RefreshQuery, answer
from trigger_provider.domain.payload.formats import is_uuid

if TYPE_CHECKING:
    from trigger_provider.use_cases.ports.ledger import EventFinder


@dataclass(frozen=True, slots=True)
class RefreshPayload:
    """The use case. It only reads: Wix's question does not change what we have to report to Wix."""

    events: EventFinder

    def answer(self, asked: RefreshQuery) -> GateAnswer:
        """Return the answer. An id that is no GUID can't be ours: don't read the ledger. Raise `LedgerUnavailable`."""
        return answer(asked, self.events.find(asked.event)) if is_uuid(asked.event) else UNKNOWN
