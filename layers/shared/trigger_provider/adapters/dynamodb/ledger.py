"""The rows of events in DynamoDB: keeps the port `Ledger`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trigger_provider.adapters.aws.retry import BACK_OFF, MOST_AT_ONCE, BackOff
from trigger_provider.adapters.dynamodb.index import parked_queue, queue
from trigger_provider.adapters.dynamodb.items import attributes_of, decode, decode_key
from trigger_provider.adapters.dynamodb.table import DynamoDbTable
from trigger_provider.domain.ledger.rows import OccurrencePage, RealtimeEvent, Row, RowKey, Waiting

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mypy_boto3_dynamodb.client import DynamoDBClient

    from trigger_provider.adapters.dynamodb.items import Item


_LEAN: Final = attributes_of(RealtimeEvent, without=frozenset({"payload"}))


class DynamoDbLedger:
    """Keeps the port `Ledger`. An error of DynamoDB becomes `LedgerUnavailable`, with DynamoDB's code."""

    def __init__(
        self, client: DynamoDBClient, table_name: str, back_off: BackOff = BACK_OFF, most_at_once: int = MOST_AT_ONCE
    ) -> None:
        self._table = DynamoDbTable(client, table_name, back_off, most_at_once)

    def load_many(self, keys: Iterable[RowKey]) -> Mapping[RowKey, Row]:
        """Read by BatchGetItem."""
        rows = self._table.load_many(keys)
        return {key: row for key, row in rows.items() if isinstance(row, Row)}

    def save_many(self, rows: Sequence[Row]) -> frozenset[RowKey]:
        """Write by BatchExecuteStatement. Raise `ValueError` if two rows have the same key."""
        return self._table.save_many(rows)

    def occurrences(self, entity: RowKey) -> Sequence[RealtimeEvent]:
        """Read those rows of the entity's partition that are its occurrences."""
        items = self._table.beginning_with(entity.partition, _prefix(entity))
        return [row for row in map(decode, items) if isinstance(row, RealtimeEvent)]

    def occurrence_page(self, entity: RowKey, position: str, limit: int) -> OccurrencePage:
        """Query some rows of the partition, with all attributes but the payload."""
        items, is_last = self._table.page_after(entity.partition, _prefix(entity), position, limit, _LEAN)
        rows = tuple(row for row in map(decode, items) if isinstance(row, RealtimeEvent))
        return OccurrencePage(rows, None if is_last else decode_key(items[-1]).row)

    def waiting(self, shard: int, limit: int) -> Sequence[Waiting]:
        """Read the index, which is a moment behind the table."""
        return self._read_index(queue(shard), limit)

    def end_waits(self, waiting: Sequence[Waiting], token: str) -> frozenset[RowKey]:
        """Write by BatchExecuteStatement. A save of ours whose answer was lost counts as changed by others."""
        return self._table.end_waits(waiting, token)

    def parked(self, site: str, limit: int) -> Sequence[Waiting]:
        """Read the index, which is a moment behind the table."""
        return self._read_index(parked_queue(site), limit)

    def _read_index(self, name: str, limit: int) -> list[Waiting]:
        return [
            Waiting(
                decode_key(item), int(item["next_attempt_at"]["N"]), int(item["accepted_at"]["N"]), item["site"]["S"],
                int(item["revision"]["N"]), _number(item, "version"), _number(item, "second_cancel_at"),
            )
            for item in self._table.indexed(name, limit)
        ]  # fmt: skip


def _number(item: Item, name: str) -> int | None:
    return int(item[name]["N"]) if name in item else None


def _prefix(entity: RowKey) -> str:
    return entity.row.replace("entity#", "occurrence#", 1) + "#"
