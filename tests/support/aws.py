"""Real parts for tests: one local AWS for the whole run, and in it a table or a queue of each test's own.

For what a real part can't be made to answer there is `Script`. A test module that needs any of it says
`pytest_plugins = ["tests.support.aws"]`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar
from uuid import uuid4

import pytest
from botocore.client import BaseClient  # noqa: TID251 - it scripts what boto3 is answered
from botocore.stub import Stubber  # noqa: TID251 - the same

from tests.sandbox.aws import Clients, MiniStack
from tests.support.ledger_table import new_ledger_table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_sqs.client import SQSClient

Client = TypeVar("Client", bound=BaseClient)


@pytest.fixture(scope="session")
def aws() -> Iterator[MiniStack]:
    """Give MiniStack, with nothing deployed into it."""
    with MiniStack() as ministack:
        yield ministack


@pytest.fixture
def ledger_table(aws: MiniStack) -> str:
    """Give the name of an empty table, with keys and index as in template.yaml."""
    return new_ledger_table(aws.clients.dynamodb)


@pytest.fixture
def queue_url(aws: MiniStack) -> str:
    """Give the address of an empty standard queue."""
    return aws.clients.sqs.create_queue(QueueName=f"queue-{uuid4()}")["QueueUrl"]


class Script(Generic[Client]):
    """The answers that `client` gives, one a call and in this order, and what it was asked (`requests`).

    Requests and answers are checked against the model of the service. At the end, every answer must be used up.
    """

    def __init__(self, client: Client) -> None:
        self.client = client
        self.requests: list[dict[str, Any]] = []
        self._stubber = Stubber(client)
        self._record = lambda params, **_: self.requests.append(params)
        self._events = client.meta.events

    def answer(self, operation: str, response: dict[str, Any]) -> None:
        """Answer the next call, of a method of the client."""
        self._stubber.add_response(operation, response)

    def fail(self, operation: str, code: str) -> None:
        """Answer the next call by an error."""
        self._stubber.add_client_error(operation, code, "a text that quotes what was sent")

    def __enter__(self) -> Self:
        self._events.register("provide-client-params", self._record)
        self._stubber.activate()
        return self

    def __exit__(self, *error: object) -> None:
        self._stubber.deactivate()
        self._events.unregister("provide-client-params", self._record)
        if error == (None, None, None):
            self._stubber.assert_no_pending_responses()


@pytest.fixture(scope="session")
def nowhere() -> Clients:
    """Give clients that no call can leave."""
    return Clients("http://127.0.0.1:9")


@pytest.fixture
def dynamodb_script(nowhere: Clients) -> Iterator[Script[DynamoDBClient]]:
    with Script(nowhere.dynamodb) as script:
        yield script


@pytest.fixture
def sqs_script(nowhere: Clients) -> Iterator[Script[SQSClient]]:
    with Script(nowhere.sqs) as script:
        yield script
