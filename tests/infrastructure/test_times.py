"""Timeouts, visibility and delays that count on one another; the numbers are those of template.yaml."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.support.builders import NOW, POLICY, an_occurrence
from tests.support.template import (
    event_sources,
    functions,
    greatest,
    least,
    named,
    parameter,
    properties,
    queues,
    template,
    timing,
    value,
)
from trigger_provider.adapters.aws.clients import calls_within
from trigger_provider.domain.delivery.planning import wait_for_save
from trigger_provider.domain.delivery.policy import IDEMPOTENCY_KEY_TTL, RECOVERY_RESERVE, DeliveryPolicy
from trigger_provider.domain.delivery.resumption import RELEASED, release_if_due
from trigger_provider.domain.durations import DAY, HOUR, SECOND
from trigger_provider.domain.ledger.rows import SHARDS, State
from trigger_provider.entrypoints.recover import task_of
from trigger_provider.settings.dead_letters import DeadLetterSettings
from trigger_provider.settings.delivery import DeliverSettings
from trigger_provider.settings.intake import IntakeSettings
from trigger_provider.settings.recovery import RecoverSettings
from trigger_provider.settings.wix import GateSettings, WebhookSettings

ROWS = ["production", "sandbox"]
MARGIN_SECONDS = 10
SETTINGS: dict[str, Callable[[Mapping[str, str]], object]] = {
    "IntakeEventbridgeFunction": IntakeSettings.read,
    "IntakeSqsFunction": IntakeSettings.read,
    "IntakeDirectFunction": IntakeSettings.read,
    "DeliverFunction": DeliverSettings.read,
    "RecoverFunction": RecoverSettings.read,
    "DeadLettersFunction": DeadLetterSettings.read,
    "AppWebhooksFunction": WebhookSettings.read,
    "RefreshPayloadFunction": GateSettings.read,
}
MAPPINGS = list(event_sources("SQS"))


def receives_spent_waiting() -> int:
    """How often a message is received until intake can no longer save its row, if it is always early."""
    window = (timing("IntakeTimeout") + 5) * SECOND
    now, receives = 0, 1
    while (wait := wait_for_save(0, receives, now, window)) is not None:
        now, receives = now + wait, receives + 1
    return receives


@pytest.mark.parametrize("function, mapping", MAPPINGS)
def test_a_queue_hides_a_message_for_six_timeouts_and_the_batching_window(
    function: str, mapping: dict[str, Any]
) -> None:
    visible_again = value(properties(named(mapping["Queue"]))["VisibilityTimeout"])
    window = mapping["MaximumBatchingWindowInSeconds"]
    longest = greatest(window["Ref"]) if isinstance(window, dict) else window
    assert int(visible_again) >= 6 * int(value(properties(function)["Timeout"])) + longest


@pytest.mark.parametrize("function, mapping", MAPPINGS)
def test_a_queue_is_read_in_batches_that_may_fail_in_part_and_by_bounded_workers(
    function: str, mapping: dict[str, Any]
) -> None:
    assert (mapping["BatchSize"], value(mapping["MaximumBatchingWindowInSeconds"])) == (100, 1)
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert value(mapping["ScalingConfig"]["MaximumConcurrency"]) >= 2, function


@pytest.mark.parametrize("queue", [name for name in queues() if "RedrivePolicy" in properties(name)])
def test_a_message_is_received_at_least_five_times(queue: str) -> None:
    assert properties(queue)["RedrivePolicy"]["maxReceiveCount"] >= 5


def test_waiting_for_a_row_and_quick_retries_do_not_use_up_the_receives() -> None:
    quick_retries = DeliveryPolicy(settle_delay=0, give_up_after=0, retention=0).quick_retries
    receives = properties("DeliveryQueue")["RedrivePolicy"]["maxReceiveCount"]
    assert receives > receives_spent_waiting() + quick_retries


def test_no_time_is_a_parameter_so_that_times_which_break_the_protocol_cannot_be_expressed() -> None:
    assert template()["Parameters"]["Timing"]["AllowedValues"] == ROWS == list(template()["Mappings"]["Timing"])
    assert [name for name in template()["Parameters"] if name.endswith("Seconds")] == ["DeliveryBatchingWindowSeconds"]
    names = [set(row) for row in template()["Mappings"]["Timing"].values()]
    assert names[0] == names[1]


@pytest.mark.parametrize("row, margin", [("production", MARGIN_SECONDS), ("sandbox", 1)])
def test_the_second_cancel_comes_after_all_that_a_dying_worker_could_still_do(row: str, margin: int) -> None:
    call = timing("HttpConnectTimeout", row) + timing("HttpReadTimeout", row)
    assert timing("SettleDelay", row) >= timing("DeliverTimeout", row) + call + margin


@pytest.mark.parametrize("row", ROWS)
def test_a_call_to_wix_ends_well_before_the_function(row: str) -> None:
    call = timing("HttpConnectTimeout", row) + timing("HttpReadTimeout", row)
    assert call * 2 < timing("DeliverTimeout", row)


@pytest.mark.parametrize("row", ROWS)
def test_a_message_stays_hidden_for_six_timeouts_and_the_longest_window_in_each_row(row: str) -> None:
    longest = greatest("DeliveryBatchingWindowSeconds")
    assert timing("DeliveryVisibility", row) >= 6 * timing("DeliverTimeout", row) + longest
    assert timing("InboxVisibility", row) >= 6 * timing("IntakeTimeout", row) + longest


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("function", functions())
def test_no_function_refuses_the_settings_that_the_template_gives_it(function: str, row: str) -> None:
    variables = properties(function)["Environment"]["Variables"]
    env = {name: as_text(written, row) for name, written in variables.items()}
    assert SETTINGS[function](env)


def as_text(written: Any, row: str) -> str:  # noqa: ANN401 - whatever the template holds
    """Return a setting as Lambda gives it to the function."""
    match written:
        case {"Fn::FindInMap": [_, _, name]}:
            return str(timing(name, row))
        case {"Ref": name} if "Default" in template()["Parameters"].get(name, {}):
            return str(parameter(name))
    return "anything"


def test_wix_remembers_an_idempotency_key_for_longer_than_a_message_can_live() -> None:
    days = sum(
        properties(queue)["MessageRetentionPeriod"] for queue in ("DeliveryQueue", "DeliveryDeadLetterQueue")
    ) / (24 * 60 * 60)
    assert days * DAY < IDEMPOTENCY_KEY_TTL


def test_what_was_parked_for_two_weeks_goes_out_under_its_own_key_however_long_it_is_tried() -> None:
    patient = POLICY._replace(give_up_after=greatest("GiveUpAfterHours") * HOUR)
    row = release_if_due(an_occurrence(state=State.PARKED, parked_at=NOW), NOW + 14 * DAY, patient)
    assert row is not None
    assert (row.state, row.reason) == (State.PENDING, RELEASED)


def test_the_ledger_remembers_for_longer_than_wix_does() -> None:
    assert parameter("LedgerRetentionDays") >= least("LedgerRetentionDays")
    assert least("LedgerRetentionDays") * DAY > IDEMPOTENCY_KEY_TTL


def test_a_recovery_ends_before_the_next_one_begins() -> None:
    schedules = list(event_sources("ScheduleV2"))
    assert {(function, item["ScheduleExpression"]) for function, item in schedules} == {
        ("RecoverFunction", "rate(1 minute)")
    }
    tasks = [task_of(json.loads(item["Input"])) for _, item in schedules]
    assert sorted(shard for task in tasks for shard in task.shards) == list(range(SHARDS))
    assert [task.with_sites for task in tasks].count(True) == 1
    assert all(timing("IntakeTimeout", row) < 60 for row in ROWS)


def test_a_recovery_has_time_to_begin_and_time_to_end_whatever_its_timeout() -> None:
    document = properties("RecoverFunction")["Environment"]["Variables"]["INTAKE_TIMEOUT_SECONDS"]
    assert document == properties("RecoverFunction")["Timeout"]
    assert all(timing("IntakeTimeout", row) * SECOND > RECOVERY_RESERVE for row in ROWS)


@pytest.mark.parametrize("row", ROWS)
def test_both_attempts_of_the_gate_to_read_the_ledger_fit_into_its_timeout(row: str) -> None:
    calls = calls_within(timing("GateReadTimeout", row))
    attempts = calls.retries["total_max_attempts"] * (calls.connect_timeout + calls.read_timeout)
    assert attempts < timing("IntakeTimeout", row)


def test_in_the_sandbox_every_function_is_as_patient_with_a_slow_machine_as_the_gate() -> None:
    assert timing("AwsReadTimeout", "sandbox") == timing("GateReadTimeout", "sandbox")
    variables = template()["Globals"]["Function"]["Environment"]["Variables"]
    assert variables["AWS_READ_TIMEOUT_SECONDS"] == {"Fn::FindInMap": ["Timing", {"Ref": "Timing"}, "AwsReadTimeout"]}


@pytest.mark.parametrize(
    "function", ["IntakeEventbridgeFunction", "IntakeSqsFunction", "IntakeDirectFunction", "RecoverFunction"]
)
def test_whoever_sends_before_it_saves_has_ended_when_delivery_drops_its_message(function: str) -> None:
    """Delivery is told the timeout of intake: nobody who sends first may live longer than that."""
    document = properties("DeliverFunction")["Environment"]["Variables"]["INTAKE_TIMEOUT_SECONDS"]
    assert properties(function)["Timeout"] == document
