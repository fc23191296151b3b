"""The page for a person on call: a paragraph for each alarm, and commands that exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import NoReturn

import pytest
from click.testing import CliRunner

from tests.support.template import greatest, resources
from trigger_provider.cli.commands import cli
from trigger_provider.errors import LedgerUnavailable
from trigger_provider.use_cases.recovery.resume_sites import MOST_SITES

PAGE = (Path(__file__).parents[2] / "docs/operations.md").read_text("utf-8")
PLACEHOLDERS = {
    "<event id>": "2f1a0273-9d0c-5d0a-8f5e-000000000003",
    "<site>": "4d2f64b1-7f0a-4d0b-8f43-6f5f1f4bb6a2",
    "<key>": "invoice_due",
}
COMMANDS = sorted(set(re.findall(r"(?:^|`)trigger-provider (.+?)(?:`|$)", PAGE, re.MULTILINE)))


WRONG_USAGE, UNAVAILABLE = 2, 3


def exit_code(words: list[str]) -> int:
    """Run a command against a stack that does not answer: what is well-formed gets that far."""

    def nobody(_: str) -> NoReturn:
        raise LedgerUnavailable("nobody is there")

    return CliRunner().invoke(cli, ["--stack", "a-stack", *words], obj=nobody).exit_code


def test_every_alarm_has_a_paragraph_and_every_paragraph_an_alarm() -> None:
    assert sorted(re.findall(r"^### (\w+)$", PAGE, re.MULTILINE)) == sorted(resources("AWS::CloudWatch::Alarm"))


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_on_the_page_is_one(line: str) -> None:
    for placeholder, example in PLACEHOLDERS.items():
        line = line.replace(placeholder, example)

    assert exit_code(shlex.split(line, comments=True)) == (0 if line == "triggers" else UNAVAILABLE)


def test_a_command_that_is_none_would_be_found() -> None:
    assert len(COMMANDS) > len(PLACEHOLDERS)
    assert exit_code(["why", "--no-such-option"]) == WRONG_USAGE
    assert exit_code(["replay", "queue", "no-such-queue"]) == WRONG_USAGE


def test_no_threshold_lies_where_nobody_counts_so_that_its_alarm_could_never_ring() -> None:
    assert greatest("SuspendedSitesThreshold") < MOST_SITES
