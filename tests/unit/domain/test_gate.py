"""What the gate answers: for each state of each kind of row, and for every id that is not quite one of ours."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.builders import (
    NOW,
    OTHER_PAYLOAD,
    OTHER_SITE,
    PAYLOAD,
    RETENTION,
    a_cancelled_row,
    a_reported_row,
    a_tombstone,
    an_entity_row,
    an_occurrence,
)
from tests.support.rows import APP, SITE, TRIGGER
from trigger_provider.domain.gate import UNKNOWN, GateAnswer, Reason, RefreshQuery, answer
from trigger_provider.domain.ledger.ids import event_id, generation_id
from trigger_provider.domain.ledger.rows import Intent, Row, RowKey, State
from trigger_provider.domain.operations.replay import mark

NEWEST = GateAnswer(Reason.NEWEST, PAYLOAD)
OF_THE_NEWEST_GENERATION: dict[State, Reason] = {
    State.PENDING: Reason.NEWEST,  # its report is under way, and has arrived
    State.RETRYING: Reason.NEWEST,  # its answer was lost
    State.PARKED: Reason.NEWEST,  # its answer was lost, and its site may not be called any more
    State.REPORTED: Reason.NEWEST,
    State.EXPIRED: Reason.NEWEST,  # its answer was lost, and its date has passed since
    State.REJECTED: Reason.NEWEST,  # Wix has said no, and has taken it all the same
    State.FAILED: Reason.NEWEST,  # given up, but it had arrived
    State.CANCELLED: Reason.CANCELLED,
    State.SUPERSEDED: Reason.CANCELLED,
}
OF_AN_OCCURRENCE = OF_THE_NEWEST_GENERATION


def asked(row: Row, event: str | None = None) -> RefreshQuery:
    return RefreshQuery(event or event_id(row), row.trigger, row.site)


def generation(row: Row, number: int) -> RefreshQuery:
    return asked(row, generation_id(row.key, number))


def test_every_state_is_decided_on() -> None:
    assert set(OF_THE_NEWEST_GENERATION) == set(State)


# Scheduled triggers


@pytest.mark.parametrize("state", State, ids=str)
def test_the_newest_generation_passes_in_whatever_state_unless_it_was_called_off(state: State) -> None:
    row = an_entity_row(state=state, generation=3)
    because = OF_THE_NEWEST_GENERATION[state]

    assert answer(asked(row), [row]) == GateAnswer(because, PAYLOAD if because is Reason.NEWEST else None)


@pytest.mark.parametrize("state", State, ids=str)
@pytest.mark.parametrize("older", [1, 2])
def test_an_older_generation_is_called_off_in_whatever_state_the_newest_is(state: State, older: int) -> None:
    row = an_entity_row(state=state, generation=3, oldest_open_generation=1)

    expected = Reason.CANCELLED if OF_THE_NEWEST_GENERATION[state] is Reason.CANCELLED else Reason.SUPERSEDED

    assert answer(generation(row, older), [row]) == GateAnswer(expected)


@pytest.mark.parametrize("state", [State.PENDING, State.RETRYING, State.FAILED, State.CANCELLED], ids=str)
def test_nothing_of_a_cancelled_entity_passes_from_the_moment_its_cancel_was_accepted(state: State) -> None:
    row = a_cancelled_row(state=state)

    assert answer(generation(row, 1), [row]).payload is None
    assert answer(generation(row, 2), [row]) == GateAnswer(Reason.CANCELLED)


def test_it_is_given_the_payload_that_the_ledger_holds_now() -> None:
    row = a_reported_row(payload=OTHER_PAYLOAD)

    assert answer(asked(row), [row]) == GateAnswer(Reason.NEWEST, OTHER_PAYLOAD)


@pytest.mark.parametrize("number", [0, 4, 0xFFFF_FFFF_FFFF])
def test_a_generation_that_was_never_begun_is_not_known(number: int) -> None:
    row = a_reported_row(generation=3)

    assert answer(generation(row, number), [row]) == UNKNOWN


# Real-time triggers


@pytest.mark.parametrize("state", State, ids=str)
@pytest.mark.parametrize("entity", [None, "a page"])
def test_an_occurrence_passes_in_whatever_state_unless_it_was_called_off(state: State, entity: str | None) -> None:
    row = an_occurrence(entity=entity, state=state, payload=PAYLOAD)
    because = OF_AN_OCCURRENCE[state]

    assert answer(asked(row), [row]) == GateAnswer(because, PAYLOAD if because is Reason.NEWEST else None)


def test_an_occurrence_that_is_closed_at_wix_is_called_off() -> None:
    row = an_occurrence(state=State.REPORTED, closed=True)

    assert answer(asked(row), [row]) == GateAnswer(Reason.CANCELLED)


@pytest.mark.parametrize("version, because", [(1, Reason.CANCELLED), (2, Reason.CANCELLED), (3, Reason.NEWEST)])
def test_a_cancel_covers_an_occurrence_at_the_gate_before_its_sweep_has_begun(version: int, because: Reason) -> None:
    row = an_occurrence(state=State.REPORTED, version=version)

    assert answer(asked(row), [a_tombstone(version=2), row]).because is because


def test_the_cancel_of_another_entity_covers_nothing() -> None:
    row = an_occurrence(state=State.REPORTED)
    other = a_tombstone("another", version=9)

    assert answer(asked(row), [replace(other, key=RowKey(row.key.partition, other.key.row)), row]).payload is not None


def test_a_tombstone_is_no_event() -> None:
    row = a_tombstone()

    assert answer(asked(row), [row]) == UNKNOWN


def test_an_occurrence_that_a_person_has_replayed_is_called_off_since_the_other_stands_for_it() -> None:
    row = mark(an_occurrence(state=State.FAILED), APP, "monday", NOW, RETENTION)

    assert answer(asked(row), [row]) == GateAnswer(Reason.REPLAYED)


# Ids that are not ours


def test_an_id_that_no_row_has_is_not_known() -> None:
    assert answer(RefreshQuery(event_id(a_reported_row()), TRIGGER, SITE), []) == UNKNOWN


@pytest.mark.parametrize("row", [a_reported_row(), an_occurrence(state=State.REPORTED)], ids=["entity", "occurrence"])
@pytest.mark.parametrize("other", [{"site": OTHER_SITE}, {"trigger": "another"}], ids=str)
def test_an_id_is_known_only_with_the_site_and_the_trigger_it_was_reported_for(row: Row, other: dict[str, str]) -> None:
    assert answer(asked(row)._replace(**other), [row]) == UNKNOWN


def beside(row: Row, **changes: str) -> Row:
    """Return another entity's row that shares the partition."""
    stranger = an_entity_row("a stranger", state=State.REPORTED, **changes)
    return replace(stranger, key=RowKey(row.key.partition, stranger.key.row))


@pytest.mark.parametrize("other", [{"site": OTHER_SITE}, {"trigger": "another"}], ids=str)
def test_a_stranger_in_the_partition_is_told_apart_by_site_and_trigger(other: dict[str, str]) -> None:
    row = a_reported_row()

    assert answer(asked(row), [row, beside(row, **other)]) == NEWEST


def test_if_a_stranger_has_the_same_id_on_the_same_site_nobody_can_tell_which_is_meant() -> None:
    row = a_reported_row()

    assert answer(asked(row), [row, beside(row)]) == GateAnswer(Reason.AMBIGUOUS)


def test_a_row_that_intends_a_cancel_gives_no_payload_whatever_it_holds() -> None:
    row = a_reported_row(intent=Intent.CANCEL)

    assert answer(asked(row), [row]).payload is None
