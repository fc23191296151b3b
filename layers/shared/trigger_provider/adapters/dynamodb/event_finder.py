"""Finds rows in DynamoDB by event id alone: its first part is the partition, and few rows of that are read.

A partition holds one entity: under a scheduled trigger a single row, under a real-time one a row for each occurrence,
which may be thousands. These are not read through, since its first row tells how the keys of the others begin. Chance
needs 92 equal bits to give two entities one partition; should it, the first two rows tell of both as a rule.
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
    """Keeps the port `EventFinder`, by one consistent query: two for what is or was an occurrence of an entity."""

    def __init__(self, client: DynamoDBClient, table_name: str) -> None:
        self._client = client
        self._table = table_name

    def find(self, event: str) -> Sequence[Row]:
        """Read the first rows, which are no occurrences of an entity if there are others; then such, by their id."""
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
