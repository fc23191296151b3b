"""Tells Wix, before it acts on an event, what is known of it by now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trigger_provider.domain.gate import UNKNOWN, GateAnswer, RefreshQuery, answer
from trigger_provider.domain.payload.formats import is_uuid

if TYPE_CHECKING:
    from trigger_provider.use_cases.ports.ledger import EventFinder


@dataclass(frozen=True, slots=True)
class RefreshPayload:
    """The use case. It reads, and writes nothing: that Wix asks changes nothing of what we owe it."""

    events: EventFinder

    def answer(self, asked: RefreshQuery) -> GateAnswer:
        """Answer; an id that is no GUID can't be one of ours, and is not looked for."""
        return answer(asked, self.events.find(asked.event)) if is_uuid(asked.event) else UNKNOWN
