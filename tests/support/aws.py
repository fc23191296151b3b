"""Real parts for tests: MiniStack for the whole run, or moto for a test, and in it tables and queues of the test's own.

For what a real part can't be made to answer there is `Script`. A test module that needs any of it says
`pytest_plugins = ["tests.support.aws"]`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

import pytest
from botocore.client import BaseClient  # noqa: TID251 - it scripts what boto3 is answered
from botocore.stub import Stubber  # noqa: TID251 - the same

from tests.sandbox.aws import Clients, MiniStack
from tests.support.aws_differences import DIFFERENCES
from tests.support.clouds import CLOUDS, clients_of
from tests.support.ledger_table import new_ledger_table
from tests.support.moto_aws import MotoClients, moto_aws
from tests.support.queues import new_queue

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_sqs.client import SQSClient

Client = TypeVar("Client", bound=BaseClient)


@pytest.fixture(scope="session")
def aws() -> Iterator[MiniStack]:
    """Return MiniStack, with nothing deployed into it."""
    with MiniStack() as ministack:
        yield ministack


@pytest.fixture(scope="session")
def moto_clients() -> MotoClients:
    """Return clients that only moto answers; to make them takes longer than most tests."""
    return MotoClients()


@pytest.fixture
def moto(moto_clients: MotoClients) -> Iterator[Clients]:
    """Return clients of an AWS in this process, which is empty and ends with the test."""
    with moto_aws():
        yield moto_clients


@pytest.fixture(params=CLOUDS)
def cloud(request: pytest.FixtureRequest) -> Clients:
    """Return the clients of MiniStack for one variant of the test, and those of moto for the other."""
    return clients_of(request)


@pytest.fixture
def ledger_table(cloud: Clients) -> str:
    """Return the name of an empty table, with keys and index as in template.yaml."""
    return new_ledger_table(cloud.dynamodb)


@pytest.fixture
def queue_url(cloud: Clients) -> str:
    """Return the address of an empty standard queue."""
    return new_queue(cloud.sqs)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by the local AWS that it needs, and skip on moto what moto can't do."""
    reasons = {name: entry.reason for entry in DIFFERENCES for name in entry.needs}
    for item in items:
        for fixture, marker in (("aws", pytest.mark.ministack), ("moto", pytest.mark.moto)):
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(marker)
        name = getattr(item, "originalname", item.name)
        if name in reasons and item.get_closest_marker("moto"):
            item.add_marker(pytest.mark.skip(reason=reasons[name]))


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
    """Return clients that no call can leave."""
    return Clients("http://127.0.0.1:9")


@pytest.fixture
def dynamodb_script(nowhere: Clients) -> Iterator[Script[DynamoDBClient]]:
    with Script(nowhere.dynamodb) as script:
        yield script


@pytest.fixture
def sqs_script(nowhere: Clients) -> Iterator[Script[SQSClient]]:
    with Script(nowhere.sqs) as script:
        yield script
