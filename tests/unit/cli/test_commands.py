"""The command line as a whole: its help, its exit codes, and the catalogue."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.fixtures import TRIGGERS
from trigger_provider.errors import LedgerUnavailable

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Terminal

EVENT = "2f1a0273-1111-5111-9111-000000000001"


@pytest.mark.parametrize(
    "command", [(), ("why",), ("triggers",), ("replay",), ("replay", "row"), ("replay", "trigger"), ("replay", "queue")]
)
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_every_command_explains_itself_without_a_stack(terminal: Terminal, command: tuple[str, ...], flag: str) -> None:
    result = terminal.type(*command, flag, stack=None)

    assert result.exit_code == 0
    assert result.stdout.startswith("Usage: ")


def test_the_exit_codes_are_told(terminal: Terminal) -> None:
    assert "Exit codes: 0 done; 1 " in " ".join(terminal.type("--help").stdout.split())


def test_a_command_that_needs_a_stack_says_so(terminal: Terminal) -> None:
    result = terminal.type("why", EVENT, stack=None)

    assert result.exit_code == 2
    assert "--stack NAME" in result.stderr


def test_trouble_with_aws_ends_with_3_and_one_line(terminal: Terminal) -> None:
    terminal.trouble = LedgerUnavailable("Query: ThrottlingException")
    result = terminal.type("why", EVENT)

    assert result.exit_code == 3
    assert result.stderr == "Error: LedgerUnavailable: Query: ThrottlingException\n"


def test_the_catalogue_is_listed_without_a_stack(terminal: Terminal) -> None:
    result = terminal.type("triggers", stack=None)

    assert result.exit_code == 0
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("invoice_due ")]
    assert "scheduled  integer  due_date" in line
    assert "Invoice Paid (com.example.billing): cancel" in line


def test_another_catalogue_may_be_listed_and_as_json(terminal: Terminal, tmp_path: Path) -> None:
    source = TRIGGERS / "page_visited.json"
    (tmp_path / source.name).write_bytes(source.read_bytes())
    document = json.loads(terminal.type("--catalogue", str(tmp_path), "triggers", "--json", stack=None).stdout)

    assert [trigger["key"] for trigger in document["triggers"]] == ["page_visited"]


def test_a_catalogue_that_breaks_a_rule_ends_with_3(terminal: Terminal, tmp_path: Path) -> None:
    result = terminal.type("--catalogue", str(tmp_path), "triggers", stack=None)

    assert result.exit_code == 3
    assert "InvalidCatalogue: *.json: empty: there is no trigger file" in result.stderr
