"""Replaying rows: what was seen and has not moved on is replayed once, whatever dies or meddles in between."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import count

import pytest

from tests.support.builders import NOW, RETENTION, a_reported_row, a_tombstone, an_entity_row, an_occurrence
from tests.support.fixed_clock import FixedClock
from tests.support.rows import APP, SITE
from tests.support.watched import Journal, WatchedLedger, WatchedOutbox
from trigger_provider.domain.delivery.messages import Message
from trigger_provider.domain.durations import DAY
from trigger_provider.domain.ledger.ids import event_id, generation_id
from trigger_provider.domain.ledger.replay_mark import name_of_replay
from trigger_provider.domain.ledger.rows import (
    EntityRow,
    Occurrence,
    Row,
    RowKey,
    State,
)
from trigger_provider.domain.operations.replay import Way, derive_request
from trigger_provider.errors import QueueUnavailable
from trigger_provider.use_cases.intake.accept import Accept
from trigger_provider.use_cases.operations.replay import Candidate, Replay, Replayed

FAILED = an_entity_row("invoice 9", state=State.FAILED, revision=3)
LOST = an_occurrence("visit 1", state=State.FAILED, revision=3)


@dataclass
class Desk:
    """The use case with all it needs."""

    journal: Journal = field(default_factory=Journal)

    def __post_init__(self) -> None:
        self.ledger = WatchedLedger(self.journal)
        self.outbox = WatchedOutbox(self.journal)
        self.clock = FixedClock(NOW + DAY)
        tokens = count(1)
        self.accept = Accept(self.ledger, self.outbox, self.clock, lambda: f"token {next(tokens)}", RETENTION)

    def replay(self, name: str = "monday") -> Replay:
        return Replay(self.accept, APP, name)

    def look(self, *keys: RowKey) -> list[Candidate]:
        return self.replay().look(keys or list(self.ledger.rows))

    def run(self, name: str = "monday", *keys: RowKey) -> list[Replayed]:
        """Look, and do what was seen."""
        replay = self.replay(name)
        return replay.run(replay.look(keys or list(self.ledger.rows)))

    def row(self, like: Row) -> Row:
        return self.ledger.rows[like.key]

    def occurrences(self) -> list[str]:
        return sorted(row.occurrence for row in self.ledger.rows.values() if isinstance(row, Occurrence))


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_look_changes_nothing_and_leaves_out_what_does_not_exist(desk: Desk) -> None:
    desk.ledger.put(FAILED, LOST)
    (candidate, other) = desk.look(FAILED.key, LOST.key, a_reported_row("nobody").key)

    assert (candidate.row, candidate.proposal.way, other.proposal.way) == (FAILED, Way.GENERATION, Way.OCCURRENCE)
    assert set(desk.journal.lines) == {"load"}
    assert desk.look() == desk.look()


def test_nothing_to_look_at_asks_nobody(desk: Desk) -> None:
    assert desk.replay().look([]) == []
    assert desk.replay().run([]) == []
    assert desk.journal.lines == []


def test_a_scheduled_event_begins_a_generation_whose_message_goes_first(desk: Desk) -> None:
    desk.ledger.put(FAILED)
    (result,) = desk.run()

    row = desk.row(FAILED)
    assert isinstance(row, EntityRow)
    assert (row.generation, row.revision, row.accepted_revision, row.state) == (2, 4, 4, State.PENDING)
    assert desk.outbox.sent == [Message(FAILED.key, 4, SITE)]
    assert result.event == generation_id(FAILED.key, 2)
    assert desk.journal.lines == ["load", "load", "send", "save"]


def test_a_real_time_event_is_marked_and_then_accepted_anew(desk: Desk) -> None:
    desk.ledger.put(LOST)
    (result,) = desk.run()

    anew = desk.ledger.rows[derive_request(LOST, APP, "monday").key]
    marked = desk.row(LOST)
    assert isinstance(marked, Occurrence)
    assert (name_of_replay(marked), marked.state, marked.revision) == ("monday", State.FAILED, 4)
    assert (anew.state, anew.payload, result.event) == (State.PENDING, LOST.payload, event_id(anew))
    assert desk.outbox.sent == [Message(anew.key, 1, SITE)]
    saves_and_sends = [line for line in desk.journal.lines if line != "load"]
    assert saves_and_sends == ["save", "send", "save"]


def test_a_tombstone_is_swept_again(desk: Desk) -> None:
    stone = a_tombstone(state=State.CANCELLED, swept_version=1, revision=5)
    desk.ledger.put(stone)
    desk.run()

    row = desk.row(stone)
    assert isinstance(row, EntityRow)
    assert (row.state, row.swept_version, row.generation) == (State.PENDING, None, 0)
    assert desk.outbox.sent == [Message(stone.key, 6, SITE)]


def test_what_is_on_its_way_is_sent_a_message_and_not_changed(desk: Desk) -> None:
    row = an_occurrence(revision=7)
    desk.ledger.put(row)
    desk.run()

    assert desk.outbox.sent == [Message(row.key, 7, SITE)]
    assert desk.row(row) == row


def test_what_is_not_possible_is_left_alone_and_told_in_its_place(desk: Desk) -> None:
    done = an_occurrence("visit 2", state=State.CANCELLED)
    desk.ledger.put(done, FAILED)
    results = desk.run()

    assert [(result.reason, result.event) for result in results] == [
        ("it was cancelled", None),
        ("new generation", generation_id(FAILED.key, 2)),
    ]
    assert desk.row(done) == done


def test_a_newer_cancel_that_is_known_keeps_an_event_from_being_replayed(desk: Desk) -> None:
    desk.ledger.put(LOST, a_tombstone(version=1))

    assert [replayed.event for replayed in desk.run("monday", LOST.key)] == [None]
    assert desk.occurrences() == ["visit 1"]


def test_a_newer_cancel_that_comes_in_the_meantime_makes_the_replay_stale(desk: Desk) -> None:
    desk.ledger.put(LOST)
    seen = desk.look()
    desk.ledger.meanwhile.append(lambda: desk.ledger.put(a_tombstone(version=1)))
    (result,) = desk.replay().run(seen)

    assert (result.reason, result.event) == ("a cancel of this version or a newer one is known", None)
    assert desk.outbox.sent == []


# Nothing is doubled


@pytest.mark.parametrize("name", ["monday", "tuesday"])
def test_a_second_run_under_either_name_doubles_nothing(desk: Desk, name: str) -> None:
    desk.ledger.put(LOST)
    desk.run("monday")
    desk.run(name, LOST.key)

    assert desk.occurrences() == ["visit 1", "visit 1~monday"]


@pytest.mark.parametrize("name", ["monday", "tuesday"])
def test_a_run_that_died_after_the_mark_is_ended_by_the_next_under_the_first_name(desk: Desk, name: str) -> None:
    desk.ledger.put(LOST)
    desk.outbox.down = True
    with pytest.raises(QueueUnavailable):
        desk.run("monday")
    desk.outbox.down = False
    desk.run(name)

    assert desk.occurrences() == ["visit 1", "visit 1~monday"]
    assert desk.row(LOST).reason.endswith(" by monday")
    assert len(desk.outbox.sent) == 1


def test_of_two_people_at_once_the_first_name_counts(desk: Desk) -> None:
    desk.ledger.put(LOST)
    seen = desk.look()

    def meanwhile() -> None:
        desk.run("tuesday")

    desk.ledger.meanwhile.append(meanwhile)
    (result,) = desk.replay("monday").run(seen)

    assert desk.occurrences() == ["visit 1", "visit 1~tuesday"]
    assert result.event == event_id(desk.ledger.rows[derive_request(LOST, APP, "tuesday").key])


def test_what_came_of_a_replay_may_fail_and_be_replayed_in_turn(desk: Desk) -> None:
    desk.ledger.put(LOST)
    desk.run("monday")
    anew = desk.ledger.rows[derive_request(LOST, APP, "monday").key]
    desk.ledger.put(replace(anew, state=State.FAILED))
    desk.run("tuesday")

    assert desk.occurrences() == ["visit 1", "visit 1~monday", "visit 1~monday~tuesday"]


# What others do


def test_a_row_that_has_moved_on_since_it_was_seen_is_not_replayed(desk: Desk) -> None:
    desk.ledger.put(FAILED)
    seen = desk.look()
    desk.ledger.put(a_reported_row("invoice 9", revision=4))
    (result,) = desk.replay().run(seen)

    assert (result.reason, result.event) == ("it has moved on meanwhile", None)
    assert desk.outbox.sent == []


def test_a_row_that_others_only_touched_is_loaded_and_replayed_again(desk: Desk) -> None:
    desk.ledger.put(FAILED)
    desk.ledger.meanwhile.append(desk.ledger.change(replace(FAILED, attempts=9)))
    (result,) = desk.run()

    row = desk.row(FAILED)
    assert isinstance(row, EntityRow)
    assert (row.generation, row.revision) == (2, 5)
    assert result.event == generation_id(FAILED.key, 2)


def test_it_leaves_off_when_others_keep_changing_a_row(desk: Desk) -> None:
    desk.ledger.put(FAILED)
    desk.ledger.meanwhile += [desk.ledger.change(FAILED)] * 6
    (result,) = desk.run()

    assert (result.reason, result.event) == ("others keep changing this row", None)


def test_many_rows_are_loaded_sent_and_saved_together(desk: Desk) -> None:
    rows = [an_entity_row(f"invoice {number}", state=State.FAILED) for number in range(50)]
    desk.ledger.put(*rows)
    results = desk.run()

    assert all(result.event is not None for result in results)
    assert desk.journal.lines == ["load", "load", "send", "save"]
