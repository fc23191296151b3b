"""`restore`: what the ledger lost comes back, what is there stays, and what can't come back is named."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.support.builders import DUE, NOW, a_reported_row, a_tombstone, an_occurrence
from trigger_provider.domain.ledger.generations import first_generation
from trigger_provider.domain.ledger.ids import event_id
from trigger_provider.domain.ledger.rows import Row, State

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Terminal

BORN = first_generation(NOW)
INVOICE = a_reported_row(generation=BORN)
VISIT = an_occurrence("visit 1", state=State.REPORTED, acked_at=NOW)
CANCEL = a_tombstone(state=State.CANCELLED, swept_version=1)


def copy(terminal: Terminal, *rows: Row) -> None:
    terminal.copy.rows |= {row.key: row for row in rows}


def test_lost_rows_come_back_with_a_message_for_each_that_is_to_be_delivered(terminal: Terminal) -> None:
    copy(terminal, INVOICE, VISIT)
    result = terminal.type("restore", "--from-table", "a-copy", answer="y\n")

    assert result.exit_code == 0
    assert "Put rows of a-copy back into a-stack?" in result.stderr
    assert "2 to restore" in result.stdout
    assert terminal.ledger.rows.keys() == {INVOICE.key, VISIT.key}
    assert {row.revision for row in terminal.ledger.rows.values()} == {1}
    assert [message.key for message in terminal.outbox.sent] == [INVOICE.key]


def test_tombstones_come_back_after_the_occurrences_that_they_stop(terminal: Terminal) -> None:
    copy(terminal, a_tombstone("first", state=State.CANCELLED), an_occurrence("a", "first", state=State.REPORTED))
    terminal.type("restore", "--from-table", "a-copy", "--yes")

    assert [key.row.split("#")[0] for key in terminal.ledger.rows] == ["occurrence", "entity"]


def test_a_row_that_is_there_stays_as_it_is_however_often_the_command_runs(terminal: Terminal) -> None:
    copy(terminal, INVOICE, CANCEL)
    for _ in range(2):
        terminal.type("restore", "--from-table", "a-copy", "--yes")
        first = dict(terminal.ledger.rows)
    result = terminal.type("restore", "--from-table", "a-copy", "--yes")

    assert "is there" in result.stdout
    assert terminal.ledger.rows == first


def test_an_entity_that_has_begun_anew_is_named_and_the_command_exits_with_1(terminal: Terminal) -> None:
    copy(terminal, INVOICE)
    terminal.put(reborn := a_reported_row(generation=first_generation(NOW + 60_000)))
    result = terminal.type("restore", "--from-table", "a-copy", "--yes")

    assert result.exit_code == 1
    assert event_id(INVOICE) in result.stdout
    assert terminal.ledger.rows == {reborn.key: reborn}


def test_a_dry_run_changes_nothing_and_counts(terminal: Terminal) -> None:
    copy(terminal, INVOICE, VISIT, an_occurrence("too old", expires_at=NOW))
    terminal.put(VISIT)
    result = terminal.type("restore", "--from-table", "a-copy", "--dry-run", "--json")

    assert json.loads(result.stdout) == {"dryRun": True, "restored": 1, "kept": 1, "tooOld": 1, "begunAnew": []}
    assert terminal.ledger.rows == {VISIT.key: VISIT}
    assert terminal.outbox.sent == []


def test_nothing_is_restored_without_a_yes(terminal: Terminal) -> None:
    copy(terminal, INVOICE)
    result = terminal.type("restore", "--from-table", "a-copy", answer="n\n")

    assert (result.exit_code, terminal.ledger.rows) == (1, {})


def test_what_is_due_by_now_comes_back_too_so_that_a_stale_date_of_the_lost_time_is_cancelled(
    terminal: Terminal,
) -> None:
    terminal.clock.time = DUE
    copy(terminal, INVOICE)
    terminal.type("restore", "--from-table", "a-copy", "--yes")

    assert [row.state for row in terminal.ledger.rows.values()] == [State.PENDING]
