"""A table for a ledger, as template.yaml says it is to be."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from tests.support.template import properties

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


def new_ledger_table(dynamodb: DynamoDBClient) -> str:
    """Make an empty table with the template's keys and index, under a unique name. Return the name."""
    ledger = properties("LedgerTable")
    name = f"ledger-{uuid4()}"
    dynamodb.create_table(
        TableName=name,
        BillingMode=ledger["BillingMode"],
        AttributeDefinitions=ledger["AttributeDefinitions"],
        KeySchema=ledger["KeySchema"],
        GlobalSecondaryIndexes=ledger["GlobalSecondaryIndexes"],
    )
    return name
