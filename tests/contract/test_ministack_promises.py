"""What the ledger relies on in DynamoDB, seen in MiniStack: the local AWS is young, and each of these holds it up.

moto gives a second opinion on what it can. Where the two disagree, and with AWS's documentation, is in
tests/support/aws_differences.py. Messages are in test_ministack_messages.py, permissions in
test_ministack_permissions.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.support.moto_aws import put_items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import BatchStatementRequestTypeDef, BatchStatementResponseTypeDef

    from tests.sandbox.aws import Clients

pytest_plugins = ["tests.support.aws"]


@pytest.fixture
def clients(cloud: Clients) -> Clients:
    return cloud


def insert(table: str, key: str, **values: int | str) -> BatchStatementRequestTypeDef:
    names = ["pk", "sk", *values]
    parameters: list[dict[str, str]] = [{"S": key}, {"S": key}, *(typed(value) for value in values.values())]
    members = ",".join(f"'{name}':?" for name in names)
    return {"Statement": f'INSERT INTO "{table}" VALUE {{{members}}}', "Parameters": parameters}


def item(key: str, **values: int | str) -> dict[str, Any]:
    """Return an item with the same text in both parts of its key."""
    return {name: typed(value) for name, value in {"pk": key, "sk": key, **values}.items()}


def update(table: str, key: str, revision: int) -> BatchStatementRequestTypeDef:
    """Raise the revision of a row, if it is `revision`, and remove what no row has."""
    return {
        "Statement": f'UPDATE "{table}" SET "revision" = ? REMOVE "queue" '  # noqa: S608 - a test's own words
        'WHERE "pk" = ? AND "sk" = ? AND "revision" = ?',
        "Parameters": [typed(revision + 1), typed(key), typed(key), typed(revision)],
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def typed(value: int | str) -> dict[str, str]:
    return {"N": str(value)} if isinstance(value, int) else {"S": value}


def run(clients: Clients, *statements: BatchStatementRequestTypeDef) -> list[BatchStatementResponseTypeDef]:
    return clients.dynamodb.batch_execute_statement(Statements=statements)["Responses"]


def test_an_insert_over_a_row_fails_alone_as_a_duplicate(clients: Clients, ledger_table: str) -> None:
    run(clients, insert(ledger_table, "a", revision=1))
    old, new = run(clients, insert(ledger_table, "a", revision=7), insert(ledger_table, "b", revision=1))
    assert old["Error"]["Code"] == "DuplicateItem"
    assert "Error" not in new


def test_an_update_of_another_revision_fails_alone_and_shows_the_row(clients: Clients, ledger_table: str) -> None:
    run(clients, insert(ledger_table, "a", revision=1), insert(ledger_table, "b", revision=1))
    stale, good = run(clients, update(ledger_table, "a", 5), update(ledger_table, "b", 1))
    assert stale["Error"]["Code"] == "ConditionalCheckFailed"
    assert stale["Error"]["Item"] == {"pk": {"S": "a"}, "sk": {"S": "a"}, "revision": {"N": "1"}}
    assert "Error" not in good


def test_an_update_never_makes_a_row(clients: Clients, ledger_table: str) -> None:
    (missing,) = run(clients, update(ledger_table, "nobody", 1))
    assert missing["Error"]["Code"] == "ConditionalCheckFailed"
    assert "Item" not in missing["Error"]
    assert clients.dynamodb.scan(TableName=ledger_table)["Count"] == 0


def test_a_batch_holds_25_statements_and_no_more(clients: Clients, ledger_table: str) -> None:
    statements = [insert(ledger_table, str(number)) for number in range(26)]
    assert len(run(clients, *statements[:25])) == 25
    with pytest.raises(ClientError, match="ValidationException"):
        run(clients, *statements)


def test_the_index_holds_only_rows_with_its_keys_oldest_first(clients: Clients, ledger_table: str) -> None:
    waiting = [item(key, queue="due#0", next_attempt_at=at) for key, at in (("b", 9), ("c", 100), ("a", 10))]
    others = [item("d", revision=1), item("e", queue="due#1", next_attempt_at=1)]
    put_items(clients.dynamodb, ledger_table, [*waiting, *others])
    page = clients.dynamodb.query(
        TableName=ledger_table,
        IndexName="unsettled",
        KeyConditionExpression="#queue = :queue AND next_attempt_at <= :now",
        ExpressionAttributeNames={"#queue": "queue"},
        ExpressionAttributeValues={":queue": {"S": "due#0"}, ":now": {"N": "99"}},
    )
    assert [item["pk"]["S"] for item in page["Items"]] == ["b", "a"]


def read(clients: Clients, table: str, keys: list[str]) -> list[dict[str, Any]]:
    request: Any = {table: {"Keys": [{"pk": {"S": key}, "sk": {"S": key}} for key in keys], "ConsistentRead": True}}
    items: list[dict[str, Any]] = clients.dynamodb.batch_get_item(RequestItems=request)["Responses"][table]
    return items


def test_a_read_of_many_rows_sees_what_was_just_written(clients: Clients, ledger_table: str) -> None:
    put_items(clients.dynamodb, ledger_table, (item(str(number)) for number in range(25)))
    assert len(read(clients, ledger_table, [str(number) for number in range(100)])) == 25


@pytest.mark.parametrize(
    "keys", [[str(number) for number in range(101)], ["a", "a"]], ids=["over a hundred", "a repeated one"]
)
def test_a_read_of_many_rows_refuses(clients: Clients, ledger_table: str, keys: list[str]) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        read(clients, ledger_table, keys)
