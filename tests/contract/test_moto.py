"""moto stands in for AWS within a test and nowhere else: nothing stays patched, and no call leaves this machine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError, ProxyConnectionError
from requests.adapters import HTTPAdapter

from tests.support.moto_aws import moto_aws

if TYPE_CHECKING:
    from tests.sandbox.aws import Clients
    from tests.support.moto_aws import MotoClients

pytest_plugins = ["tests.support.aws"]
pytestmark = pytest.mark.moto


def patched() -> list[object]:
    """Return what moto is known to replace while it is on."""
    return [dict(os.environ), HTTPAdapter.send, boto3.DEFAULT_SESSION]


def test_each_time_aws_begins_empty(moto_clients: MotoClients) -> None:
    for _ in range(2):
        with moto_aws():
            assert moto_clients.sqs.list_queues().get("QueueUrls", []) == []
            moto_clients.sqs.create_queue(QueueName="short-lived")


def test_nothing_stays_patched() -> None:
    before = patched()
    with moto_aws():
        assert patched() != before
        assert os.environ == before[0], "our clients bring their own credentials"

    assert patched() == before


def test_a_call_outside_of_it_ends_on_this_machine(moto_clients: MotoClients) -> None:
    with pytest.raises(ProxyConnectionError, match=r"127\.0\.0\.1:9"):
        moto_clients.dynamodb.list_tables()


def test_it_answers_no_client_of_another_endpoint(moto: Clients, nowhere: Clients) -> None:
    assert moto.dynamodb.list_tables()["TableNames"] == []
    with pytest.raises(EndpointConnectionError):
        nowhere.dynamodb.list_tables()


def test_a_test_that_has_failed_leaves_no_trace_either(moto_clients: MotoClients) -> None:
    before = patched()
    with pytest.raises(ZeroDivisionError), moto_aws():
        raise ZeroDivisionError

    assert patched() == before
    with pytest.raises(ProxyConnectionError):
        moto_clients.dynamodb.list_tables()
