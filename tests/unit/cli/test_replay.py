"""`replay`: nothing is done before it was shown and wanted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.builders import NOW, OTHER_SITE, a_cancelled_row, a_reported_row, an_entity_row, an_occurrence
from tests.support.handlers import a_visit
from tests.support.rows import APP, SITE, TRIGGER
from trigger_provider.domain.delivery.policy import IDEMPOTENCY_KEY_TTL
from trigger_provider.domain.durations import DAY
from trigger_provider.domain.ledger.ids import event_id, generation_id
from trigger_provider.domain.ledger.rows import ScheduledEntity, State
from trigger_provider.domain.operations.dead_letter import QueueName
from trigger_provider.domain.operations.replay import derive_request
from trigger_provider.domain.operations.values import DeadLetter

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Terminal

FAILED = an_entity_row(state=State.FAILED)
OTHER = an_entity_row("invoice 2", state=State.REJECTED)
LOST = an_occurrence("visit 1", None, state=State.FAILED)
WHERE = ("--site", SITE, "--trigger", TRIGGER)


def generation(terminal: Terminal, like: ScheduledEntity = FAILED) -> int:
    row = terminal.ledger.rows[like.key]
    assert isinstance(row, ScheduledEntity)
    return row.generation


# One row


def test_a_row_is_shown_and_replayed_after_a_yes(terminal: Terminal) -> None:
    terminal.put(FAILED)
    result = terminal.type("replay", "row", event_id(FAILED), answer="y\n")

    assert result.exit_code == 0
    assert f"{event_id(FAILED)}  failed  new generation" in result.stdout
    assert "Replay 1 of 1?" in result.stderr
    assert generation_id(FAILED.key, 2) in result.stdout
    assert generation(terminal) == 2


@pytest.mark.parametrize("answer", ["n\n", "\n", ""])
def test_whatever_is_no_yes_changes_nothing_and_ends_with_1(terminal: Terminal, answer: str) -> None:
    terminal.put(FAILED)
    result = terminal.type("replay", "row", event_id(FAILED), answer=answer)

    assert result.exit_code == 1
    assert (generation(terminal), terminal.outbox.sent) == (1, [])


def test_a_dry_run_asks_nothing_and_changes_nothing(terminal: Terminal) -> None:
    terminal.put(FAILED)
    result = terminal.type("replay", "row", event_id(FAILED), "--dry-run")

    assert (result.exit_code, generation(terminal)) == (0, 1)
    assert "Replay" not in result.stderr


def test_with_yes_nothing_is_asked(terminal: Terminal) -> None:
    terminal.put(FAILED)

    assert terminal.type("replay", "row", event_id(FAILED), "--yes").exit_code == 0
    assert generation(terminal) == 2


@pytest.mark.parametrize(
    "row,words", [(FAILED, ("--entity", "invoice 1")), (LOST, ("--id", "visit 1"))], ids=["entity", "id"]
)
def test_a_row_is_found_by_what_it_is_about(terminal: Terminal, row: ScheduledEntity, words: tuple[str, ...]) -> None:
    terminal.put(row)

    assert event_id(row) in terminal.type("replay", "row", *WHERE, *words, "--dry-run").stdout


@pytest.mark.parametrize(
    "words",
    [(), ("no-guid",), WHERE, ("--entity", "invoice 1"), (event_id(FAILED), "--entity", "invoice 1", *WHERE)],
)
def test_a_row_that_is_not_named_is_wrong_usage(terminal: Terminal, words: tuple[str, ...]) -> None:
    assert terminal.type("replay", "row", *words).exit_code == 2


def test_a_row_that_does_not_exist_ends_with_1(terminal: Terminal) -> None:
    assert terminal.type("replay", "row", event_id(FAILED), "--yes").exit_code == 1


def test_a_row_that_can_not_be_replayed_ends_with_1_and_says_why(terminal: Terminal) -> None:
    terminal.put(a_cancelled_row(state=State.CANCELLED))
    result = terminal.type("replay", "row", event_id(a_cancelled_row()), "--yes")

    assert result.exit_code == 1
    assert "nothing of it is open at Wix" in result.stdout


def test_the_name_makes_the_id_of_a_real_time_event(terminal: Terminal) -> None:
    terminal.put(LOST)
    terminal.type("replay", "row", event_id(LOST), "--name", "monday", "--yes")

    assert derive_request(LOST, APP, "monday").key in terminal.ledger.rows


def test_without_a_name_the_replay_is_named_after_its_time(terminal: Terminal) -> None:
    terminal.put(LOST)
    terminal.type("replay", "row", event_id(LOST), "--yes")

    assert derive_request(LOST, APP, "2025-10-10T08:53:20Z").key in terminal.ledger.rows


@pytest.mark.parametrize("name", ["", "two words", "x" * 65, "a/b"])
def test_a_name_that_a_mark_could_not_hold_is_wrong_usage(terminal: Terminal, name: str) -> None:
    assert terminal.type("replay", "row", event_id(LOST), "--name", name, "--yes").exit_code == 2


# A trigger of a site


def test_what_failed_or_was_rejected_of_a_sites_trigger_is_replayed(terminal: Terminal) -> None:
    others = [
        a_reported_row("reported"),
        an_entity_row("another site's", state=State.FAILED, site=OTHER_SITE),
        an_entity_row("another trigger's", state=State.FAILED, trigger="another"),
    ]
    terminal.put(FAILED, OTHER, *others)
    result = terminal.type("replay", "trigger", *WHERE, "--yes")

    assert result.exit_code == 0
    assert "2 new generation" in result.stdout
    assert [generation(terminal, row) for row in (FAILED, OTHER, *others)] == [2, 2, 1, 1, 1]


def test_other_states_and_times_may_be_asked_for(terminal: Terminal) -> None:
    terminal.put(FAILED, a_reported_row("reported"), a_reported_row("late", accepted_at=NOW + DAY))
    result = terminal.type(
        "replay", "trigger", *WHERE, "--state", "reported,expired", "--since", "2025-10-09", "--until", "2025-10-10",
        "--json", "--dry-run",
    )  # fmt: skip

    assert [row["event"] for row in json.loads(result.stdout)["rows"]] == [event_id(a_reported_row("reported"))]


@pytest.mark.parametrize(
    "words",
    [("--state", "failed,lost"), ("--since", "yesterday"), ("--since", "2025-10-09T08:00:00"), ("--limit", "0")],
)
def test_a_state_or_time_that_is_none_is_wrong_usage(terminal: Terminal, words: tuple[str, ...]) -> None:
    assert terminal.type("replay", "trigger", *WHERE, *words, "--yes").exit_code == 2


def test_no_more_rows_are_replayed_than_were_asked_for(terminal: Terminal) -> None:
    terminal.put(FAILED, OTHER)
    terminal.type("replay", "trigger", *WHERE, "--limit", "1", "--yes")

    assert sorted([generation(terminal, FAILED), generation(terminal, OTHER)]) == [1, 2]


def test_of_many_rows_only_the_first_are_shown_but_all_are_counted_and_replayed(terminal: Terminal) -> None:
    rows = [an_entity_row(f"invoice {number}", state=State.FAILED) for number in range(60)]
    terminal.put(*rows)
    text = terminal.type("replay", "trigger", *WHERE, "--yes").stdout

    assert "… and 40 more" in text
    assert "60 new generation" in text
    assert {generation(terminal, row) for row in rows} == {2}


def test_a_machine_is_told_what_became_of_each(terminal: Terminal) -> None:
    terminal.put(FAILED, a_cancelled_row("invoice 3", state=State.CANCELLED))
    document = json.loads(
        terminal.type("replay", "trigger", *WHERE, "--state", "failed,cancelled", "--yes", "--json").stdout
    )

    by_event = {row["event"]: row for row in document["rows"]}
    assert by_event[event_id(FAILED)]["now"] == generation_id(FAILED.key, 2)
    assert [row["replay"] for row in document["rows"] if "now" not in row] == ["left out"]
    assert document["dryRun"] is False


def test_a_machine_is_asked_nothing(terminal: Terminal) -> None:
    terminal.put(FAILED)
    result = terminal.type("replay", "row", event_id(FAILED), "--json", answer="y\n")

    assert (result.exit_code, generation(terminal)) == (2, 1)


# A queue


def a_message(number: int, **changes: object) -> DeadLetter:
    body = json.dumps(a_visit(id=f"visit {number}", page_title="planted", **changes))
    return DeadLetter(f"message {number}", "", body, NOW, {"outcome": "invalid", "pointer": "/id", "rule": "required"})


@pytest.fixture
def refused(terminal: Terminal) -> Terminal:
    terminal.queues[QueueName.REFUSED].put(*(a_message(number) for number in range(3)))
    terminal.queues[QueueName.REFUSED].put(a_message(9, triggerKey="form_submitted"))
    return terminal


def test_a_queue_is_shown_without_payloads_and_replayed_after_a_yes(refused: Terminal) -> None:
    result = refused.type("replay", "queue", "refused", answer="y\n")

    assert result.exit_code == 0
    assert f"2025-10-09T08:53:20Z  page_visited of {SITE}    invalid: /id required  to replay" in result.stdout
    assert "planted" not in result.output
    assert "messages: 4 to replay\nreplayed 4 of 4" in result.stdout
    assert len(refused.inbox.sent) == 4


def test_only_what_was_asked_for_leaves_the_queue(refused: Terminal) -> None:
    result = refused.type("replay", "queue", "refused", "--trigger", "form_submitted", "--yes")

    assert "messages: 3 not asked for, 1 to replay" in result.stdout
    assert (len(refused.inbox.sent), len(refused.queues[QueueName.REFUSED].messages)) == (1, 3)


@pytest.mark.parametrize("words,answer", [(("--dry-run",), ""), ((), "n\n")])
def test_a_dry_run_or_a_no_leaves_the_queue_as_it_was(refused: Terminal, words: tuple[str, ...], answer: str) -> None:
    refused.type("replay", "queue", "refused", *words, answer=answer)

    queue = refused.queues[QueueName.REFUSED]
    assert (refused.inbox.sent, len(queue.messages), queue.hidden) == ([], 4, set())


def test_too_old_messages_are_told_and_left_out_unless_they_are_asked_for(refused: Terminal) -> None:
    refused.clock.wait(IDEMPOTENCY_KEY_TTL)
    result = refused.type("replay", "queue", "refused", "--yes")

    assert "messages: 4 too old" in result.stdout
    assert (result.exit_code, refused.inbox.sent) == (0, [])
    refused.type("replay", "queue", "refused", "--even-if-too-old", "--yes")
    assert len(refused.inbox.sent) == 4


def test_a_message_that_did_not_come_up_again_ends_with_1(refused: Terminal) -> None:
    refused.queues[QueueName.REFUSED].taken.add("message 0")
    result = refused.type("replay", "queue", "refused", "--yes")

    assert result.exit_code == 1
    assert "replayed 3 of 4" in result.stdout
    assert "Run the command again" in result.stderr


def test_a_machine_is_told_what_lies_on_a_queue(refused: Terminal) -> None:
    document = json.loads(refused.type("replay", "queue", "refused", "--json", "--dry-run").stdout)

    assert (document["queue"], document["dryRun"], document["replayed"], len(document["messages"])) == (
        "refused",
        True,
        0,
        4,
    )
    assert document["messages"][0]["asks"] == [{"trigger": "page_visited", "site": SITE}]


@pytest.mark.parametrize("queue", ["delivery", ""])
def test_a_queue_that_can_not_be_replayed_is_wrong_usage(terminal: Terminal, queue: str) -> None:
    assert terminal.type("replay", "queue", queue).exit_code == 2
