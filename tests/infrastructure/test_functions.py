"""What the template promises of every function."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.sandbox.wix.signer import Signer
from tests.support.template import event_sources, functions, named, parameter, properties, template, value

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("function", functions())
def test_a_function_writes_to_a_log_group_of_its_own(function: str) -> None:
    assert named(properties(function)["LoggingConfig"]["LogGroup"]) == function.removesuffix("Function") + "LogGroup"


@pytest.mark.parametrize("function", functions())
def test_logs_are_kept_for_a_while_and_not_for_ever(function: str) -> None:
    group = properties(named(properties(function)["LoggingConfig"]["LogGroup"]))
    assert 1 <= value(group["RetentionInDays"]) <= 365


@pytest.mark.parametrize("function", functions())
def test_a_function_logs_json_and_is_traced(function: str) -> None:
    promised = properties(function)
    assert (promised["LoggingConfig"]["LogFormat"], promised["Tracing"]) == ("JSON", "Active")


@pytest.mark.parametrize("function", functions())
def test_a_function_runs_on_one_python_and_one_processor_with_both_layers(function: str) -> None:
    promised = properties(function)
    assert value(promised["Runtime"]) == "python3.13"
    assert [value(architecture) for architecture in promised["Architectures"]] == ["arm64"]
    assert [named(layer) for layer in promised["Layers"]] == ["SharedLayer", "TriggersLayer"]


def test_the_layer_is_built_for_the_runtime_of_the_functions() -> None:
    makefile = (ROOT / "layers/shared/Makefile").read_text("utf-8")
    processors = {"arm64": "aarch64", "x86_64": "x86_64"}
    assert f"LAYER_PYTHON ?= {parameter('PythonRuntime').removeprefix('python')}\n" in makefile
    assert f"LAYER_PLATFORM ?= {processors[parameter('Architecture')]}-manylinux_2_28\n" in makefile


@pytest.mark.parametrize("project", ["pyproject.toml", "layers/shared/pyproject.toml"])
def test_every_python_that_may_be_deployed_is_one_that_the_code_runs_on(project: str) -> None:
    wanted = tomllib.loads((ROOT / project).read_text("utf-8"))["project"]["requires-python"]
    assert wanted == ">=3.11,<3.15"
    assert {"python3.12", "python3.13", "python3.14"} >= set(template()["Parameters"]["PythonRuntime"]["AllowedValues"])


@pytest.mark.parametrize("function", functions())
def test_no_function_is_given_a_secret_in_its_environment(function: str) -> None:
    names = set(properties(function)["Environment"]["Variables"]) - {"WIX_PUBLIC_KEY"}
    assert not {name for name in names if name.endswith(("_SECRET", "_TOKEN", "_PASSWORD", "_KEY"))}


def test_only_delivery_knows_wix_and_its_secret() -> None:
    talkers = [name for name in functions() if "WIX_BASE_URL" in properties(name)["Environment"]["Variables"]]
    keepers = [name for name in functions() if "WIX_SECRET_ID" in properties(name)["Environment"]["Variables"]]
    assert talkers == keepers == ["DeliverFunction"]


def test_webhooks_are_told_by_wixs_signature_alone_and_concurrency_is_reserved_for_them_by_choice() -> None:
    promised = properties("AppWebhooksFunction")
    assert promised["FunctionUrlConfig"] == {"AuthType": "NONE"}
    assert promised["Environment"]["Variables"]["WIX_PUBLIC_KEY"] == {"Ref": "WixPublicKey"}
    reserved = {"Fn::If": ["HasWebhookConcurrency", {"Ref": "WebhookConcurrency"}, {"Ref": "AWS::NoValue"}]}
    assert promised["ReservedConcurrentExecutions"] == reserved
    assert parameter("WebhookConcurrency") == 0


def test_the_gate_is_open_to_wixs_signature_alone_and_concurrency_is_reserved_for_it_by_choice() -> None:
    promised = properties("RefreshPayloadFunction")
    assert promised["FunctionUrlConfig"] == {"AuthType": "NONE"}
    assert promised["Environment"]["Variables"]["WIX_PUBLIC_KEY"] == {"Ref": "WixPublicKey"}
    reserved = {"Fn::If": ["HasGateConcurrency", {"Ref": "GateConcurrency"}, {"Ref": "AWS::NoValue"}]}
    assert promised["ReservedConcurrentExecutions"] == reserved
    assert parameter("GateConcurrency") == 0


def test_by_default_nothing_is_reserved_so_that_an_account_with_little_concurrency_can_deploy() -> None:
    conditions = {"HasWebhookConcurrency": "WebhookConcurrency", "HasGateConcurrency": "GateConcurrency"}
    for condition, name in conditions.items():
        assert template()["Conditions"][condition] == {"Fn::Not": [{"Fn::Equals": [{"Ref": name}, "0"]}]}


def test_an_event_that_the_ledger_does_not_know_is_called_off_unless_somebody_chooses_otherwise() -> None:
    assert template()["Parameters"]["GateUnknownEvents"]["AllowedValues"] == ["cancel", "run"]
    assert parameter("GateUnknownEvents") == "cancel"


def test_a_gate_that_does_not_answer_rings_since_wix_goes_on_without_it() -> None:
    counts = {
        "RefreshPayloadUnansweredAlarm": "RefreshPayloadUnanswered",
        "RefreshPayloadUntrustedAlarm": "RefreshPayloadUntrusted",
    }
    counts["ActivationUnknownAlarm"] = "ActivationUnknown"
    assert {name: properties(name)["MetricName"] for name in counts} == counts


@pytest.mark.parametrize("form", ["public_key", "dashboard_key"])
def test_the_public_key_may_be_given_as_wix_shows_it_and_nothing_much_shorter(form: str) -> None:
    pattern = template()["Parameters"]["WixPublicKey"]["AllowedPattern"]
    assert re.fullmatch(pattern, getattr(Signer(), form))
    assert not re.fullmatch(pattern, "a secret")


@pytest.mark.parametrize("function", functions())
@pytest.mark.parametrize("metric", ["Errors", "Throttles"])
def test_errors_and_throttles_of_a_function_ring(function: str, metric: str) -> None:
    alarm = properties(f"{function.removesuffix('Function')}{metric}Alarm")
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/Lambda", metric)
    assert [named(dimension["Value"]) for dimension in alarm["Dimensions"]] == [function]
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")


def test_every_alarm_notifies_the_topic_if_there_is_one() -> None:
    alarms = [name for name, item in template()["Resources"].items() if item["Type"] == "AWS::CloudWatch::Alarm"]
    notified = {"Fn::If": ["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]}
    assert alarms
    assert [name for name in alarms if properties(name)["AlarmActions"] != notified] == []
    assert parameter("AlarmTopicArn") == ""


def test_every_parameter_says_what_it_is_for() -> None:
    assert [name for name, item in template()["Parameters"].items() if not item.get("Description")] == []


def test_two_stacks_can_live_in_one_account() -> None:
    named = [
        written
        for item in template()["Resources"].values()
        for key, written in item["Properties"].items()
        if key in {"Name", "FunctionName", "RoleName", "QueueName", "TableName", "AlarmName", "LogGroupName"}
    ]
    assert named
    assert [written for written in named if "AWS::StackName" not in str(written)] == []
    assert [rule for _, rule in event_sources("ScheduleV2") if not rule["OmitName"]] == []
