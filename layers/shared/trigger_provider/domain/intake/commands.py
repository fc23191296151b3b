"""What producers ask for, once it has been checked: every one of these can be taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from trigger_provider.domain.ledger.rows import Intent, RowKey

MOST_REQUESTS: Final = 100
"""How many requests one document may hold."""


class ScheduledChange(NamedTuple):
    """Report an entity's event under a scheduled trigger anew, or cancel it.

    `payload` is canonical JSON text and `due` its date in milliseconds; a cancel has neither. `fingerprint`
    tells this request from any other for the same entity at the same version. `is_gated` tells that Wix asks for the
    newest payload before it acts.
    """

    key: RowKey
    site: str
    trigger: str
    entity: str
    version: int
    intent: Intent
    fingerprint: str
    payload: str | None = None
    due_at: int | None = None
    is_gated: bool = False


class OccurrenceReport(NamedTuple):
    """Report one real-time event. Without an entity it can't be cancelled, and has no version."""

    key: RowKey
    site: str
    trigger: str
    occurrence: str
    payload: str
    entity: str | None = None
    version: int | None = None


class OccurrencesCancel(NamedTuple):
    """Cancel whatever was reported of an entity under a real-time trigger, up to and including a version."""

    key: RowKey
    site: str
    trigger: str
    entity: str
    version: int


class StatusQuery(NamedTuple):
    """Ask what became of an entity's event, or of one occurrence."""

    key: RowKey


TriggerRequest = ScheduledChange | OccurrenceReport | OccurrencesCancel
