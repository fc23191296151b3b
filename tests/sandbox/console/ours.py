"""What the page needs of the bundle's side: to send, to ask what the ledger knows, and to read what was logged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from trigger_provider.domain.catalogue.trigger import Catalogue

Json = dict[str, Any]


class Way(StrEnum):
    """The three ways in."""

    BUS = "bus"
    QUEUE = "queue"
    DIRECT = "direct"


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of sending: AWS's id of the message, or the result if the way in answers at once."""

    source_id: str | None = None
    result: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """One of our sentences in a function's log; `at` is in seconds, and `line` holds its coordinates."""

    at: float
    function: str
    line: Mapping[str, Any]


class OurSide(Protocol):
    """The bundle, deployed or in memory."""

    @property
    def catalogue(self) -> Catalogue:
        """The triggers that are deployed."""

    @property
    def app_id(self) -> str:
        """Wix's id of the app."""

    def send(self, way: Way, request: Mapping[str, Any]) -> Sent:
        """Send a request as a producer does."""

    def event(self, event_id: str) -> list[Json]:
        """Return what `why` tells of an event, with its payload."""

    def entity(self, site: str, trigger: str, entity: str | None, occurrence: str | None) -> list[Json]:
        """The same, by what it is about."""

    def notes(self) -> Sequence[Note]:
        """Return what was logged since the last time."""

    def recover(self) -> None:
        """Bring back now what waits, as the schedule does once a minute."""
