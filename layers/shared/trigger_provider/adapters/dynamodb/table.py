"""The table in DynamoDB: reads and writes many rows in as few requests as possible, each row independently."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from trigger_provider.adapters.aws.batching import batches
from trigger_provider.adapters.aws.retry import BACK_OFF, MOST_AT_ONCE, BackOff, run_concurrently, translate
from trigger_provider.adapters.dynamodb.index import INDEX
from trigger_provider.adapters.dynamodb.items import decode, decode_key, encode_key
from trigger_provider.adapters.dynamodb.statements import deleting, ending_wait, saving
from trigger_provider.errors import LedgerUnavailable, RowsUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import (
        BatchStatementErrorTypeDef,
        BatchStatementRequestTypeDef,
        KeysAndAttributesTypeDef,
        QueryInputPaginateTypeDef,
    )

    from trigger_provider.adapters.dynamodb.items import Item, Stored
    from trigger_provider.domain.ledger.rows import RowKey, VersionedItem, Waiting

_MOST_KEYS = 100
_MOST_STATEMENTS = 25
_TAKEN = frozenset({"ConditionalCheckFailed", "DuplicateItem"})
_PASSING = frozenset(
    {
        "InternalServerError",
        "ProvisionedThroughputExceeded",
        "RequestLimitExceeded",
        "ThrottlingError",
        "TransactionConflict",
    }
)


class _Save(NamedTuple):
    key: RowKey
    statement: BatchStatementRequestTypeDef


class _Refused(NamedTuple):
    save: _Save
    error: BatchStatementErrorTypeDef


class ReadItems(NamedTuple):
    """The rows that were read, and those that could not be decoded, with the kind of error, which quotes nothing."""

    rows: dict[RowKey, Stored]
    undecoded: dict[RowKey, str]

    def add(self, item: Item) -> None:
        """Decode an item."""
        key = decode_key(item)
        try:
            self.rows[key] = decode(item)
        except LedgerUnavailable as error:
            self.undecoded[key] = str(error)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            self.undecoded[key] = type(error).__name__

    def complete(self, unprocessed: Sequence[RowKey]) -> Mapping[RowKey, Stored]:
        """Return the rows, or raise an error if some are missing that may exist."""
        unread = {**self.undecoded, **dict.fromkeys(unprocessed, f"{len(unprocessed)} keys unprocessed")}
        if not unread:
            return self.rows
        reason = f"BatchGetItem: {', '.join(sorted(set(unread.values())))}"
        if unprocessed and not self.rows:
            raise LedgerUnavailable(reason)
        raise RowsUnavailable(reason, frozenset(unread), self.rows)


class DynamoDbTable:
    """Stores rows of every kind. An error of DynamoDB becomes `LedgerUnavailable`, with DynamoDB's code."""

    def __init__(
        self, client: DynamoDBClient, table_name: str, back_off: BackOff = BACK_OFF, most_at_once: int = MOST_AT_ONCE
    ) -> None:
        self._client = client
        self._table = table_name
        self._back_off = back_off
        self._most_at_once = most_at_once

    def load_many(self, keys: Iterable[RowKey]) -> Mapping[RowKey, Stored]:
        """Read by BatchGetItem, which takes 100 keys, refuses repeated keys, and may leave some unprocessed.

        Raise `RowsUnavailable` if some rows stay unprocessed or can't be decoded, `LedgerUnavailable` if no row
        can be read.
        """
        read = ReadItems({}, {})
        left = list(dict.fromkeys(keys))
        for _ in self._back_off.tries():
            left = [key for some in batches(left, _MOST_KEYS) for key in self._read(some, read)]
            if not left:
                break
        return read.complete(left)

    def save_many(self, rows: Sequence[VersionedItem]) -> frozenset[RowKey]:
        """Write by BatchExecuteStatement; `ValueError` if two rows have one key.

        It takes 25 statements of at most 8,192 characters and answers each on its own, by the codes of
        `BatchStatementError`. No size is documented for the whole: 25 of the largest payloads, escaped at the worst,
        stay below the 16 MB of its sibling BatchWriteItem. Nor is it what becomes of two statements for one item,
        which that one refuses.
        https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchExecuteStatement.html
        """
        if len({row.key for row in rows}) < len(rows):
            raise ValueError("rows that are saved together must have distinct keys")
        refused = self._taken([_Save(row.key, saving(self._table, row)) for row in rows])
        stored, by_key = self._read_stored(refused), {row.key: row for row in rows}
        return frozenset(key for (key, _), _ in refused if not _is_ours(by_key[key], stored.get(key)))

    def end_waits(self, waiting: Sequence[Waiting], token: str) -> frozenset[RowKey]:
        """Write by BatchExecuteStatement. Only keys and revisions are needed, so no row is read."""
        saves = [_Save(row.key, ending_wait(self._table, row, token)) for row in waiting]
        return frozenset(save.key for save, _ in self._taken(saves))

    def delete_many(self, rows: Sequence[VersionedItem]) -> frozenset[RowKey]:
        """Delete each row at its revision. Return the keys of the rows that others changed meanwhile.

        A row that is gone already counts as deleted.
        """
        refused = self._taken([_Save(row.key, deleting(self._table, row)) for row in rows])
        return frozenset(self.load_many(save.key for save, _ in refused))

    def indexed(self, queue: str, limit: int) -> list[Item]:
        """Read at most `limit` entries of one key of the index, the earliest first. It is a moment behind the table."""
        return self.query(
            {
                "TableName": self._table,
                "IndexName": INDEX,
                "KeyConditionExpression": "queue = :queue",
                "ExpressionAttributeValues": {":queue": {"S": queue}},
                "PaginationConfig": {"MaxItems": limit, "PageSize": limit},
            }
        )

    def beginning_with(self, partition: str, prefix: str) -> list[Item]:
        """Read the rows of a partition whose keys begin with `prefix`, consistently."""
        return self.query(
            {
                "TableName": self._table,
                "KeyConditionExpression": "pk = :partition AND begins_with(sk, :prefix)",
                "ExpressionAttributeValues": {":partition": {"S": partition}, ":prefix": {"S": prefix}},
                "ConsistentRead": True,
            }
        )

    def page_after(
        self, partition: str, prefix: str, position: str, limit: int, attributes: Sequence[str]
    ) -> tuple[list[Item], bool]:
        """Read at most `limit` rows after a position, consistently. Return them, and whether none follows."""
        names = {f"#{at}": name for at, name in enumerate(attributes)}
        with translate("Query", LedgerUnavailable):
            page = self._client.query(
                TableName=self._table,
                KeyConditionExpression="pk = :partition AND begins_with(sk, :prefix)",
                ExpressionAttributeValues={":partition": {"S": partition}, ":prefix": {"S": prefix}},
                ExpressionAttributeNames=names,
                ProjectionExpression=", ".join(names),
                ConsistentRead=True,
                Limit=limit,
                **_begin_after(partition, position),
            )
        return page["Items"], "LastEvaluatedKey" not in page

    def query(self, request: QueryInputPaginateTypeDef) -> list[Item]:
        """Read all pages of a query."""
        with translate("Query", LedgerUnavailable):
            pages = self._client.get_paginator("query").paginate(**request)
            return [item for page in pages for item in page["Items"]]

    def _read(self, keys: list[RowKey], read: ReadItems) -> list[RowKey]:
        request: dict[str, KeysAndAttributesTypeDef] = {
            self._table: {"Keys": [encode_key(key) for key in keys], "ConsistentRead": True}
        }
        with translate("BatchGetItem", LedgerUnavailable):
            answer = self._client.batch_get_item(RequestItems=request)
        for item in answer["Responses"].get(self._table, []):
            read.add(item)
        unprocessed = answer["UnprocessedKeys"].get(self._table)
        return [decode_key(key) for key in unprocessed["Keys"]] if unprocessed else []

    def _taken(self, saves: list[_Save]) -> list[_Refused]:
        """Write, and return the saves that DynamoDB refused because of the stored item."""
        refused = self._write(saves)
        if others := {error["Code"] for _, error in refused} - _TAKEN:
            raise LedgerUnavailable(f"BatchExecuteStatement: {', '.join(sorted(others))}")
        return refused

    def _write(self, left: list[_Save]) -> list[_Refused]:
        refused: list[_Refused] = []
        for _ in self._back_off.tries():
            portions = batches(left, _MOST_STATEMENTS)
            failed = run_concurrently(self._try, portions, self._most_at_once)
            refused += [each for each in failed if each.error["Code"] not in _PASSING]
            left = [each.save for each in failed if each.error["Code"] in _PASSING]
            if not left:
                return refused
        raise LedgerUnavailable(f"BatchExecuteStatement: {len(left)} statements put off")

    def _try(self, saves: list[_Save]) -> list[_Refused]:
        with translate("BatchExecuteStatement", LedgerUnavailable):
            answer = self._client.batch_execute_statement(Statements=[save.statement for save in saves])
        answers = zip(saves, answer["Responses"], strict=True)
        return [_Refused(save, response["Error"]) for save, response in answers if "Error" in response]

    def _read_stored(self, refused: list[_Refused]) -> Mapping[RowKey, Stored]:
        shown = {save.key: decode(error["Item"]) for save, error in refused if "Item" in error}
        hidden = [save.key for save, error in refused if error["Code"] == "DuplicateItem"]
        return {**self.load_many(key for key in hidden if key not in shown), **shown}


def _begin_after(partition: str, position: str) -> dict[str, Any]:
    return {"ExclusiveStartKey": {"pk": {"S": partition}, "sk": {"S": position}}} if position else {}


def _is_ours(row: VersionedItem, stored: VersionedItem | None) -> bool:
    same = stored is not None and (row.token, row.revision) == (stored.token, stored.revision)
    return same and row.token != ""
