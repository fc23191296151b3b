"""What the sandbox's page reads of the functions' logs: each line once, however reading goes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.sandbox.console import DeployedStack
from tests.sandbox.console.deployed import LOGS
from tests.sandbox.environment import Environment


@dataclass
class Logs:
    """CloudWatch's logs, as far as the page asks for them; a function that is `silent` breaks the connection."""

    lines: dict[str, list[tuple[int, str]]]
    silent: set[str] = field(default_factory=set)

    def describe_log_groups(self, **_: str) -> dict[str, Any]:
        return {"logGroups": [{"logGroupName": LOGS + function} for function in self.lines]}

    def get_paginator(self, _: str) -> Logs:
        return self

    def paginate(self, *, logGroupName: str, startTime: int) -> Iterator[dict[str, Any]]:  # noqa: N803 - AWS's names
        function = logGroupName.removeprefix(LOGS)
        if function in self.silent:
            raise ConnectionError
        lines = [(at, json.dumps({"log_event": name})) for at, name in self.lines[function]]
        yield {"events": [{"timestamp": at, "message": line} for at, line in lines if at >= startTime]}


def read_by_the_page(logs: Logs) -> DeployedStack:
    return DeployedStack(cast(Environment, SimpleNamespace(aws=SimpleNamespace(clients=SimpleNamespace(logs=logs)))))


def names(ours: DeployedStack) -> list[str]:
    return [note.line["log_event"] for note in ours.notes()]


def test_a_line_is_read_once() -> None:
    logs = Logs({"deliver": [(1_000, "a")]})
    ours = read_by_the_page(logs)
    first = names(ours)
    logs.lines["deliver"] += [(900, "late"), (1_000, "b")]

    assert (first, names(ours), names(ours)) == (["a"], ["late", "b"], [])


def test_lines_of_several_functions_come_by_their_time() -> None:
    assert names(read_by_the_page(Logs({"deliver": [(3, "c")], "recover": [(1, "a"), (2, "b")]}))) == ["a", "b", "c"]


def test_no_line_is_lost_when_reading_another_function_fails() -> None:
    logs = Logs({"deliver": [(1_000, "a")], "recover": [(2_000, "b")]}, silent={"recover"})
    ours = read_by_the_page(logs)
    with pytest.raises(ConnectionError):
        ours.notes()
    logs.silent.clear()

    assert names(ours) == ["a", "b"]
