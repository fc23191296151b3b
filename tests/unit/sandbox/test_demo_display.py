"""Into a file, a pipe or a log of CI a demo prints few plain lines while it plays."""

from __future__ import annotations

import re

import pytest

from tests.sandbox.demo.display import PlainDisplay, has_live_terminal
from tests.sandbox.demo.playing import Ending
from tests.sandbox.environment import Environment
from tests.sandbox.narrator import Narrator, scenario

SCENARIOS = 23


@scenario("It is paid: nothing is live any more")
def paid(environment: Environment, narrator: Narrator) -> None: ...


def play_all(display: PlainDisplay, *, failure: str | None = None) -> None:
    with display:
        display.show_step("sam build")
        for _ in range(SCENARIOS):
            display.begin_scenario(paid, Narrator())
            display.end_scenario(Ending(paid, Narrator(), 1.5, failure))


def test_progress_is_a_line_each_time_a_quarter_of_the_scenarios_has_ended(capsys: pytest.CaptureFixture[str]) -> None:
    play_all(PlainDisplay(SCENARIOS))

    lines = [re.sub(r"^ +\S+ s  ", "", line) for line in capsys.readouterr().out.splitlines()]
    assert lines == ["sam build", *(f"{ended} of 23 scenarios ended" for ended in (6, 12, 18, 23))]


def test_progress_counts_the_failures(capsys: pytest.CaptureFixture[str]) -> None:
    play_all(PlainDisplay(SCENARIOS), failure="with the new date")

    assert capsys.readouterr().out.endswith("23 of 23 scenarios ended, 23 failed\n")


def test_plain_lines_hold_no_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    play_all(PlainDisplay(SCENARIOS))

    assert all(character.isprintable() or character == "\n" for character in capsys.readouterr().out)


def test_the_display_knows_how_many_lines_it_has_printed(capsys: pytest.CaptureFixture[str]) -> None:
    display = PlainDisplay(SCENARIOS)

    play_all(display)

    assert display.lines_printed == len(capsys.readouterr().out.splitlines())


@pytest.mark.usefixtures("capsys")
def test_what_is_no_terminal_gets_plain_lines() -> None:
    assert not has_live_terminal()
