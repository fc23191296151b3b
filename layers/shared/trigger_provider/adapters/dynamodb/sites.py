"""The rows of sites in DynamoDB: keeps the port `Sites`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trigger_provider.adapters.aws.retry import BACK_OFF, BackOff
from trigger_provider.adapters.dynamodb.index import SITES
from trigger_provider.adapters.dynamodb.items import decode_key
from trigger_provider.adapters.dynamodb.table import DynamoDbTable
from trigger_provider.domain.sites.site import SiteRow, TroubledSite, site_key, site_of
from trigger_provider.errors import RowsUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mypy_boto3_dynamodb.client import DynamoDBClient

    from trigger_provider.adapters.dynamodb.items import Stored
    from trigger_provider.domain.ledger.rows import RowKey


class DynamoDbSites:
    """Keeps the port `Sites`, in the ledger's table and by its rules."""

    def __init__(self, client: DynamoDBClient, table_name: str, back_off: BackOff = BACK_OFF) -> None:
        self._table = DynamoDbTable(client, table_name, back_off)

    def load_many(self, sites: Iterable[str]) -> Mapping[str, SiteRow]:
        """Read by BatchGetItem."""
        try:
            return _by_site(self._table.load_many(map(site_key, sites)))
        except RowsUnavailable as error:
            raise RowsUnavailable(str(error), frozenset(map(site_of, error.keys)), _by_site(error.rows)) from None

    def save_many(self, rows: Sequence[SiteRow]) -> frozenset[str]:
        """Write by BatchExecuteStatement. Raise `ValueError` if two rows are of the same site."""
        return frozenset(map(site_of, self._table.save_many(rows)))

    def troubled(self, limit: int) -> Sequence[TroubledSite]:
        """Read the index, which is a moment behind the table."""
        return [
            TroubledSite(site_of(decode_key(item)), int(item["next_attempt_at"]["N"]))
            for item in self._table.indexed(SITES, limit)
        ]


def _by_site(rows: Mapping[RowKey, Stored]) -> dict[str, SiteRow]:
    return {row.site: row for row in rows.values() if isinstance(row, SiteRow)}
