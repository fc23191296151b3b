"""Telling what became of events, as the ledger knows it."""

from __future__ import annotations

from tests.support.builders import a_report, a_reported_row, an_occurrence
from tests.support.spies import SpyLedger
from trigger_provider.domain.intake.commands import StatusQuery
from trigger_provider.use_cases.intake.status import ReadStatus


def test_each_query_is_answered_by_its_row_in_order_and_by_nothing_where_nothing_is_known() -> None:
    ledger, entity, occurrence = SpyLedger(), a_reported_row(), an_occurrence("form 1", None)
    ledger.put(entity, occurrence)
    queries = [
        StatusQuery(key=key) for key in (occurrence.key, a_report("form 2", None).key, entity.key, occurrence.key)
    ]

    assert ReadStatus(ledger).read(queries) == [occurrence, None, entity, occurrence]
    assert ledger.journal.lines == ["load"]


def test_no_query_at_all_asks_the_ledger_nothing() -> None:
    ledger = SpyLedger()

    assert ReadStatus(ledger).read([]) == []
    assert ledger.journal.lines == []
