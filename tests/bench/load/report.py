"""What a load run was like, from what the ledger and Wix have written down."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import product
from statistics import quantiles
from typing import Final

from tests.proof.traffic.oracle import Expected
from tests.proof.traffic.producers import Request
from tests.sandbox.environment import STACK, Environment
from tests.sandbox.wix import Route
from trigger_provider.adapters.dynamodb.ledger import DynamoDbLedger
from trigger_provider.domain.ledger.rows import EventRow, RequestOutcome, Row, State

_INTAKE_LOGS: Final = [f"/aws/lambda/{STACK}-intake-{way}" for way in ("sqs", "direct")]

# Milliseconds.
_LOOK_BACK: Final = 3_600_000
_AT_ONCE: Final = 5_000


def report(
    environment: Environment, requests: Sequence[Request], expected: Sequence[Expected], seconds: float
) -> dict[str, float]:
    """Return the figures, in the order in which they are printed."""
    ledger = DynamoDbLedger(environment.aws.clients.dynamodb, environment.outputs["LedgerTableName"])
    rows = list(ledger.load_many([each.key for each in expected]).values())
    states = Counter(row.state for row in rows)
    return {
        "sent": len(requests),
        "sent a second": len(requests) / seconds,
        **{f"intake: {outcome}": number for outcome, number in _outcomes(environment).items()},
        **{f"in the end: {state}": number for state, number in states.items()},
        **_calls(environment),
        **_latencies(rows),
    }


def _outcomes(environment: Environment) -> Counter[str]:
    """Count by what intake has logged; a request that was brought twice counts twice."""
    return Counter(
        outcome for line in _lines(environment) for outcome in RequestOutcome if f'"outcome":"{outcome}"' in line
    )


def _lines(environment: Environment) -> Iterator[str]:
    """Return all lines, a few seconds at a time: MiniStack gives 10,000 of what was asked for, and no next page."""
    now = int(time.time() * 1_000)
    for group, begin in product(_INTAKE_LOGS, range(now - _LOOK_BACK, now, _AT_ONCE)):
        end = begin + _AT_ONCE - 1
        answer = environment.aws.clients.logs.filter_log_events(logGroupName=group, startTime=begin, endTime=end)
        yield from (event["message"] for event in answer["events"])


def _calls(environment: Environment) -> dict[str, float]:
    calls = [call for call in environment.wix.journal if call.route is not Route.TOKEN]
    return {"calls to Wix": len(calls), "events a call": sum(len(call.items) for call in calls) / max(1, len(calls))}


def _latencies(rows: Sequence[Row]) -> dict[str, float]:
    """Return seconds from acceptance to acknowledgement, of what was reported."""
    reported = [row for row in rows if isinstance(row, EventRow) and row.state is State.REPORTED]
    taken = [(row.acked_at - row.accepted_at) / 1_000 for row in reported if row.acked_at]
    percentiles = quantiles(taken, n=100, method="inclusive")
    return {f"p{part}, seconds from acceptance to acknowledgement": percentiles[part - 1] for part in (50, 95, 99)}
