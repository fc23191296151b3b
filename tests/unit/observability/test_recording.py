from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import a_tombstone, an_entity_row, an_occurrence
from tests.support.log import Log
from tests.support.rows import SITE, TRIGGER
from trigger_provider.domain.delivery.jobs import Job
from trigger_provider.domain.delivery.results import (
    CREDENTIALS_REFUSED,
    SECRET_UNUSABLE,
    UNKNOWN_TO_WIX,
    ItemResult,
    JobResults,
    ResultKind,
)
from trigger_provider.domain.delivery.sweeps import SweepPlan
from trigger_provider.domain.ledger.ids import event_id
from trigger_provider.domain.ledger.rows import RealtimeEvent, RequestOutcome, Row, RowKey, State, Transition
from trigger_provider.errors import Violation
from trigger_provider.observability.recording import (
    record_answers,
    record_delivered,
    record_refusal,
    record_results,
    record_taken,
)
from trigger_provider.use_cases.delivery.deliver import Delivered
from trigger_provider.use_cases.intake.accept import Accepted
from trigger_provider.use_cases.intake.intake import Taken

FAULT = Violation("/version", "required", "planted")
LINES = {
    State.PENDING: ("WARNING", "DELIVERY_002"),
    State.RETRYING: ("WARNING", "DELIVERY_002"),
    State.FAILED: ("ERROR", "DELIVERY_003"),
    State.PARKED: ("WARNING", "DELIVERY_007"),
    State.REJECTED: ("INFO", "DELIVERY_008"),
}
PLANTED: Any = {"entity": "planted@example.com", "payload": '{"name":"planted"}'}


def a_delivery(*rows: Row, jobs: tuple[Job, ...] = (), results: tuple[JobResults, ...] = ()) -> Delivered:
    """Return what became of a batch; the results are of rows that it doesn't name."""
    return Delivered((), rows, jobs, {RowKey("a partition", str(at)): result for at, result in enumerate(results)})


def some_results(*cancels: ItemResult, report: ItemResult | None = None) -> JobResults:
    return JobResults(cancels, report)


@pytest.mark.parametrize("outcome", list(RequestOutcome))
def test_every_outcome_of_intake_has_a_line_and_a_metric_by_its_name(outcome: RequestOutcome, log: Log) -> None:
    record_results([Accepted(outcome, "a reason", an_entity_row(**PLANTED))])
    (line,) = log.lines
    assert (line["outcome"], line["reason"], line["event_id"]) == (
        outcome,
        "a reason",
        event_id(an_entity_row(**PLANTED)),
    )
    assert log.counts == {outcome.value.title(): 1}
    assert "planted" not in log.text


def test_a_request_whose_row_is_busy_is_a_warning_and_any_other_a_matter_for_debugging(log: Log) -> None:
    record_results(
        [Accepted(RequestOutcome.RETRY, "busy"), Accepted(RequestOutcome.ACCEPTED, "accepted", an_entity_row())]
    )
    assert log.events == [("WARNING", "INTAKE_003"), ("DEBUG", "INTAKE_001")]


def test_results_are_counted_one_by_one(log: Log) -> None:
    record_results([Accepted(RequestOutcome.STALE, "older")] * 3)
    assert log.counts == {"Stale": 3}


def test_a_refusal_tells_place_and_rule_of_every_fault_and_no_message(log: Log) -> None:
    record_refusal([FAULT, Violation("/payload/a", "type", "planted")])
    (line,) = log.lines
    assert (line["level"], line["log_event"]) == ("WARNING", "INTAKE_002")
    assert line["violations"] == [
        {"pointer": "/version", "rule": "required"},
        {"pointer": "/payload/a", "rule": "type"},
    ]
    assert log.counts == {"Refused": 1}
    assert "planted" not in log.text


def test_a_message_that_concerns_nobody_is_unmatched(log: Log) -> None:
    record_taken([(Taken((), ()), "message-1")])
    assert log.events == [("INFO", "INTAKE_004")]
    assert log.counts == {"Unmatched": 1}


def test_a_message_in_part_taken_and_in_part_refused_is_both(log: Log) -> None:
    record_taken([(Taken((Accepted(RequestOutcome.ACCEPTED, "accepted", an_entity_row()),), (FAULT,)), "message-1")])
    assert log.events == [("DEBUG", "INTAKE_001"), ("WARNING", "INTAKE_002")]
    assert log.counts == {"Accepted": 1, "Refused": 1}


def test_a_rejection_is_refused_once_whichever_way_it_came(log: Log) -> None:
    rejected = Accepted(RequestOutcome.REJECTED, FAULT.rule, violation=FAULT)
    record_taken([(Taken((rejected,), (FAULT,)), "message-1")])
    by_message = log.counts
    record_answers([rejected])
    assert by_message == {"Rejected": 1, "Refused": 1}
    assert log.counts == {"Rejected": 2, "Refused": 2}


@pytest.mark.parametrize("state", list(State))
def test_every_state_of_a_row_has_a_line_and_a_metric(state: State, log: Log) -> None:
    line_of_history = Transition(0, state, "a reason", "wix-request-1")
    row = an_occurrence(**PLANTED, version=1, state=state, attempts=3, reason="a reason", timeline=(line_of_history,))
    record_delivered(a_delivery(row))
    (line,) = log.lines
    assert (line["level"], line["log_event"]) == LINES.get(state, ("DEBUG", "DELIVERY_001"))
    fields = {"event_id", "trigger_key", "instance_id", "state", "reason", "attempts", "wix_request_id"}
    assert [line[name] for name in sorted(fields)] == [
        3, event_id(row), SITE, "a reason", state.value, TRIGGER, "wix-request-1",
    ]  # fmt: skip
    assert log.counts == {f"Event{state.value.title()}": 1}
    assert "planted" not in log.text


def test_a_row_without_history_is_told_of_without_a_request_id(log: Log) -> None:
    record_delivered(a_delivery(an_entity_row(timeline=())))
    assert log.lines[0].get("wix_request_id") is None


def test_cancels_that_wix_does_not_know_are_warned_of_each(log: Log) -> None:
    unknown, done = ItemResult(ResultKind.DONE, UNKNOWN_TO_WIX, "wix-request-1"), ItemResult(ResultKind.DONE, "wix 200")
    record_delivered(a_delivery(results=(some_results(unknown, done, unknown, report=done),)))
    assert log.events == [("WARNING", "DELIVERY_004")] * 2
    assert [line["wix_request_id"] for line in log.lines] == ["wix-request-1"] * 2
    assert log.counts == {"CancelUnknown": 2}


def test_credentials_that_wix_refuses_are_an_error_whichever_call_met_them(log: Log) -> None:
    refused = ItemResult(ResultKind.RETRY, CREDENTIALS_REFUSED)
    record_delivered(a_delivery(results=(some_results(refused), some_results(report=refused))))
    assert log.events == [("ERROR", "DELIVERY_005")] * 2
    assert log.counts == {"CredentialsRefused": 2}


def test_a_batch_that_changed_nothing_leaves_no_trace(log: Log) -> None:
    record_delivered(a_delivery(results=(some_results(report=ItemResult(ResultKind.DONE, "wix 200")),)))
    assert (log.lines, log.counts) == ([], {})


def test_a_secret_that_can_not_be_used_counts_like_refused_credentials_whatever_is_wrong_with_it(log: Log) -> None:
    unusable = ItemResult(ResultKind.RETRY, f"{SECRET_UNUSABLE}: it can't be read: a reason")
    record_delivered(a_delivery(results=(some_results(unusable), some_results(report=unusable))))
    assert log.events == [("ERROR", "DELIVERY_005")] * 2
    assert log.counts == {"CredentialsRefused": 2}


@pytest.mark.parametrize(
    "changes, targets, next_position, unknown",
    [
        ({}, (), None, 1),
        ({}, (an_occurrence(),), None, 0),
        ({}, (), "occurrence#1", 0),
        ({"sweep_position": "occurrence#1"}, (), None, 0),
        ({"swept_version": 1}, (), None, 0),
    ],
)
def test_a_sweep_that_finds_nothing_of_its_entity_is_named(
    changes: dict[str, Any], targets: tuple[RealtimeEvent, ...], next_position: str | None, unknown: int, log: Log
) -> None:
    plan = SweepPlan(1, targets, frozenset(), next_position)
    record_delivered(a_delivery(jobs=(Job(a_tombstone(version=2, **changes), plan, (), reports=False),)))
    assert log.counts.get("CancelOfUnknown", 0) == unknown
    assert ("INFO", "INTAKE_008") in log.events or not unknown


def test_what_wix_says_of_a_payload_names_no_member_of_it(log: Log) -> None:
    row = an_occurrence(state=State.REJECTED, reason="wix 400 /payload/guests/0/Ada_Byrne FORMAT")
    record_delivered(a_delivery(row))
    assert log.lines[0]["reason"] == "wix 400 /payload/? FORMAT"
    assert "Ada" not in log.text
