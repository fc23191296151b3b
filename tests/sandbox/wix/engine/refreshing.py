"""The one question that Wix asks a trigger provider: is this payload still right? (section 6, Refresh Payload)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Refreshed:
    """The payload as it is now."""

    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CalledOff:
    """The provider answered `cancelActivation`."""


@dataclass(frozen=True, slots=True)
class NotRefreshed:
    """No usable answer came; `why` is for a person."""

    why: str


Refreshing = Refreshed | CalledOff | NotRefreshed


class Refresher(Protocol):
    """An app's trigger provider plugin, as Wix calls it; it may take its time, and raises nothing."""

    def refresh(
        self, site: str, trigger_key: str, external_entity_id: str | None, payload: Mapping[str, Any]
    ) -> Refreshing:
        """Ask for the payload of an event just before an activation of it goes on."""
