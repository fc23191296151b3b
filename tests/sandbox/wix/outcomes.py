"""What became of a call and of each of its items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tests.sandbox.wix.answers import Answer, Refused
from tests.sandbox.wix.calls import Item


class Effect(StrEnum):
    """What one item of a call did to Wix."""

    REPORTED = "reported"
    DUPLICATE = "ignored duplicate"
    RUNS_NOTHING = "accepted, runs nothing"
    SWALLOWED = "swallowed by an earlier cancel"
    CANCELLED = "cancelled"
    NOTHING_TO_CANCEL = "nothing to cancel"
    REFUSED = "refused"
    UNTOUCHED = "untouched"


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a call; `code` is the error's, when it was refused."""

    external_entity_id: str | None
    idempotency_key: str | None
    payload: Mapping[str, Any] | None
    effect: Effect
    code: str | None = None
    activation_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """One item after Wix's work on it; a refusal says why it failed."""

    item: Item
    effect: Effect
    activation_ids: tuple[str, ...] = ()
    refusal: Refused | None = None

    @property
    def entry(self) -> Entry:
        """The same for the journal."""
        entity, payload = self.item.external_entity_id, self.item.payload
        return Entry(
            external_entity_id=entity if isinstance(entity, str) else None,
            idempotency_key=self.item.idempotency_key,
            payload=payload if isinstance(payload, dict) else None,
            effect=self.effect,
            code=self.refusal.code if self.refusal else None,
            activation_ids=self.activation_ids,
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What Wix answers to a call, and what it did with the items."""

    answer: Answer
    results: Sequence[Result] = ()
