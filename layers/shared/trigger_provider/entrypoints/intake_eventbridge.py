"""EventBridge's events, one an invocation (Lambda developer guide, "Asynchronous invocation")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trigger_provider.errors import RepeatLater
from trigger_provider.observability.recording import record_taken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trigger_provider.entrypoints.message_reader import MessageReader
    from trigger_provider.use_cases.intake.intake import Intake


@dataclass(frozen=True, slots=True)
class EventBridgeIntakeHandler:
    """Takes one event."""

    reader: MessageReader
    intake: Intake

    def handle(self, event: Mapping[str, object]) -> None:
        """Take the event, or raise RepeatLater: Lambda brings it again, and then to the on-failure destination."""
        incoming = self.reader.read_envelope(event)
        (taken,) = self.intake.process([incoming])
        record_taken([(taken, incoming.source_id)])
        if taken.is_to_repeat:
            raise RepeatLater
