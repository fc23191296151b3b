"""Replaying rows: what was seen and has not moved on is replayed once, whatever dies or meddles in between."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import count

import pytest

from tests.support.builders import NOW, RETENTION, a_reported_row, a_tombstone, an_entity_row, an_occurrence
from tests.support.fixed_clock import FixedClock
from tests.support.rows import APP, SITE
from tests.support.spies import Journal, SpyLedger, SpyOutbox
from trigger_provider.domain.delivery.messages import Message
from trigger_provider.domain.durations import DAY
from trigger_provider.domain.ledger.ids import event_id, generation_id
from trigger_provider.domain.ledger.replay_mark import name_of_replay
from trigger_provider.domain.ledger.rows import RealtimeEvent, Row, RowKey, ScheduledEntity, State, Tombstone
from trigger_provider.domain.operations.replay import Way, derive_request
from trigger_provider.errors import QueueUnavailable
from trigger_provider.use_cases.intake.accept import Accept
from trigger_provider.use_cases.operations.replay import Candidate, Replay, Replayed

FAILED = an_entity_row("invoice 9", state=State.FAILED, revision=3)
LOST = an_occurrence("visit 1", state=State.FAILED, revision=3)


@dataclass
class Operator:
    """The use case with all it needs."""

    journal: Journal = field(default_factory=Journal)

    def __post_init__(self) -> None:
        self.ledger = SpyLedger(self.journal)
        self.outbox = SpyOutbox(self.journal)
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
        return sorted(row.occurrence for row in self.ledger.rows.values() if isinstance(row, RealtimeEvent))


@pytest.fixture
def context() -> Operator:
    return Operator()


def test_a_look_changes_nothing_and_leaves_out_what_does_not_exist(context: Operator) -> None:
    context.ledger.put(FAILED, LOST)
    (candidate, other) = context.look(FAILED.key, LOST.key, a_reported_row("nobody").key)

    assert (candidate.row, candidate.proposal.way, other.proposal.way) == (FAILED, Way.GENERATION, Way.OCCURRENCE)
    assert set(context.journal.lines) == {"load"}
    assert context.look() == context.look()


def test_nothing_to_look_at_asks_nobody(context: Operator) -> None:
    assert context.replay().look([]) == []
    assert context.replay().run([]) == []
    assert context.journal.lines == []


def test_a_scheduled_event_begins_a_generation_whose_message_goes_first(context: Operator) -> None:
    context.ledger.put(FAILED)
    (result,) = context.run()

    row = context.row(FAILED)
    assert isinstance(row, ScheduledEntity)
    assert (row.generation, row.revision, row.accepted_revision, row.state) == (2, 4, 4, State.PENDING)
    assert context.outbox.sent == [Message(FAILED.key, 4, SITE)]
    assert result.event == generation_id(FAILED.key, 2)
    assert context.journal.lines == ["load", "load", "send", "save"]


def test_a_real_time_event_is_marked_and_then_accepted_anew(context: Operator) -> None:
    context.ledger.put(LOST)
    (result,) = context.run()

    anew = context.ledger.rows[derive_request(LOST, APP, "monday").key]
    marked = context.row(LOST)
    assert isinstance(marked, RealtimeEvent)
    assert (name_of_replay(marked), marked.state, marked.revision) == ("monday", State.FAILED, 4)
    assert isinstance(anew, RealtimeEvent)
    assert (anew.state, anew.payload, result.event) == (State.PENDING, LOST.payload, event_id(anew))
    assert context.outbox.sent == [Message(anew.key, 1, SITE)]
    saves_and_sends = [line for line in context.journal.lines if line != "load"]
    assert saves_and_sends == ["save", "send", "save"]


def test_a_tombstone_is_swept_again(context: Operator) -> None:
    stone = a_tombstone(state=State.CANCELLED, swept_version=1, revision=5)
    context.ledger.put(stone)
    context.run()

    row = context.row(stone)
    assert isinstance(row, Tombstone)
    assert (row.state, row.swept_version) == (State.PENDING, None)
    assert context.outbox.sent == [Message(stone.key, 6, SITE)]


def test_what_is_on_its_way_is_sent_a_message_and_not_changed(context: Operator) -> None:
    row = an_occurrence(revision=7)
    context.ledger.put(row)
    context.run()

    assert context.outbox.sent == [Message(row.key, 7, SITE)]
    assert context.row(row) == row


def test_what_is_not_possible_is_left_alone_and_told_in_its_place(context: Operator) -> None:
    done = an_occurrence("visit 2", state=State.CANCELLED)
    context.ledger.put(done, FAILED)
    results = context.run()

    assert [(result.reason, result.event) for result in results] == [
        ("it was cancelled", None),
        ("new generation", generation_id(FAILED.key, 2)),
    ]
    assert context.row(done) == done


def test_a_newer_cancel_that_is_known_keeps_an_event_from_being_replayed(context: Operator) -> None:
    context.ledger.put(LOST, a_tombstone(version=1))

    assert [replayed.event for replayed in context.run("monday", LOST.key)] == [None]
    assert context.occurrences() == ["visit 1"]


def test_a_newer_cancel_that_comes_in_the_meantime_makes_the_replay_stale(context: Operator) -> None:
    context.ledger.put(LOST)
    seen = context.look()
    context.ledger.meanwhile.append(lambda: context.ledger.put(a_tombstone(version=1)))
    (result,) = context.replay().run(seen)

    assert (result.reason, result.event) == ("a cancel of this version or a newer one is known", None)
    assert context.outbox.sent == []


# Nothing is doubled


@pytest.mark.parametrize("name", ["monday", "tuesday"])
def test_a_second_run_under_either_name_doubles_nothing(context: Operator, name: str) -> None:
    context.ledger.put(LOST)
    context.run("monday")
    context.run(name, LOST.key)

    assert context.occurrences() == ["visit 1", "visit 1~monday"]


@pytest.mark.parametrize("name", ["monday", "tuesday"])
def test_a_run_that_died_after_the_mark_is_ended_by_the_next_under_the_first_name(context: Operator, name: str) -> None:
    context.ledger.put(LOST)
    context.outbox.down = True
    with pytest.raises(QueueUnavailable):
        context.run("monday")
    context.outbox.down = False
    context.run(name)

    assert context.occurrences() == ["visit 1", "visit 1~monday"]
    assert context.row(LOST).reason.endswith(" by monday")
    assert len(context.outbox.sent) == 1


def test_of_two_people_at_once_the_first_name_counts(context: Operator) -> None:
    context.ledger.put(LOST)
    seen = context.look()

    def meanwhile() -> None:
        context.run("tuesday")

    context.ledger.meanwhile.append(meanwhile)
    (result,) = context.replay("monday").run(seen)

    assert context.occurrences() == ["visit 1", "visit 1~tuesday"]
    assert result.event == event_id(context.ledger.rows[derive_request(LOST, APP, "tuesday").key])


def test_what_came_of_a_replay_may_fail_and_be_replayed_in_turn(context: Operator) -> None:
    context.ledger.put(LOST)
    context.run("monday")
    anew = context.ledger.rows[derive_request(LOST, APP, "monday").key]
    context.ledger.put(replace(anew, state=State.FAILED))
    context.run("tuesday")

    assert context.occurrences() == ["visit 1", "visit 1~monday", "visit 1~monday~tuesday"]


# What others do


def test_a_row_that_has_moved_on_since_it_was_seen_is_not_replayed(context: Operator) -> None:
    context.ledger.put(FAILED)
    seen = context.look()
    context.ledger.put(a_reported_row("invoice 9", revision=4))
    (result,) = context.replay().run(seen)

    assert (result.reason, result.event) == ("it has changed meanwhile", None)
    assert context.outbox.sent == []


def test_a_row_that_others_only_touched_is_loaded_and_replayed_again(context: Operator) -> None:
    context.ledger.put(FAILED)
    context.ledger.meanwhile.append(context.ledger.change(replace(FAILED, attempts=9)))
    (result,) = context.run()

    row = context.row(FAILED)
    assert isinstance(row, ScheduledEntity)
    assert (row.generation, row.revision) == (2, 5)
    assert result.event == generation_id(FAILED.key, 2)


def test_it_leaves_off_when_others_keep_changing_a_row(context: Operator) -> None:
    context.ledger.put(FAILED)
    context.ledger.meanwhile += [context.ledger.change(FAILED)] * 6
    (result,) = context.run()

    assert (result.reason, result.event) == ("other programs keep changing this row", None)


def test_many_rows_are_loaded_sent_and_saved_together(context: Operator) -> None:
    rows = [an_entity_row(f"invoice {number}", state=State.FAILED) for number in range(50)]
    context.ledger.put(*rows)
    results = context.run()

    assert all(result.event is not None for result in results)
    assert context.journal.lines == ["load", "load", "send", "save"]
