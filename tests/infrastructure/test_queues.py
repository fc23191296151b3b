"""No message is lost, unreadable on the way, or forgotten."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.template import event_sources, functions, named, properties, queues, resources
from trigger_provider.domain.aws_limits import SQS_MESSAGE_BYTES

FOURTEEN_DAYS = 14 * 24 * 60 * 60
LIVE = [name for name in queues() if "RedrivePolicy" in properties(name)]
ENDS = [name for name in queues() if name not in LIVE]

BODIES = ["RefusedQueue", "UndeliveredEventQueue", "FailedEventQueue", "InboxDeadLetterQueue"]


def watched(metric: str) -> dict[str, dict[str, Any]]:
    """The alarms on that metric of a queue, by queue."""
    alarms = [alarm["Properties"] for alarm in resources("AWS::CloudWatch::Alarm").values()]
    return {named(alarm["Dimensions"][0]["Value"]): alarm for alarm in alarms if alarm["MetricName"] == metric}


def allowed(policy: str) -> dict[str, Any]:
    """The one statement of a queue's policy that allows something."""
    statements = properties(policy)["PolicyDocument"]["Statement"]
    (statement,) = [statement for statement in statements if statement["Effect"] == "Allow"]
    return dict(statement)


def test_functions_read_the_live_queues_and_the_dead_letters_of_delivery() -> None:
    read = [named(mapping["Queue"]) for _, mapping in event_sources("SQS")]
    assert sorted([*LIVE, "DeliveryDeadLetterQueue"]) == sorted(read)


@pytest.mark.parametrize("queue", LIVE)
def test_a_live_queue_and_its_dead_letter_queue_keep_for_as_long_as_a_queue_can(queue: str) -> None:
    dead_letters = properties(named(properties(queue)["RedrivePolicy"]["deadLetterTargetArn"]))
    for kept in (properties(queue), dead_letters):
        assert kept["MessageRetentionPeriod"] == FOURTEEN_DAYS


@pytest.mark.parametrize("queue", ENDS)
def test_what_is_set_aside_is_kept_for_as_long_as_a_queue_can(queue: str) -> None:
    assert properties(queue)["MessageRetentionPeriod"] == FOURTEEN_DAYS


@pytest.mark.parametrize("queue", ENDS)
def test_one_message_that_is_set_aside_rings(queue: str) -> None:
    alarm = watched("ApproximateNumberOfMessagesVisible")[queue]
    assert (alarm["Statistic"], alarm["ComparisonOperator"]) == ("Maximum", "GreaterThanThreshold")
    assert (alarm["Threshold"], alarm["EvaluationPeriods"]) == (0, 1)


@pytest.mark.parametrize("queue", LIVE)
def test_a_message_that_waits_too_long_rings(queue: str) -> None:
    assert watched("ApproximateAgeOfOldestMessage")[queue]["Threshold"] <= 15 * 60


@pytest.mark.parametrize("queue", queues())
def test_a_queue_is_encrypted_and_not_first_in_first_out(queue: str) -> None:
    assert properties(queue)["SqsManagedSseEnabled"] is True
    assert "FifoQueue" not in properties(queue)


def test_what_eventbridge_cannot_deliver_is_set_aside() -> None:
    ((function, rule),) = event_sources("EventBridgeRule")
    assert function == "IntakeEventbridgeFunction"
    assert named({"Fn::GetAtt": rule["DeadLetterConfig"]["Arn"]["Fn::GetAtt"]}) == "UndeliveredEventQueue"
    statement = allowed("UndeliveredEventPolicy")
    assert (statement["Principal"], statement["Action"]) == ({"Service": "events.amazonaws.com"}, "sqs:SendMessage")
    assert statement["Condition"] == {
        "ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": [f"{function}BusinessEvents", "Arn"]}}
    }


@pytest.mark.parametrize("function", [name for name in functions() if "EventInvokeConfig" in properties(name)])
def test_what_an_asynchronous_function_fails_on_is_set_aside(function: str) -> None:
    failed = properties(function)["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]
    assert named(failed["Destination"]) in ENDS


def test_functions_that_are_called_asynchronously_say_what_becomes_of_failures() -> None:
    asynchronous = {function for kind in ("EventBridgeRule", "ScheduleV2") for function, _ in event_sources(kind)}
    # Any Lambda may invoke intake_direct, and nothing keeps it from doing so asynchronously.
    asynchronous |= {"IntakeDirectFunction"}
    assert asynchronous == {name for name in functions() if "EventInvokeConfig" in properties(name)}


def test_a_missed_recovery_is_set_aside() -> None:
    arns = [schedule["DeadLetterConfig"]["Arn"] for _, schedule in event_sources("ScheduleV2")]
    assert {named(arn) for arn in arns} == {"MissedRecoveryQueue"}


def test_a_rule_of_the_same_account_may_send_to_the_inbox_and_no_other_service_may() -> None:
    statement = allowed("InboxPolicy")
    assert (statement["Principal"], statement["Action"]) == ({"Service": "events.amazonaws.com"}, "sqs:SendMessage")
    assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}


@pytest.mark.parametrize("queue", ["InboxQueue", *BODIES])
def test_a_queue_of_what_came_in_takes_messages_as_large_as_sqs_allows(queue: str) -> None:
    """The default was a quarter of it, and documents disagree on what it is now."""
    assert properties(queue)["MaximumMessageSize"] == SQS_MESSAGE_BYTES


@pytest.mark.parametrize("function", [name for name in functions() if "EventInvokeConfig" in properties(name)])
def test_what_an_asynchronous_function_fails_on_and_its_queue_does_not_take_rings(function: str) -> None:
    alarm = properties(f"{function.removesuffix('Function')}DestinationAlarm")
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/Lambda", "DestinationDeliveryFailures")
    assert [named(dimension["Value"]) for dimension in alarm["Dimensions"]] == [function]
    assert (alarm["Threshold"], alarm["Statistic"], alarm["EvaluationPeriods"]) == (0, "Sum", 1)


def test_what_eventbridge_can_not_set_aside_rings_on_the_default_bus_and_on_any_other() -> None:
    alarm = properties("UndeliveredEventLostAlarm")
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/Events", "InvocationsFailedToBeSentToDlq")
    is_default, default, other = alarm["Dimensions"]["Fn::If"]
    assert is_default == "ListensOnDefaultBus"
    names = [[dimension["Name"] for dimension in dimensions] for dimensions in (default, other)]
    assert names == [["RuleName"], ["EventBusName", "RuleName"]]


def test_a_refusal_to_a_caller_that_waits_for_no_answer_rings() -> None:
    alarm = properties("RefusedRequestsAlarm")
    assert (alarm["MetricName"], alarm["Threshold"], alarm["Statistic"]) == ("Refused", 0, "Sum")
