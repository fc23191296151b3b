"""Finds rows in DynamoDB by event id alone: its first part is the partition, of which only a few rows are read.

A partition holds one entity. Under a scheduled trigger this is a single row. Under a real-time trigger it is a row for
each occurrence, perhaps thousands. They are not all read, since the first row shows the prefix of the others' keys.

Two entities share a partition only if 92 bits are equal by chance. Then the first two rows usually show both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trigger_provider.adapters.aws.retry import translate
from trigger_provider.adapters.dynamodb.items import decode
from trigger_provider.domain.ledger.ids import entity_of, occurrences_named
from trigger_provider.domain.ledger.rows import Row, Tombstone
from trigger_provider.errors import LedgerUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_dynamodb.client import DynamoDBClient

    from trigger_provider.domain.ledger.rows import RowKey

_ENTITIES = 2


class DynamoDbEventFinder:
    """Keeps the port `EventFinder` by one consistent query, or by two if the id may be an occurrence of an entity."""

    def __init__(self, client: DynamoDBClient, table_name: str) -> None:
        self._client = client
        self._table = table_name

    def find(self, event: str) -> Sequence[Row]:
        """Read the first rows of the partition, then an entity's occurrences by the id.

        Rows of entities come before their occurrences in the order of keys, and so are among the first.
        """
        partition = event.rpartition("-")[0]
        first = self._query("pk = :pk", {":pk": partition}, Limit=_ENTITIES)
        rows = [row for row in first if entity_of(row.key) is None]
        entities = dict.fromkeys(entity for row in first if (entity := _with_occurrences(row)) is not None)
        return [*rows, *(occurrence for entity in entities for occurrence in self._occurrences(entity, event))]

    def _occurrences(self, entity: RowKey, event: str) -> list[Row]:
        beginning = {":pk": entity.partition, ":sk": occurrences_named(entity, event)}
        return self._query("pk = :pk AND begins_with(sk, :sk)", beginning)

    def _query(self, condition: str, values: dict[str, str], **limit: Any) -> list[Row]:  # noqa: ANN401 - of the request
        with translate("Query", LedgerUnavailable):
            answer = self._client.query(
                TableName=self._table,
                KeyConditionExpression=condition,
                ExpressionAttributeValues={name: {"S": value} for name, value in values.items()},
                ConsistentRead=True,
                **limit,
            )
        return [row for row in map(decode, answer["Items"]) if isinstance(row, Row)]


def _with_occurrences(row: Row) -> RowKey | None:
    return row.key if isinstance(row, Tombstone) else entity_of(row.key)
