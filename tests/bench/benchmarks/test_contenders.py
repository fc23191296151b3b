"""Each contender that is measured has done the work: the same events at Wix, each once, and the same rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest

from tests.bench.benchmarks.contest import FLOOR, FLOOR_EACH, OURS, SDK_BULK, SDK_EACH, THREADS, USUAL, alone
from tests.bench.benchmarks.figures import at_least, figure, table
from tests.bench.benchmarks.stubs.stub_client import StubProcess
from tests.bench.benchmarks.workload import TRIGGER, invoices, submissions

EVENTS = 12
SITES = 3
# So long that no slow machine makes a call to the stub fail.
PATIENT = {
    "HTTP_CONNECT_TIMEOUT_SECONDS": "60",
    "HTTP_READ_TIMEOUT_SECONDS": "60",
    "DELIVER_TIMEOUT_SECONDS": "600",
    "SETTLE_DELAY_SECONDS": "800",
}
SETTLES_AT_ONCE = f"{OURS}-sqs-at-once"


@pytest.fixture(scope="module")
def stub() -> Iterator[StubProcess]:
    with StubProcess() as process:
        yield process


def some_requests() -> list[dict[str, Any]]:
    return list(islice(submissions(SITES), EVENTS))


def effect_of(stub: StubProcess, name: str, *, times: int = 1) -> dict[str, Any]:
    """Hand the same requests to a contender so many times."""
    with alone(stub, name, iter(some_requests() * times), **PATIENT) as side:
        for _ in range(times):
            side.steps(EVENTS)
        effect: dict[str, Any] = side.world.ask("effect")
    return effect


@pytest.mark.parametrize("name", [OURS, USUAL, THREADS, FLOOR, FLOOR_EACH, SDK_EACH, SDK_BULK])
def test_every_contender_brings_each_event_to_wix_once_as_it_was(stub: StubProcess, name: str) -> None:
    wanted = sorted(
        [each["instanceId"], TRIGGER, json.dumps(each["payload"], sort_keys=True)] for each in some_requests()
    )
    effect = effect_of(stub, name)
    assert effect["events"] == wanted
    assert effect["reports"] == EVENTS


@pytest.mark.parametrize(
    "name, states",
    [(OURS, {"reported": EVENTS}), (FLOOR, {"reported": EVENTS}), (USUAL, {"COMPLETED": EVENTS})],
)
def test_whoever_writes_down_what_became_of_an_event_has_done_so(
    stub: StubProcess, name: str, states: dict[str, int]
) -> None:
    document = effect_of(stub, name)["states"]
    assert {state: document.get(state) for state in states} == states


@pytest.mark.parametrize("name", [OURS, USUAL, THREADS])
def test_whoever_is_safe_to_repeat_reports_nothing_twice(stub: StubProcess, name: str) -> None:
    assert effect_of(stub, name, times=2)["reports"] == EVENTS


def test_the_calls_of_a_batch_are_counted(stub: StubProcess) -> None:
    with alone(stub, OURS, submissions(1), **PATIENT) as side:
        side.steps(EVENTS)
        side.world.ask("counts")
        side.steps(EVENTS)
        calls = side.world.ask("counts")["calls"]
    assert calls["sqs SendMessageBatch"] == 2
    assert calls["dynamodb BatchExecuteStatement"] >= 2
    assert calls["wix bulk-report"] == 1


def test_a_scheduled_event_with_one_update_is_cancelled_and_reported_anew(stub: StubProcess) -> None:
    with alone(stub, SETTLES_AT_ONCE, invoices(), **PATIENT) as side:
        for _ in range(2):
            side.steps(100)
        effect = side.world.ask("effect")
    assert len(effect["events"]) == 100
    assert effect["reports"] == 200
    assert all('"2099-12-12T' in payload for _, _, payload in effect["events"])


def test_a_figure_says_plainly_whether_its_goal_is_met() -> None:
    met, missed = figure("few", [1, 2, 3], "µs", most=2), at_least("many", [1, 2, 3], "×", 4)
    assert (met.met, missed.met) == (True, False)
    assert "met" in table([met]).splitlines()[1]
    assert "NOT MET" in table([missed])
