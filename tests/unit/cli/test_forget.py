"""`forget`: nothing goes that was not shown, nor what Wix may hold unless that is wanted."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.support.builders import NOW, OTHER_SITE, a_reported_row, a_tombstone, an_entity_row, an_occurrence
from tests.support.rows import SITE, TRIGGER
from trigger_provider.domain.ledger.ids import event_id
from trigger_provider.domain.ledger.rows import Intent, Row, RowKey, ScheduledEntity, State
from trigger_provider.domain.operations.erasure import LIVE

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Terminal

PAST = an_entity_row(state=State.REPORTED, due_at=NOW)
LIVE_ONE = a_reported_row("invoice 2")
VISIT = an_occurrence("visit 1", None, state=State.REPORTED)
WHERE = ("--site", SITE, "--trigger", TRIGGER)


def left(terminal: Terminal) -> set[RowKey]:
    return set(terminal.ledger.rows)


def test_a_site_is_forgotten_after_a_yes_and_no_other_site(terminal: Terminal) -> None:
    other = an_entity_row("another's", site=OTHER_SITE, state=State.REJECTED)
    terminal.put(PAST, VISIT, other)
    result = terminal.type("forget", "--site", SITE, answer="y\n")

    assert result.exit_code == 0
    assert "Forget 2 for good?" in result.stderr
    assert event_id(PAST) in result.stdout
    assert left(terminal) == {other.key}


@pytest.mark.parametrize("words,answer", [(("--dry-run",), ""), ((), "n\n"), ((), "")])
def test_nothing_is_forgotten_without_a_yes(terminal: Terminal, words: tuple[str, ...], answer: str) -> None:
    terminal.put(PAST)
    terminal.type("forget", "--site", SITE, *words, answer=answer)

    assert left(terminal) == {PAST.key}


def test_one_trigger_of_a_site_may_be_forgotten(terminal: Terminal) -> None:
    other = an_entity_row("another trigger's", trigger="another", state=State.REJECTED)
    terminal.put(PAST, other)
    terminal.type("forget", *WHERE, "--yes")

    assert left(terminal) == {other.key}


def test_an_entity_is_forgotten_with_its_events_and_their_cancel(terminal: Terminal) -> None:
    rows = [an_occurrence("1", state=State.CANCELLED), an_occurrence("2", state=State.REPORTED)]
    terminal.put(a_tombstone(state=State.CANCELLED), *rows, VISIT)
    result = terminal.type("forget", *WHERE, "--entity", "invoice 1", "--yes")

    assert result.exit_code == 0
    assert left(terminal) == {VISIT.key}


def test_one_real_time_event_is_found_by_its_id(terminal: Terminal) -> None:
    terminal.put(PAST, VISIT)
    terminal.type("forget", *WHERE, "--id", "visit 1", "--yes")

    assert left(terminal) == {PAST.key}


def test_what_wix_may_hold_stays_and_the_rest_goes(terminal: Terminal) -> None:
    terminal.put(PAST, LIVE_ONE)
    result = terminal.type("forget", "--site", SITE, "--yes")

    assert result.exit_code == 1
    assert f"1 to be forgotten, 1 {LIVE}" in result.stdout
    assert left(terminal) == {LIVE_ONE.key}


def test_with_leave_at_wix_all_of_it_goes(terminal: Terminal) -> None:
    terminal.put(LIVE_ONE, an_occurrence(state=State.RETRYING, next_attempt_at=NOW))

    assert terminal.type("forget", "--site", SITE, "--leave-at-wix", "--yes").exit_code == 0
    assert (left(terminal), terminal.outbox.sent) == (set(), [])


def test_with_cancel_first_what_wix_may_hold_is_cancelled_and_goes_the_next_time(terminal: Terminal) -> None:
    terminal.put(LIVE_ONE)
    first = terminal.type("forget", "--site", SITE, "--cancel-first", answer="y\n")
    row = terminal.ledger.rows[LIVE_ONE.key]
    assert isinstance(row, ScheduledEntity)
    again = terminal.type("forget", "--site", SITE, "--cancel-first", "--yes")

    assert (first.exit_code, again.exit_code) == (1, 1)
    assert "Cancel 1 at Wix?" in first.stderr
    assert (row.intent, row.state, row.generation) == (Intent.CANCEL, State.PENDING, 2)
    assert [message.key for message in terminal.outbox.sent] == [LIVE_ONE.key]
    terminal.put(replace(row, state=State.CANCELLED, oldest_open_generation=3))
    assert terminal.type("forget", "--site", SITE, "--yes").exit_code == 0
    assert left(terminal) == set()


def test_a_machine_is_told_of_each_row(terminal: Terminal) -> None:
    terminal.put(PAST, LIVE_ONE)
    document = json.loads(terminal.type("forget", "--site", SITE, "--json", "--yes").stdout)

    assert {row["event"]: (row["held"], row["forgotten"]) for row in document["rows"]} == {
        event_id(PAST): ("", True),
        event_id(LIVE_ONE): (LIVE, False),
    }


def test_a_machine_is_told_that_a_dry_run_has_forgotten_nothing(terminal: Terminal) -> None:
    terminal.put(PAST)
    document = json.loads(terminal.type("forget", "--site", SITE, "--json", "--dry-run").stdout)

    assert [row["forgotten"] for row in document["rows"]] == [False]


def test_nothing_that_a_person_sees_names_an_entity_or_holds_a_payload(terminal: Terminal) -> None:
    terminal.put(an_entity_row("planted@example.com", state=State.REJECTED, payload='{"a": "planted"}'))
    result = terminal.type("forget", "--site", SITE, "--yes")

    assert "planted" not in result.stdout + result.stderr


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--site", "no-guid"),
        ("--site", SITE, "--entity", "invoice 1"),
        ("--site", SITE, "--cancel-first", "--leave-at-wix"),
        ("--site", SITE, "--json"),
    ],
)
def test_what_can_not_be_meant_is_wrong_usage(terminal: Terminal, words: tuple[str, ...]) -> None:
    terminal.put(PAST)

    assert terminal.type("forget", *words).exit_code == 2
    assert left(terminal) == {PAST.key}


def test_what_is_not_there_ends_with_1(terminal: Terminal) -> None:
    assert terminal.type("forget", "--site", SITE, "--yes").exit_code == 1


def test_many_rows_are_all_forgotten_though_only_the_first_are_shown(terminal: Terminal) -> None:
    rows: list[Row] = [an_entity_row(f"invoice {number}", state=State.REJECTED) for number in range(60)]
    terminal.put(*rows)
    result = terminal.type("forget", "--site", SITE, "--yes")

    assert "… and 40 more" in result.stdout
    assert left(terminal) == set()
