"""What is sent: requests, each with its time and its way in, and the marks of payloads that come to no good."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from trigger_provider.domain.intake.commands import OccurrenceReport, ScheduledChange, TriggerRequest
from trigger_provider.domain.ledger.rows import Intent, RequestOutcome

APP: Final = "app"
INVOICE: Final = "invoice_due"
VISIT: Final = "page_visited"

REFUSED: Final = '"is":"refused"'
RIDDLE: Final = '"is":"a riddle"'
POISON: Final = '"is":"poison"'
"""What a payload says that Wix always refuses or answers with an unlisted error, or that always kills its worker."""


class Way(StrEnum):
    """How a request comes in: a queue brings it again until it is done, the bus three times, a caller once."""

    INBOX = "inbox"
    BUS = "bus"
    CALLER = "caller"


@dataclass(slots=True, eq=False)
class Ask:
    """One request as it is sent; `outcomes` are the answers to it."""

    number: int
    at: int
    way: Way
    request: TriggerRequest
    outcomes: list[RequestOutcome] = field(default_factory=list)

    def __str__(self) -> str:
        return f"request {self.number} ({describe(self.request)})"

    @property
    def is_taken(self) -> bool:
        """Return whether it was answered by its outcome."""
        return any(outcome is not RequestOutcome.RETRY for outcome in self.outcomes)


def describe(request: TriggerRequest) -> str:
    """Return a request in words."""
    match request:
        case ScheduledChange(intent=Intent.REPORT):
            return f"report {request.entity} of {request.site}, version {request.version}, {request.payload}"
        case OccurrenceReport():
            about = f" of {request.entity}, version {request.version}" if request.entity else ""
            return f"report {request.occurrence}{about} of {request.site}, {request.payload}"
    return f"cancel {request.entity} of {request.site}, version {request.version}"
