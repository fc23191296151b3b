"""EventBridge's events, one for each invocation (Lambda developer guide, "Asynchronous invocation")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trigger_provider.entrypoints.foreign_events import id_of
from trigger_provider.entrypoints.isolation import record_error, sanitise
from trigger_provider.errors import NotKept, RepeatLater, TriggerProviderError
from trigger_provider.observability.recording import record_taken

if TYPE_CHECKING:
    from trigger_provider.entrypoints.message_reader import MessageReader
    from trigger_provider.use_cases.intake.intake import Intake, Taken


@dataclass(frozen=True, slots=True)
class EventBridgeIntakeHandler:
    """Takes one event."""

    reader: MessageReader
    intake: Intake

    def handle(self, event: object) -> None:
        """Take the event, or raise an error. Then Lambda tries again, and at last uses the on-failure destination.

        The error holds no content of the event, because Lambda writes the error into its log and into that record.
        """
        source_id = id_of(event)
        try:
            taken = self._take(event, source_id)
        except TriggerProviderError:
            raise
        except Exception as error:  # noqa: BLE001 - its text may hold anything
            record_error(error, source_id)
            raise sanitise(error) from None
        if taken.is_to_repeat:
            raise RepeatLater
        if not taken.is_kept:
            raise NotKept("no message of a queue holds this event")

    def _take(self, event: object, source_id: str) -> Taken:
        (taken,) = self.intake.process([self.reader.read_envelope(event)])
        record_taken([(taken, source_id)])
        return taken
