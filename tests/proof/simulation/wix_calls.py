"""A call to Wix: its items, and the possible answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from tests.proof.simulation.requests import REFUSED, RIDDLE
from trigger_provider.domain.delivery.results import EventReport, ItemResult, ResultKind

Item = TypeVar("Item")

DONE: Final = ItemResult(ResultKind.DONE, "wix 200", "wix request", ("activation",))
NOT_TRIED: Final = ItemResult(ResultKind.SKIPPED, "no time left")
UNAVAILABLE: Final = ItemResult(ResultKind.RETRY, "wix 503", "wix request")
TIMEOUT: Final = ItemResult(ResultKind.RETRY, "wix timeout")
UNSURE: Final = ItemResult(ResultKind.UNKNOWN, "wix item NEWS", "wix request")
_REFUSED: Final = ItemResult(ResultKind.REFUSED, "wix 428", "wix request")


@dataclass(frozen=True, slots=True)
class Call(Generic[Item]):
    """One call, and what each item means: its answer, and its effect."""

    name: str
    items: Sequence[Item]
    deadline: int
    answer: Callable[[Item], ItemResult]
    effect: Callable[[Item], None]
    event_id: Callable[[Item], str]


def all_done(call: Call[Item]) -> list[ItemResult]:
    for item in call.items:
        call.effect(item)
    return [call.answer(item) for item in call.items]


def answer_to(report: EventReport) -> ItemResult:
    if REFUSED in report.payload:
        return _REFUSED
    return UNSURE if RIDDLE in report.payload else DONE
