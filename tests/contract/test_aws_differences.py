"""MiniStack and moto answer as the table of their differences says: it can't go stale, and names what moto skips."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.aws_differences import DIFFERENCES, NEITHER, Difference
from tests.support.clouds import MINISTACK, MOTO
from tests.support.moto_aws import MotoClients

if TYPE_CHECKING:
    from tests.sandbox.aws import Clients

pytest_plugins = ["tests.support.aws"]

SUITES = Path(__file__).parent
OF_EACH_ENTRY = pytest.mark.parametrize("entry", DIFFERENCES, ids=[entry.request for entry in DIFFERENCES])


@OF_EACH_ENTRY
def test_each_local_aws_still_answers_as_the_table_says(cloud: Clients, entry: Difference) -> None:
    name, answer = (MOTO, entry.moto) if isinstance(cloud, MotoClients) else (MINISTACK, entry.ministack)

    assert entry.answer(cloud) == answer, f"{name} has changed: correct the entry, or remove it and run what it needs"


@OF_EACH_ENTRY
def test_an_entry_says_who_is_right_and_skips_only_what_moto_gets_wrong(entry: Difference) -> None:
    assert entry.right in {MINISTACK, MOTO, NEITHER}
    assert entry.ministack != entry.moto or entry.right == NEITHER
    assert not entry.needs or entry.right != MOTO


def test_each_test_that_moto_skips_is_in_the_suites_once() -> None:
    tests = [
        name
        for path in SUITES.glob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert {name: tests.count(name) for entry in DIFFERENCES for name in entry.needs if tests.count(name) != 1} == {}
