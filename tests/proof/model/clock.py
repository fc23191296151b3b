"""The time of the model: it is always `NOW`, and all recorded times grow older instead.

So two states that differ only by the hour are one state. No time is older than the settle delay, and a row that is due
is due since `NOW`. A retry waits for one second, which ends before half of the settle delay has passed. The end of that
second, and the end of the settle delay, are steps of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

from tests.proof.model.kept import Kept, keep
from trigger_provider.domain.delivery.planning import Plan
from trigger_provider.domain.delivery.sweeps import SweepPlan
from trigger_provider.domain.durations import SECOND
from trigger_provider.domain.ledger.rows import CancelledTwice, EventRow, OccurrencePage, Row, ScheduledEntity

NOW = 1_760_000_000_000
SETTLE_DELAY = 120 * SECOND
INTAKE_WINDOW = 15 * SECOND
FAR = NOW + 10**10
SOON = NOW + SECOND // 2
PAST = NOW - SECOND

_MOST_ATTEMPTS = 3

Ageing = Callable[[Kept[Any]], Kept[Any]]


def plain(row: Row) -> Row:
    """Return the row without the fields that no decision reads: its history, its expiry, and its token."""
    return replace(
        row, revision=1, token="", reason="", timeline=(), expires_at=0, accepted_at=NOW,
        attempts=min(row.attempts, _MOST_ATTEMPTS), same_failure_count=0,
        next_attempt_at=NOW + SECOND if _retries_soon(row) else row.next_attempt_at,
        parked_at=None if row.parked_at is None else NOW, resumed_at=None,
    )  # fmt: skip


@cache
def ageing(milliseconds: int) -> Ageing:
    """Return a function that makes any value so many milliseconds older."""

    @cache
    def older(kept: Kept[Any]) -> Kept[Any]:
        return keep(_older(kept.value, milliseconds))

    return older


@cache
def waited(kept: Kept[Any]) -> Kept[Any]:
    """Return a value after a retry's wait."""
    return keep(_changed(kept.value, lambda row: replace(row, next_attempt_at=NOW) if _retries_soon(row) else row))


@cache
def dated(kept: Kept[Any]) -> Kept[Any]:
    """Return a value as it is after the date that is due soon has passed."""
    return keep(_changed(kept.value, _dated))


def _older(value: Any, by: int) -> Any:  # noqa: ANN401 - whatever a state holds
    aged = _changed(value, lambda row: _aged(row, by))
    return aged._replace(made_at=aged.made_at - by) if isinstance(aged, Plan | SweepPlan) else aged


def _changed(value: Any, change: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - the same
    if isinstance(value, Row):
        return change(value)
    if isinstance(value, SweepPlan):
        return value._replace(targets=tuple(map(change, value.targets)))
    if isinstance(value, OccurrencePage):
        return value._replace(rows=tuple(map(change, value.rows)))
    if type(value) is tuple:
        return tuple(_changed(item, change) for item in value)
    return value


def _aged(row: Row, by: int) -> Row:
    aged = replace(row, next_attempt_at=_due(row.next_attempt_at, by))
    if isinstance(aged, EventRow) and aged.acked_at is not None:
        aged = replace(aged, acked_at=max(aged.acked_at - by, NOW - SETTLE_DELAY))
    if isinstance(aged, CancelledTwice):
        aged = replace(aged, second_cancel_at=_due(aged.second_cancel_at, by))
    return aged


def _due(at: int | None, by: int) -> int | None:
    return None if at is None else max(at - by, NOW)


def _retries_soon(row: Row) -> bool:
    return row.next_attempt_at is not None and NOW < row.next_attempt_at < NOW + SETTLE_DELAY // 2


def _dated(row: Row) -> Row:
    return replace(row, due_at=PAST) if isinstance(row, ScheduledEntity) and row.due_at == SOON else row
