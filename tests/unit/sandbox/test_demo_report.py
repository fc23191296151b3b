"""A demo's report is short enough to be read, and says what did not hold."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.sandbox.demo.playing import Ending, describe
from tests.sandbox.demo.report import EXAMPLE, format_all, report_lines, trouble_lines
from tests.sandbox.environment import Environment
from tests.sandbox.narrator import Narrator, Scenario, UnmetExpectationError

SENTENCE = "An invoice is issued, and changes: the old event is cancelled, and the new one is reported"
WIDTHS = (80, 100, 120)


def an_ending(name: str, *, failure: str | None = None, lines: int = 3) -> Ending:
    def play(environment: Environment, narrator: Narrator) -> None: ...

    play.__name__ = name
    narrator = Narrator()
    for number in range(lines):
        narrator.came_in(f"bus: Invoice Updated, invoice INV-2041 revision {number}, due 2027-01-29T20:20:04+00:00")
    return Ending(Scenario(SENTENCE, play), narrator, 12.34, failure)


def endings(number: int, *, failures: Sequence[int] = ()) -> list[Ending]:
    """Return endings of scenarios of which the first is the example."""
    names = [EXAMPLE, *(f"scenario_{index}" for index in range(1, number))]
    return [
        an_ending(name, failure="the row is reported " * 9 if index in failures else None)
        for index, name in enumerate(names)
    ]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("number", [1, 5, 23, 40, 60])
@pytest.mark.parametrize("are_failed", [False, True])
def test_the_report_keeps_to_its_room_and_its_width(width: int, number: int, *, are_failed: bool) -> None:
    failures = range(number) if are_failed else ()

    lines = report_lines(endings(number, failures=failures), width=width, room=66)

    assert len(lines) <= 66
    assert [line for line in lines if len(line) > width] == []


def test_a_scenario_that_ended_as_expected_has_its_sentence_seconds_and_name_in_its_line() -> None:
    (line, *_) = report_lines(endings(2), width=120, room=66)

    assert line == f"✓  12.3 s  {SENTENCE}  [{EXAMPLE}]"


def test_a_sentence_that_is_too_long_goes_on_in_the_next_line() -> None:
    first, second, *_ = report_lines(endings(2), width=80, room=66)

    assert f"{first} {second.strip()}" == f"✓  12.3 s  {SENTENCE}  [{EXAMPLE}]"


def test_sentences_are_cut_but_names_are_whole_when_there_is_little_room() -> None:
    lines = report_lines(endings(40), width=80, room=66)

    assert lines[1].endswith(" …  [scenario_1]")
    assert len([line for line in lines if line.startswith("✓")]) == 40


def test_one_scenario_is_told_in_full() -> None:
    lines = report_lines(endings(3), width=100, room=66)

    assert len([line for line in lines if "revision" in line]) == 3


def test_the_last_lines_name_what_failed_and_the_expectation_that_did_not_hold() -> None:
    played = [an_ending("first"), an_ending("second", failure="Wix holds exactly the new one")]

    lines = report_lines(played, width=100, room=66)

    assert lines[-2:] == ["1 of 2 scenarios did not end as expected:", "✗ second: Wix holds exactly the new one"]


def test_without_a_failure_the_last_line_says_so() -> None:
    assert report_lines(endings(3), width=100, room=66)[-1] == "3 scenarios ended as expected."


def test_a_scenario_that_was_played_alone_is_told_even_if_it_failed() -> None:
    lines = report_lines([an_ending("alone", failure="with the new date")], width=100, room=66)

    assert lines[0].startswith("✗")
    assert len([line for line in lines if "revision" in line]) == 3
    assert "    FAILED: with the new date" in lines


def test_told_in_full_every_scenario_has_its_number_and_all_its_lines() -> None:
    lines = format_all([an_ending("first"), an_ending("second", failure="no")])

    assert lines[0] == f"  1. {SENTENCE}  [first]"
    assert len([line for line in lines if "revision" in line]) == 6
    assert lines[-1] == "✗ second: no"


def test_an_expectation_is_a_sentence_already_and_any_other_error_says_its_kind() -> None:
    assert describe(UnmetExpectationError("with the new date")) == "with the new date"
    assert describe(KeyError("outcome")) == "KeyError: 'outcome'"


def test_a_sandbox_that_does_not_open_says_its_last_step_and_the_end_of_the_error() -> None:
    error = RuntimeError("\n".join(f"line {number}" for number in range(9)) + "\n\n" + "Error: no such type " * 40)

    lines = trouble_lines("44.1 s  sam deploy", error, 80)

    assert lines[:3] == [
        "The sandbox did not open. Its last step: 44.1 s  sam deploy",
        "    RuntimeError:",
        "    line 7",
    ]
    assert lines[4].startswith("    Error: no such type")
    assert len(lines) == 8
    assert [line for line in lines if len(line) > 80] == []
