"""What docs/security.md says of the deployed stack, held to the template."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.template import functions, named, parameter, properties, queues, resources, template, value

PAGE: Final = (Path(__file__).parents[2] / "docs/security.md").read_text("utf-8")
DAY_SECONDS: Final = 86_400
WITHOUT_TLS: Final = {"Bool": {"aws:SecureTransport": "false"}, "NotIpAddress": {"aws:SourceIp": "127.0.0.1/32"}}


def policies() -> dict[str, list[dict[str, Any]]]:
    """Return the statements about each queue."""
    values: dict[str, list[dict[str, Any]]] = {queue: [] for queue in queues()}
    for policy in resources("AWS::SQS::QueuePolicy").values():
        (*names,) = map(named, policy["Properties"]["Queues"])
        for name in names:
            assert values[name] == [], "a queue has one policy: the second would replace the first"
            values[name] = policy["Properties"]["PolicyDocument"]["Statement"]
    return values


def kept_days(place: str) -> str:
    """Return what the page's table says about a place."""
    (cells,) = re.findall(rf"^\| {place} \|(.+)\|$", PAGE, re.MULTILINE)
    return str(cells)


@pytest.mark.parametrize("queue", queues())
def test_nobody_speaks_to_a_queue_without_tls(queue: str) -> None:
    (deny,) = [statement for statement in policies()[queue] if statement["Effect"] == "Deny"]

    assert (deny["Principal"], deny["Action"], deny["Condition"]) == ("*", "sqs:*", WITHOUT_TLS)


@pytest.mark.parametrize("queue", queues())
def test_whoever_may_use_a_queue_from_outside_is_a_service_on_behalf_of_this_account(queue: str) -> None:
    for allow in (statement for statement in policies()[queue] if statement["Effect"] == "Allow"):
        assert (allow["Principal"], allow["Action"]) == ({"Service": "events.amazonaws.com"}, "sqs:SendMessage")
        (conditions,) = [{name for test in allow["Condition"].values() for name in test}]
        assert "aws:SourceArn" in conditions


@pytest.mark.parametrize("queue", queues())
def test_a_queue_is_encrypted_and_the_page_says_for_how_long_it_keeps_a_message(queue: str) -> None:
    days = properties(queue)["MessageRetentionPeriod"] // DAY_SECONDS

    assert properties(queue)["SqsManagedSseEnabled"] is True
    assert f"{days} days" in kept_days(queue)


def test_the_page_says_for_how_long_table_backups_and_logs_keep_what_they_hold() -> None:
    table = properties("LedgerTable")

    assert table["SSESpecification"]["SSEEnabled"]
    assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
    assert f"{parameter('LedgerRetentionDays')} days" in kept_days("LedgerTable")
    assert "35 days" in kept_days("its backups")
    assert f"{parameter('LogRetentionDays')} days" in kept_days("the logs")


@pytest.mark.parametrize("group", list(resources("AWS::Logs::LogGroup")))
def test_no_log_is_kept_for_ever(group: str) -> None:
    assert value(properties(group)["RetentionInDays"]) == parameter("LogRetentionDays")


def test_each_function_writes_to_a_log_group_of_the_template() -> None:
    groups = {named(properties(function)["LoggingConfig"]["LogGroup"]) for function in functions()}

    assert groups == set(resources("AWS::Logs::LogGroup"))


def test_no_secret_is_a_parameter_nor_stands_in_an_environment() -> None:
    text = (Path(__file__).parents[2] / "template.yaml").read_text("utf-8")

    assert [name for name, item in template()["Parameters"].items() if item.get("NoEcho")] == []
    assert "{{resolve:" not in text
    secret = [name for name in functions() if "WIX_SECRET_ID" in properties(name)["Environment"]["Variables"]]
    assert secret == ["DeliverFunction"]


@pytest.mark.parametrize(
    "url, good",
    [
        ("https://www.wixapis.com", True),
        ("https://wix.example.com:8443", True),
        ("http://127.0.0.1:5000", True),
        ("http://www.wixapis.com", False),
        ("http://127.0.0.1:5000@evil.example", False),
        ("http://127.0.0.1.evil.example:80", False),
        ("https://user:password@www.wixapis.com", False),
        ("https://www.wixapis.com/path", False),
        ("https://www.wixapis.com?", False),
        ("https://www.wixapis.com#", False),
        ("https://", False),
        ("ftp://www.wixapis.com", False),
    ],
)
def test_the_secret_goes_nowhere_without_tls_but_to_this_machine(url: str, *, good: bool) -> None:
    assert (re.fullmatch(template()["Parameters"]["WixBaseUrl"]["AllowedPattern"], url) is not None) is good
    assert parameter("WixBaseUrl") == "https://www.wixapis.com"


def test_nobody_outside_the_account_may_put_events_on_the_bus() -> None:
    assert resources("AWS::Events::EventBusPolicy") == {}
    assert resources("AWS::Lambda::Permission") == {}


def test_every_test_that_the_page_names_is_there() -> None:
    root = Path(__file__).parents[2]
    names = set(re.findall(r"`(tests/[a-z_/]+(?:\.py)?)`", PAGE))

    assert names
    assert sorted(name for name in names if not (root / name).exists()) == []
