"""Dollars for a million events, from counted calls, units, bytes and times: `make cost`."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.bench.benchmarks.contest import ROOT, alone
from tests.bench.benchmarks.stubs.stub_client import StubProcess
from tests.bench.benchmarks.workload import invoices, submissions

PRICES: Final[Mapping[str, Any]] = json.loads(Path(__file__).with_name("prices.json").read_text("utf-8"))
REPORT: Final = ROOT / ".build/benchmarks/cost.json"
GOAL: Final = 2.50

_A_CENT: Final = 0.005
_BATCH: Final = 100
_BATCHES: Final = 5
_WARM_UP: Final = 2
# Lambda's poller takes ten messages a request, and gives a whole processor to 1,769 MB.
_A_POLL: Final = 10
_WHOLE_PROCESSOR_MB: Final = 1_769
_WIX_SECONDS: Final = 0.120
_AWS_SECONDS: Final = 0.008
# What Lambda itself writes into the log of an invocation: its start, its end and its report.
_PLATFORM_LINES: Final = 1_000

Amounts = Mapping[str, float]


@dataclass(frozen=True)
class Function:
    """How a function is invoked for some events: its memory, its invocations, and how it waits in each for calls."""

    memory: int
    invocations: float
    waits: float


@dataclass(frozen=True)
class Way:
    """One way for an event, and what is not counted at the stub: who sends it in, and who polls for it."""

    name: str
    contender: str
    functions: tuple[Function, ...]
    beside: Amounts
    settings: Mapping[str, str]
    changes: int = 1
    batch: int = _BATCH


def _waits(aws_rounds: int, wix_rounds: int = 0) -> float:
    return aws_rounds * _AWS_SECONDS + wix_rounds * _WIX_SECONDS


# Portions go side by side, so what counts is the rounds: read, send, save; read, report, save.
_INTAKE: Final = Function(512, 1, _waits(3))
_INTAKE_OF_ONE: Final = Function(512, _BATCH, _waits(3))
_DELIVER: Final = Function(1_024, 1, _waits(2, 1))
_CANCEL_AND_REPORT: Final = Function(1_024, 1, _waits(2, 2))
_A_QUEUE: Final = {"sqs": 2 / _A_POLL}
_AN_INBOX: Final = {"sqs": 3 / _A_POLL}

WAYS: Final = (
    Way("real-time by queue", "ours", (_INTAKE, _DELIVER), _AN_INBOX, {}),
    Way("real-time by bus", "ours-eventbridge", (_INTAKE_OF_ONE, _DELIVER), {"eventbridge event": 1}, {}),
    Way("direct, 100 a call", "ours-direct", (_INTAKE, _DELIVER), {}, {}),
    Way(
        "scheduled, with one update", "ours-sqs-at-once",
        (_INTAKE, _CANCEL_AND_REPORT), {name: 2 * amount for name, amount in _AN_INBOX.items()},
        {}, changes=2,
    ),
    Way(
        "P1: an invocation for each event", "usual", (Function(512, _BATCH, _waits(2, 1)),),
        {"sqs": 0.1 + 2}, {},
    ),
    Way(
        "P1 in batches of 10", "usual", (Function(512, _BATCH / 10, 10 * _waits(2, 1)),), _AN_INBOX, {},
    ),
)  # fmt: skip


def amounts(stub: StubProcess, way: Way) -> dict[str, float]:
    """Return what one event takes, by the names of the prices."""
    requests = invoices() if way.changes > 1 else submissions(1)
    with alone(stub, way.contender, requests, **way.settings) as side:
        side.take(way.batch, _WARM_UP * way.changes)
        side.world.ask("counts")
        steps = [side.steps(way.batch) for _ in range(_BATCHES * way.changes)]
        counts = side.world.ask("counts")
    events = _BATCHES * way.batch
    values: dict[str, float] = defaultdict(float, way.beside)
    values["dynamodb read"] += counts["units"].get("read", 0) / events
    values["dynamodb write"] += (counts["units"]["write"] + counts["units"].get("index write", 0)) / events
    if sent := counts["calls"].get("sqs SendMessageBatch", 0) / events:
        values["sqs"] += sent + way.changes * _A_QUEUE["sqs"]
        values["sqs fair"] += sent
    values["logs gb"] = sum(step["logged"] for each in steps for step in each) / events / 1e9
    for at, function in enumerate(way.functions):
        _add_function(values, function, sum(each[at]["cpu"] for each in steps) / events, way)
    return values


def dollars(mapping: Amounts) -> dict[str, float]:
    """Return what a million of it costs, part by part."""
    return {name: amount * PRICES["prices"][name]["usd_per_million"] for name, amount in mapping.items() if amount}


def alternatives() -> Iterator[tuple[str, Amounts]]:
    """Return what one event takes without a function of one's own, and without a ledger, a check or a cancel."""
    yield "EventBridge API destination", {"eventbridge event": 1, "api destination": 1}
    express = {"express request": 1, "express gb-second": (_WIX_SECONDS + _AWS_SECONDS) * 64 / 1_024}
    yield "Step Functions HTTP task, Express", {"eventbridge event": 1, **express}
    yield "Step Functions HTTP task, Standard", {"eventbridge event": 1, "standard transition": 2}


def _add_function(values: dict[str, float], function: Function, cpu: float, way: Way) -> None:
    """Add one function: it is billed for waiting, and for its processor time stretched by its share of a processor."""
    invocations = way.changes * function.invocations / way.batch
    seconds = invocations * function.waits + cpu * max(1, _WHOLE_PROCESSOR_MB / function.memory)
    values["lambda request"] += invocations
    values["lambda gb-second"] += seconds * function.memory / 1_024
    values["logs gb"] += invocations * _PLATFORM_LINES / 1e9


def main() -> None:
    """Count, print and write."""
    with StubProcess() as stub:
        bills = {way.name: dollars(amounts(stub, way)) for way in WAYS}
    bills |= {name: dollars(mapping) for name, mapping in alternatives()}
    for name, bill in bills.items():
        print(_line(name, bill))
    by_queue = sum(bills[WAYS[0].name].values())
    print(f"goal: {WAYS[0].name} ≤ {GOAL:.2f}: {'met' if by_queue <= GOAL else 'NOT MET'}")
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps({"prices": PRICES, "dollars": bills}, indent=2), "utf-8")


def _line(name: str, bill: Mapping[str, float]) -> str:
    parts = sorted(bill.items(), key=lambda part: -part[1])
    text = " + ".join(f"{name} {part:.2f}" for name, part in parts if part >= _A_CENT)
    return f"{name:36}{sum(bill.values()):6.2f}  = {text}"


if __name__ == "__main__":
    main()
