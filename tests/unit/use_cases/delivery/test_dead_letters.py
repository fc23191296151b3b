"""Looking after the rows whose messages the delivery queue gave up."""

from __future__ import annotations

from dataclasses import replace

from tests.support.builders import NOW, RETENTION, a_reported_row, an_entity_row, an_occurrence
from tests.support.fixed_clock import FixedClock
from tests.support.spies import SpyLedger
from trigger_provider.domain.ledger.rows import Row, RowKey, State
from trigger_provider.use_cases.delivery.dead_letters import DeadLetters, HandledDeadLetters


def dead_letters(ledger: SpyLedger, *messages: tuple[RowKey, int]) -> HandledDeadLetters:
    return DeadLetters(ledger, FixedClock(), lambda: "token", RETENTION).handle(messages)


def ledger_with(*rows: Row) -> SpyLedger:
    ledger = SpyLedger()
    ledger.put(*rows)
    return ledger


def test_what_was_left_to_do_waits_and_what_is_settled_does_not() -> None:
    left, occurrence, settled = an_entity_row(), an_occurrence(), a_reported_row("invoice 2")
    ledger = ledger_with(left, occurrence, settled)

    result = dead_letters(ledger, *((row.key, 1) for row in (left, occurrence, settled)))

    assert {row.key for row in result.rows} == {left.key, occurrence.key}
    assert {(row.state, row.next_attempt_at) for row in result.rows} == {(State.PENDING, NOW)}
    assert ledger.rows[settled.key] == settled


def test_what_is_given_up_once_more_has_failed() -> None:
    row = an_entity_row()
    ledger = ledger_with(row)
    (waiting,) = dead_letters(ledger, (row.key, 1)).rows
    by_recovery = replace(waiting, next_attempt_at=None, revision=3)
    ledger.put(by_recovery)

    assert dead_letters(ledger, (row.key, by_recovery.revision)).rows[0].state is State.FAILED


def test_a_row_that_was_never_saved_is_nobodys() -> None:
    assert dead_letters(ledger_with(), (an_entity_row().key, 1)) == HandledDeadLetters((), frozenset())


def test_of_two_messages_for_one_row_the_newer_counts() -> None:
    row = an_entity_row(revision=4, accepted_revision=4)

    assert dead_letters(ledger_with(row), (row.key, 4), (row.key, 1)).rows != ()


def test_an_acknowledgement_that_came_meanwhile_stands() -> None:
    row = an_entity_row()
    ledger = ledger_with(row)
    ledger.meanwhile = [ledger.change(replace(a_reported_row(), revision=2))]

    assert dead_letters(ledger, (row.key, 1)).rows == ()
    assert ledger.rows[row.key].state is State.REPORTED


def test_a_row_that_others_keep_changing_comes_again() -> None:
    row = an_entity_row()
    ledger = ledger_with(row)
    ledger.meanwhile = [ledger.change(an_entity_row(attempts=attempts)) for attempts in range(100)]

    assert dead_letters(ledger, (row.key, 1)) == HandledDeadLetters((), frozenset({row.key}))
