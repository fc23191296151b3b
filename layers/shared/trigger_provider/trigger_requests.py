"""What producers ask for, once it has been checked: every one of these can be taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trigger_provider.events import Intent, RowKey


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledChange:
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
    due: int | None = None
    is_gated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OccurrenceReport:
    """Report one real-time event. Without an entity it can't be cancelled, and has no version."""

    key: RowKey
    site: str
    trigger: str
    occurrence: str
    payload: str
    entity: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OccurrencesCancel:
    """Cancel whatever was reported of an entity under a real-time trigger, up to and including a version."""

    key: RowKey
    site: str
    trigger: str
    entity: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusQuery:
    """Ask what became of an entity's event, or of one occurrence."""

    key: RowKey


TriggerRequest = ScheduledChange | OccurrenceReport | OccurrencesCancel
