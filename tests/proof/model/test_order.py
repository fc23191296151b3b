"""The model takes its steps in the order in which the use cases call their ports: load, enqueue, save, and so on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import pytest

from tests.proof.model.cached_decisions import moment
from tests.proof.model.cases import APP, KEY, Case
from tests.proof.model.clock import INTAKE_WINDOW, NOW, SETTLE_DELAY
from tests.support.memory_ledger import MemoryLedger
from tests.support.site_builders import an_admission
from trigger_provider.domain.delivery.messages import Message
from trigger_provider.domain.delivery.results import EventReport, ItemResult, ResultKind
from trigger_provider.domain.ledger.rows import RealtimeEvent, Row, RowKey
from trigger_provider.use_cases.delivery.deliver import Deliver, Delivery
from trigger_provider.use_cases.intake.accept import Accept

FAR = NOW + SETTLE_DELAY


class Diary(MemoryLedger):
    """The ports in one, which write down what they are asked."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def now(self) -> int:
        return NOW

    def load_many(self, keys: Iterable[RowKey]) -> Mapping[RowKey, Row]:
        asked = frozenset(keys)
        self.lines.append(f"load {_kinds(asked)}")
        return super().load_many(asked)

    def save_many(self, rows: Sequence[Row]) -> frozenset[RowKey]:
        self.lines.append(f"save {_kinds(row.key for row in rows)}")
        return super().save_many(rows)

    def occurrences(self, entity: RowKey) -> Sequence[RealtimeEvent]:
        self.lines.append("query")
        return super().occurrences(entity)

    def send(self, messages: Sequence[Message]) -> None:
        self.lines.append(f"send {_kinds(message.key for message in messages)}")

    def report(self, _: str, __: str, reports: Sequence[EventReport], deadline: int) -> Sequence[ItemResult]:
        assert deadline == FAR
        self.lines.append("report")
        return [ItemResult(ResultKind.DONE, "")] * len(reports)

    def cancel(self, _: str, __: str, event_ids: Sequence[str], deadline: int) -> Sequence[ItemResult]:
        assert deadline == FAR
        self.lines.append("cancel")
        return [ItemResult(ResultKind.DONE, "")] * len(event_ids)

    def accept(self, case: Case, at: int) -> list[str]:
        """Accept a request of a case. Return the calls of the ports."""
        self.lines.clear()
        Accept(self, self, self, lambda: "token", 0).submit([case.requests[at]])
        return list(self.lines)

    def deliver(self, key: RowKey) -> list[str]:
        """Deliver a row. Return the calls of the ports."""
        self.lines.clear()
        delivery = Delivery(key, self.rows[key].revision, NOW)
        policy = moment(Case(words="S1", faults=0)).policy
        Deliver(self, self, self, lambda: 0.0, lambda: "token", policy, APP, INTAKE_WINDOW, an_admission(self)).process(
            [delivery], FAR
        )
        return list(self.lines)


@pytest.fixture
def diary() -> Diary:
    return Diary()


def test_intake_loads_enqueues_and_then_saves(diary: Diary) -> None:
    assert diary.accept(Case(words="S1", faults=0), 0) == ["load entity", "send entity", "save entity"]


def test_delivery_of_a_change_loads_cancels_reports_and_then_saves(diary: Diary) -> None:
    case = Case(words="S1 S2", faults=0)
    diary.accept(case, 0)
    diary.accept(case, 1)
    assert diary.deliver(KEY) == ["load entity", "cancel", "report", "save entity"]


def test_delivery_of_an_occurrence_reads_the_entity_row_once_the_occurrence_is_seen(diary: Diary) -> None:
    case = Case(words="R1", faults=0)
    diary.accept(case, 0)
    lines = diary.deliver(case.requests[0].key)
    assert lines[-2:] == ["report", "save occurrence"]
    assert lines.index("load entity") == lines.index("report") - 1


def test_a_sweep_loads_queries_cancels_closes_and_then_saves_the_entity_row(diary: Diary) -> None:
    case = Case(words="R1 X2", faults=0)
    diary.accept(case, 0)
    diary.accept(case, 1)
    occurrence = case.requests[0].key
    row = diary.rows[occurrence]
    assert isinstance(row, RealtimeEvent)
    diary.rows[occurrence] = replace(row, acked_at=NOW - SETTLE_DELAY)
    assert diary.deliver(KEY) == ["load entity", "query", "cancel", "save occurrence", "save entity"]


def _kinds(keys: Iterable[RowKey]) -> str:
    return " and ".join(sorted({key.row.partition("#")[0] for key in keys}))
