"""AWS in this process, by moto: the one exception to the rule that tests patch nothing.

moto answers botocore's requests before they are sent, so it needs no server and no socket. `mock_aws` keeps two
promises that the tests rely on, and `tests/contract/test_moto.py` holds both: each `with` begins with an empty AWS, and
nothing stays patched after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from moto import mock_aws  # noqa: TID251 - this is the one place

from tests.sandbox.aws import Clients
from trigger_provider.adapters.aws.batching import batches
from trigger_provider.adapters.dynamodb.items import encode
from trigger_provider.adapters.dynamodb.ledger import DynamoDbLedger
from trigger_provider.adapters.dynamodb.sites import DynamoDbSites
from trigger_provider.domain.ledger.rows import Row, RowKey, VersionedItem
from trigger_provider.domain.sites.site import SiteRow

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_sqs.client import SQSClient

    from trigger_provider.adapters.dynamodb.items import Item

CLOSED: Final = "http://127.0.0.1:9"
MOST_PUTS: Final = 25


class MotoClients(Clients):
    """Clients of AWS's own addresses. Outside `moto_aws`, a call ends at a closed port of this machine."""

    def __init__(self) -> None:
        super().__init__(None, proxies={"https": CLOSED})

    @cached_property
    def sqs(self) -> SQSClient:
        """Return a client that never waits for messages: no other process can send any."""
        client = super().sqs
        client.meta.events.register("before-parameter-build.sqs.ReceiveMessage", _ask_without_waiting)
        return client


def _ask_without_waiting(params: dict[str, Any], **_: object) -> None:
    params["WaitTimeSeconds"] = 0


@contextmanager
def moto_aws() -> Iterator[None]:
    """Let moto answer all calls to AWS, beginning with an empty AWS.

    The clients bring their own credentials, so the environment stays as it is.
    """
    with mock_aws(config={"core": {"mock_credentials": False}}):
        yield


def put_rows(dynamodb: DynamoDBClient, table: str, rows: Sequence[VersionedItem]) -> None:
    """Put rows as the adapter encodes them, over whatever is there; 25 at once, which takes moto half the time."""
    put_items(dynamodb, table, map(encode, rows))


def put_items(dynamodb: DynamoDBClient, table: str, items: Iterable[Item]) -> None:
    """Put items over whatever is there."""
    for portion in batches(items, MOST_PUTS):
        puts: Any = [{"PutRequest": {"Item": item}} for item in portion]
        assert not dynamodb.batch_write_item(RequestItems={table: puts})["UnprocessedItems"]


class PutLedger(DynamoDbLedger):
    """The ledger on moto: the adapter reads, and rows are put, since moto can't run the adapter's PartiQL."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        super().__init__(client, table)
        self._target = client, table

    def save_many(self, rows: Sequence[Row]) -> frozenset[RowKey]:
        """Put the rows without any condition."""
        put_rows(*self._target, rows)
        return frozenset()


class PutSites(DynamoDbSites):
    """The rows of sites on moto: the adapter reads, and rows are put."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        super().__init__(client, table)
        self._target = client, table

    def save_many(self, rows: Sequence[SiteRow]) -> frozenset[str]:
        """Put the rows without any condition."""
        put_rows(*self._target, rows)
        return frozenset()


def ledger_in(clients: Clients, table: str) -> DynamoDbLedger:
    """Return the ledger of a table, whose rows are put if moto answers."""
    ledger = PutLedger if isinstance(clients, MotoClients) else DynamoDbLedger
    return ledger(clients.dynamodb, table)


def sites_in(clients: Clients, table: str) -> DynamoDbSites:
    """Return the rows of sites in a table, whose rows are put if moto answers."""
    sites = PutSites if isinstance(clients, MotoClients) else DynamoDbSites
    return sites(clients.dynamodb, table)
