"""Ports and stages that raise, each for one record of a batch and for no other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from tests.support.handlers import CATALOGUE
from tests.support.memory_ledger import MemoryLedger
from tests.support.memory_outbox import MemoryOutbox
from tests.support.memory_refusals import MemoryRefusals
from trigger_provider.domain.catalogue.trigger import Catalogue
from trigger_provider.domain.delivery.messages import Message, OutcomeEvent, Refusal
from trigger_provider.domain.ledger.rows import Row, RowKey

VALUE: Final = "planted value"


class PlantedError(Exception):
    """Nothing here foresees it, and its text quotes a payload."""

    def __init__(self) -> None:
        super().__init__(VALUE)


@dataclass
class BreakingLedger(MemoryLedger):
    """A ledger that raises on one row: where it is loaded, or where it is saved."""

    broken: RowKey
    on_load: bool = False
    on_save: bool = False
    error: Exception = field(default_factory=PlantedError)

    def __post_init__(self) -> None:
        super().__init__()

    def load_many(self, keys: Iterable[RowKey]) -> Mapping[RowKey, Row]:
        keys = list(keys)
        if self.on_load and self.broken in keys:
            raise self.error
        return super().load_many(keys)

    def save_many(self, rows: Sequence[Row]) -> frozenset[RowKey]:
        if self.on_save and any(row.key == self.broken for row in rows):
            raise self.error
        return super().save_many(rows)


@dataclass
class BreakingOutbox(MemoryOutbox):
    """A delivery queue that raises on the message of one row."""

    broken: RowKey
    error: Exception = field(default_factory=PlantedError)

    def __post_init__(self) -> None:
        super().__init__()

    def send(self, messages: Sequence[Message]) -> None:
        if any(message.key == self.broken for message in messages):
            raise self.error
        super().send(messages)


@dataclass
class BreakingRefusals(MemoryRefusals):
    """A queue of refused messages that raises on one body."""

    broken: str
    error: Exception = field(default_factory=PlantedError)

    def __post_init__(self) -> None:
        super().__init__()

    def put(self, refusals: Sequence[Refusal]) -> None:
        if any(self.broken in refusal.body for refusal in refusals):
            raise self.error
        super().put(refusals)


@dataclass
class BreakingOutcomes:
    """A bus that raises on the outcome of one event."""

    broken: str
    published: list[OutcomeEvent] = field(default_factory=list)

    def publish(self, outcomes: Sequence[OutcomeEvent]) -> None:
        if any(outcome.event_id.startswith(self.broken) for outcome in outcomes):
            raise PlantedError
        self.published += outcomes


def a_catalogue_that_breaks_on(text: str, trigger: str = "page_visited") -> Catalogue:
    """Return the catalogue, where the check of one trigger's payloads raises on a text."""
    broken = CATALOGUE.triggers[trigger]

    def check(payload: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as the check itself
        if text in str(payload):
            raise PlantedError
        return broken.check(payload)

    return Catalogue({**CATALOGUE.triggers, trigger: replace(broken, check=check)})
