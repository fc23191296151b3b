"""The slow walk over the table in DynamoDB: keeps the port `TableWalk`.

A page is a scan of at most 1 MB, which costs 128 read units, whatever rows it returns: the filter saves only traffic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trigger_provider.adapters.aws.retry import translate
from trigger_provider.adapters.dynamodb.items import decode_key, encode_key
from trigger_provider.adapters.dynamodb.table import DynamoDbTable, ReadItems
from trigger_provider.domain.ledger.rows import ON_THE_WAY, Row, RowKey, State
from trigger_provider.domain.sites.walk import NEVER_WALKED, WALK_KEY, WalkPage, WalkRow
from trigger_provider.errors import LedgerUnavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

_STATES: Final = {f":{state}": {"S": state.value} for state in sorted(ON_THE_WAY)}
_FILTER: Final = (
    f"(#state IN ({', '.join(_STATES)}) AND attribute_not_exists(next_attempt_at)) OR attribute_exists(parked_at)"
    " OR attribute_exists(second_cancel_at) OR (#state = :reported AND due_at > :now)"
)


class DynamoDbWalk:
    """Keeps the port `TableWalk`. An error of DynamoDB becomes `LedgerUnavailable`, with DynamoDB's code."""

    def __init__(self, client: DynamoDBClient, table_name: str, page_size: int | None = None) -> None:
        self._client = client
        self._table = table_name
        self._rows = DynamoDbTable(client, table_name)
        self._limit: dict[str, Any] = {} if page_size is None else {"Limit": page_size}

    def load(self) -> WalkRow:
        """Read by BatchGetItem."""
        row = self._rows.load_many([WALK_KEY]).get(WALK_KEY)
        return row if isinstance(row, WalkRow) else NEVER_WALKED

    def save(self, row: WalkRow) -> bool:
        """Write by BatchExecuteStatement."""
        return not self._rows.save_many([row])

    def page(self, position: RowKey | None, now: int) -> WalkPage:
        """Scan one page."""
        start: dict[str, Any] = {} if position is None else {"ExclusiveStartKey": encode_key(position)}
        with translate("Scan", LedgerUnavailable):
            page = self._client.scan(
                TableName=self._table, FilterExpression=_FILTER, ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues={
                    **_STATES, ":reported": {"S": State.REPORTED.value}, ":now": {"N": str(now)}
                },
                **self._limit, **start,
            )  # fmt: skip
        read = ReadItems({}, {})
        for item in page["Items"]:
            read.add(item)
        last = page.get("LastEvaluatedKey")
        return WalkPage(
            [row for row in read.rows.values() if isinstance(row, Row)],
            frozenset(read.undecoded),
            None if last is None else decode_key(last),
        )
