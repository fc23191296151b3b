"""`why`: what a person is told of one event."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.builders import NOW, a_reported_row, a_tombstone, an_occurrence
from tests.support.rows import SITE, TRIGGER
from trigger_provider.domain.ledger.ids import event_id, generation_id
from trigger_provider.domain.ledger.rows import State, Transition

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Terminal

TIMELINE = (
    Transition(NOW, State.PENDING, "accepted"),
    Transition(NOW + 1_000, State.REPORTED, "acknowledged", "wix-1"),
)
ROW = a_reported_row(
    generation=5,
    oldest_open_generation=5,
    payload='{"name":"planted"}',
    activation_ids=("one", "two"),
    timeline=TIMELINE,
)
WHERE = ("--site", SITE, "--trigger", TRIGGER)


def test_an_event_id_alone_tells_the_whole_history(terminal: Terminal) -> None:
    terminal.put(ROW)
    result = terminal.type("why", generation_id(ROW.key, 3))

    assert result.exit_code == 0
    for line in (
        f"event         {generation_id(ROW.key, 3)}",
        "standing      generation 3 of 5: superseded, and closed at Wix",
        "state         reported",
        "version       1",
        "due           2025-10-16T08:53:20Z",
        "activations   one, two",
        "  2025-10-09T08:53:20Z  pending    accepted",
        "  2025-10-09T08:53:21Z  reported   acknowledged   Wix request wix-1",
    ):
        assert line in result.stdout.splitlines()


def test_a_machine_is_told_the_same_as_json(terminal: Terminal) -> None:
    terminal.put(ROW)
    (document,) = json.loads(terminal.type("why", event_id(ROW), "--json").stdout)["events"]

    assert (document["event"], document["generation"], document["open"], document["acknowledged generation"]) == (
        event_id(ROW),
        5,
        None,
        5,
    )
    assert document["timeline"][1]["wixRequestId"] == "wix-1"


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_the_payload_is_told_only_if_it_is_asked_for(terminal: Terminal, options: tuple[str, ...]) -> None:
    terminal.put(ROW)

    assert "planted" not in terminal.type("why", event_id(ROW), *options).output
    assert "planted" in terminal.type("why", event_id(ROW), "--payload", *options).output


def test_an_entity_is_found_by_site_and_trigger(terminal: Terminal) -> None:
    terminal.put(ROW)

    assert event_id(ROW) in terminal.type("why", "invoice 1", *WHERE).stdout


def test_an_entity_that_looks_like_an_event_id_is_an_entity_beside_a_site(terminal: Terminal) -> None:
    row = a_reported_row(SITE)
    terminal.put(row)

    assert event_id(row) in terminal.type("why", SITE, *WHERE).stdout


def test_an_entity_of_a_real_time_trigger_is_told_with_all_its_events(terminal: Terminal) -> None:
    rows = [a_tombstone(state=State.CANCELLED, swept_version=1), an_occurrence("visit 1"), an_occurrence("visit 2")]
    terminal.put(*rows)
    text = terminal.type("why", "invoice 1", *WHERE).stdout

    assert [event_id(row) in text for row in rows] == [True, True, True]
    assert "closed        all up to version 1" in text


@pytest.mark.parametrize("entity", [None, "invoice 1"])
def test_one_real_time_event_is_found_by_its_producers_id(terminal: Terminal, entity: str | None) -> None:
    row = an_occurrence("visit 1", entity)
    terminal.put(row, an_occurrence("visit 2", entity))
    result = terminal.type("why", *([] if entity is None else [entity]), *WHERE, "--id", "visit 1", "--json")

    assert [event["event"] for event in json.loads(result.stdout)["events"]] == [event_id(row)]


def test_a_version_that_is_a_time_is_told_as_one(terminal: Terminal) -> None:
    terminal.put(an_occurrence(trigger="page_visited", version=NOW * 1_000_000), ROW)

    assert "version       2025-10-09T08:53:20Z" in terminal.type("why", event_id(an_occurrence())).stdout


def test_what_is_not_known_ends_with_1(terminal: Terminal) -> None:
    result = terminal.type("why", event_id(ROW))

    assert (result.exit_code, result.stdout) == (1, "")
    assert "knows nothing of it" in result.stderr


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("invoice 1",),
        ("invoice 1", "--site", SITE),
        ("invoice 1", "--trigger", TRIGGER),
        ("--id", "visit 1"),
        WHERE,
        ("invoice 1", "--site", "no-guid", "--trigger", TRIGGER),
    ],
)
def test_what_can_not_be_looked_for_is_wrong_usage(terminal: Terminal, words: tuple[str, ...]) -> None:
    assert terminal.type("why", *words).exit_code == 2


def test_of_a_parked_event_it_is_told_since_when_and_why_and_no_time_that_it_waits_for(terminal: Terminal) -> None:
    row = an_occurrence(state=State.PARKED, reason="report: forbidden", parked_at=NOW, next_attempt_at=NOW - 1_000)
    terminal.put(row)
    lines = terminal.type("why", event_id(row)).stdout.splitlines()

    assert "state         parked" in lines
    assert "reason        report: forbidden" in lines
    assert "parked        with its site, since 2025-10-09T08:53:20Z" in lines
    assert not any(line.startswith("waits until") for line in lines)
