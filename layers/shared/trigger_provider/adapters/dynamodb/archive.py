"""The ledger in DynamoDB by other ways than its keys: a partition as a whole, and a scan for a site's rows.

A scan reads the whole table, whatever rows are wanted: filter and projection save traffic, not reads. Eventually
consistent, 8 KB cost one read unit. So a million rows of 1 KB cost about 125,000 units: a few cents on demand. That
takes a minute or two, with the segments read in parallel. An index by site would make this cheap, but each write of
each event more expensive. See docs/decisions/0015.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from trigger_provider.adapters.aws.retry import translate
from trigger_provider.adapters.dynamodb.items import decode, decode_key
from trigger_provider.adapters.dynamodb.table import DynamoDbTable
from trigger_provider.domain.ledger.rows import Row, RowKey, VersionedItem
from trigger_provider.domain.operations.values import RowFilter, ScanPage
from trigger_provider.errors import LedgerUnavailable
from trigger_provider.use_cases.concurrency import map_concurrently

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef as Value
    from mypy_boto3_dynamodb.type_defs import ScanOutputTypeDef as Page

SEGMENTS = 8


class DynamoDbArchive:
    """Keeps the port `Archive`. It never reads more pages at once, or holds more in memory, than there are segments."""

    def __init__(self, client: DynamoDBClient, table_name: str, page_size: int | None = None) -> None:
        self._client = client
        self._table = table_name
        self._rows = DynamoDbTable(client, table_name)
        self._page: dict[str, Any] = {} if page_size is None else {"Limit": page_size}

    def partition(self, partition: str) -> Sequence[Row]:
        """Query the partition, consistently."""
        with translate("Query", LedgerUnavailable):
            pages = self._client.get_paginator("query").paginate(
                TableName=self._table,
                KeyConditionExpression="pk = :partition",
                ExpressionAttributeValues={":partition": {"S": partition}},
                ConsistentRead=True,
            )
            rows = (decode(item) for page in pages for item in page["Items"])
            return [row for row in rows if isinstance(row, Row)]

    def find(self, wanted: RowFilter) -> Iterator[ScanPage]:
        """Scan in parallel. Only keys come back."""
        for page in self._scan(_question(wanted)):
            yield ScanPage(page["ScannedCount"], tuple(map(decode_key, page["Items"])))

    def pages(self) -> Iterator[Sequence[VersionedItem]]:
        """Scan in parallel. Every read is eventually consistent, since a copy of the table does not change."""
        for page in self._scan({}):
            yield [decode(item) for item in page["Items"]]

    def _scan(self, question: dict[str, Any]) -> Iterator[Page]:
        """Read one page of each segment at once, then the next page of each segment that has more."""
        open_segments: dict[int, dict[str, Value] | None] = dict.fromkeys(range(SEGMENTS))
        while open_segments:
            read = partial(self._read, question)
            pages = map_concurrently(read, list(open_segments.items()), SEGMENTS)
            yield from pages
            ends = {segment: page.get("LastEvaluatedKey") for segment, page in zip(open_segments, pages, strict=True)}
            open_segments = {segment: end for segment, end in ends.items() if end}

    def forget(self, rows: Sequence[VersionedItem]) -> frozenset[RowKey]:
        """Delete by BatchExecuteStatement. A row that is gone already counts as deleted."""
        return self._rows.delete_many(rows)

    def size(self) -> int:
        """Return the table's own count, which DynamoDB updates about every six hours."""
        with translate("DescribeTable", LedgerUnavailable):
            return self._client.describe_table(TableName=self._table)["Table"].get("ItemCount", 0)

    def _read(self, question: dict[str, Any], begin: tuple[int, dict[str, Value] | None]) -> Page:
        segment, after = begin
        start: dict[str, Any] = {} if after is None else {"ExclusiveStartKey": after}
        with translate("Scan", LedgerUnavailable):
            return self._client.scan(
                TableName=self._table, TotalSegments=SEGMENTS, Segment=segment, **self._page, **question, **start
            )


def _question(wanted: RowFilter) -> dict[str, Any]:
    """Return the filter of a scan. Names are placeholders, since `state` and `trigger` are reserved words."""
    values: dict[str, Value] = {":site": {"S": wanted.site}, ":none": {"S": "site"}}
    rules = ["#site = :site", "#kind <> :none"]
    if wanted.trigger is not None:
        rules.append("#trigger = :trigger")
        values[":trigger"] = {"S": wanted.trigger}
    if wanted.states:
        names: dict[str, Value] = {
            f":state{number}": {"S": state.value} for number, state in enumerate(sorted(wanted.states))
        }
        rules.append(f"#state IN ({', '.join(names)})")
        values |= names
    for name, time, comparison in (("since", wanted.since, ">="), ("until", wanted.until, "<")):
        if time is not None:
            rules.append(f"#accepted_at {comparison} :{name}")
            values[f":{name}"] = {"N": str(time)}
    expression = " AND ".join(rules)
    used = [name for name in ("site", "kind", "trigger", "state", "accepted_at") if f"#{name} " in expression]
    return {
        "FilterExpression": expression,
        "ExpressionAttributeNames": {f"#{name}": name for name in used},
        "ExpressionAttributeValues": values,
        "ProjectionExpression": "pk, sk",
    }
