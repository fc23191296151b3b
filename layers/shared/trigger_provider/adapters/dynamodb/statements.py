"""The PartiQL that saves or deletes a row, on condition that its stored revision is the expected one.

Values are parameters, since a statement holds at most 8,192 characters. Names stand in the text itself. Their
combinations are few, so one statement serves many rows.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from trigger_provider.adapters.dynamodb.items import absent, changeable, encode, encode_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import BatchStatementRequestTypeDef as Statement

    from trigger_provider.domain.ledger.rows import VersionedItem, Waiting


def saving(table: str, row: VersionedItem) -> Statement:
    """Return the statement that saves a row: it inserts revision 1, and updates the item for any other revision.

    If DynamoDB refuses an update, its answer holds the stored item.
    """
    item = encode(row)
    if row.revision == 1:
        return {"Statement": _insert(table, tuple(item)), "Parameters": [*item.values()]}
    changes = changeable(item)
    return {
        "Statement": _update(table, tuple(changes), absent(item)),
        "Parameters": [*changes.values(), item["pk"], item["sk"], {"N": str(row.revision - 1)}],
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def ending_wait(table: str, waiting: Waiting, token: str) -> Statement:
    """Return the statement that removes a row's wait, if the row still has the revision that the index has shown."""
    revision, key = waiting.revision, encode_key(waiting.key)
    return {
        "Statement": f'UPDATE "{table}" SET "revision" = ? SET "token" = ? REMOVE "next_attempt_at" REMOVE "queue" '  # noqa: S608 - the template's name
        'WHERE "pk" = ? AND "sk" = ? AND "revision" = ?',
        "Parameters": [{"N": str(revision + 1)}, {"S": token}, *key.values(), {"N": str(revision)}],
    }


def deleting(table: str, row: VersionedItem) -> Statement:
    """Return the statement that deletes a row at its revision."""
    key = encode_key(row.key)
    return {
        "Statement": f'DELETE FROM "{table}" WHERE "pk" = ? AND "sk" = ? AND "revision" = ?',  # noqa: S608 - the template's name
        "Parameters": [*key.values(), {"N": str(row.revision)}],
    }


@lru_cache(maxsize=256)
def _insert(table: str, names: tuple[str, ...]) -> str:
    values = ", ".join(f"'{name}': ?" for name in names)
    return f'INSERT INTO "{table}" VALUE {{{values}}}'


@lru_cache(maxsize=256)
def _update(table: str, names: tuple[str, ...], absent_names: tuple[str, ...]) -> str:
    changes = [f'SET "{name}" = ?' for name in names]
    changes += [f'REMOVE "{name}"' for name in absent_names]
    return f'UPDATE "{table}" {" ".join(changes)} WHERE "pk" = ? AND "sk" = ? AND "revision" = ?'
