"""Bodies made to use up our time cost about what an ordinary body of their size costs, measured side by side."""

from __future__ import annotations

import time
from typing import Final

import pytest

from tests.bench.benchmarks.hostile_input import READER, milliseconds
from tests.support.handlers import Handlers, a_batch, a_visit, an_invoice, an_invoice_payload
from tests.support.hostile import HOSTILE, ordinary
from tests.support.log import Log
from tests.support.waiting import PATIENCE_SECONDS
from trigger_provider.domain.payload.limits import MOST_PAYLOAD_VALUES
from trigger_provider.errors import MOST_VIOLATIONS

# What grows faster than its size would be a thousand times dearer at this one.
MOST_TIMES_AS_LONG: Final = 4


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_body_costs_about_what_an_ordinary_one_of_its_size_does(name: str) -> None:
    """Compare the least that each has ever cost: whatever else the machine does can only add to it."""
    body, usual = HOSTILE[name](), ordinary()
    least, least_usual = milliseconds(body), milliseconds(usual)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while least > MOST_TIMES_AS_LONG * least_usual:
        assert time.monotonic() < deadline, f"{least:.1f} ms beside {least_usual:.1f} ms"
        least, least_usual = min(least, milliseconds(body)), min(least_usual, milliseconds(usual))


def test_the_ordinary_body_is_a_good_request() -> None:
    assert READER.read_text(ordinary()).violations == ()


@pytest.mark.parametrize("name", HOSTILE)
def test_each_is_answered_and_none_tells_more_faults_than_a_person_would_read(name: str) -> None:
    read = READER.read_text(HOSTILE[name]())

    assert bool(read.requests) != bool(read.violations)
    assert len(read.violations) <= MOST_VIOLATIONS


def test_a_payload_has_at_most_so_many_values_wherever_they_stand() -> None:
    def violations(number: int) -> list[str]:
        payload = an_invoice_payload(lines=[{"a": 1, "b": None}] * number)
        return [violation.rule for violation in READER.read_text(a_body(an_invoice(payload=payload))).violations]

    most = (MOST_PAYLOAD_VALUES - 7) // 3
    assert (violations(most), violations(most + 1)) == ([], ["maxValues"])


def test_the_log_line_of_a_refusal_is_short_and_names_nothing_that_no_schema_could_name(log: Log) -> None:
    handlers = Handlers()
    handlers.sqs.handle(a_batch(a_visit(payload={f"planted@{at}.example": at for at in range(4_000)})))

    (line,) = log.lines
    assert line["violations"] == [{"pointer": "/payload/?", "rule": "key-name"}] * MOST_VIOLATIONS
    assert "planted" not in log.text


def a_body(request: object) -> str:
    (record,) = a_batch(request)["Records"]
    return str(record["body"])
