"""Tables as far as the contenders use them: rows by key, conditions by revision, and the units that AWS would bill.

It is no DynamoDB: `tests/contract` holds the adapter to one. What it keeps is what a contender's effect is checked by.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from typing import Any

Item = dict[str, Any]
Answer = dict[str, Any]

_WRITE_UNIT = 1_024
_READ_UNIT = 4_096
_ROW_OVERHEAD = 3
_PROJECTED = ("pk", "sk", "queue", "next_attempt_at", "accepted_at", "revision", "second_cancel_at", "site", "version")
_SET = re.compile(r'SET "(\w+)" = \?')
_REMOVE = re.compile(r'REMOVE "(\w+)"')
_WHERE = re.compile(r'"(\w+)" = \?')
_TABLE = re.compile(r'"([^"]+)"')
_NAME = re.compile(r"'(\w+)': \?")


class Refused(Exception):
    """The condition of a write does not hold; the argument is the error's code."""


class Tables:
    """All tables, made when they are first written to; `units` counts what was read and written."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[tuple[str, ...], Item]] = defaultdict(dict)
        self.units: Counter[str] = Counter()
        self._indexed: dict[str | None, list[Item]] = {}

    def call(self, operation: str, request: dict[str, Any]) -> Answer:
        """Answer one call of the API."""
        answer: Answer = getattr(self, f"_{_snake(operation)}")(request)
        return answer

    def _batch_get_item(self, request: dict[str, Any]) -> Answer:
        values: dict[str, list[Item]] = {}
        for table, wanted in request["RequestItems"].items():
            values[table] = [item for key in wanted["Keys"] if (item := self._read(table, key)) is not None]
        return {"Responses": values, "UnprocessedKeys": {}}

    def _get_item(self, request: dict[str, Any]) -> Answer:
        item = self._read(request["TableName"], request["Key"])
        return {} if item is None else {"Item": item}

    def _query(self, request: dict[str, Any]) -> Answer:
        if "IndexName" in request:
            return self._index(request)
        partition = request["ExpressionAttributeValues"].get(":partition")
        items = [item for item in self.rows[request["TableName"]].values() if item.get("pk") == partition]
        return {"Items": items, "Count": len(items), "ScannedCount": len(items)}

    def _index(self, request: dict[str, Any]) -> Answer:
        """Return the entries of one key of the index as of the first query, the earliest first, in one page."""
        queue = request["ExpressionAttributeValues"][":queue"]
        if not self._indexed:
            for item in self.rows[request["TableName"]].values():
                self._indexed.setdefault(item.get("queue", {}).get("S"), []).append(item)
        rows = sorted(self._indexed.get(queue["S"], ()), key=lambda item: int(item["next_attempt_at"]["N"]))
        items = [{name: item[name] for name in _PROJECTED if name in item} for item in rows[: request["Limit"]]]
        return {"Items": items, "Count": len(items), "ScannedCount": len(items)}

    def _batch_execute_statement(self, request: dict[str, Any]) -> Answer:
        return {"Responses": [self._statement(each) for each in request["Statements"]]}

    def _put_item(self, request: dict[str, Any]) -> Answer:
        table, item = request["TableName"], request["Item"]
        if "ConditionExpression" in request and _key(item) in self.rows[table]:
            raise Refused("ConditionalCheckFailedException")
        self._write(table, item)
        return {}

    def _update_item(self, request: dict[str, Any]) -> Answer:
        """Apply assignments of values to names, which is all that the usual handler's library asks for."""
        table, key = request["TableName"], request["Key"]
        names, values = request.get("ExpressionAttributeNames", {}), request["ExpressionAttributeValues"]
        pairs = (each.split("=") for each in request["UpdateExpression"].removeprefix("SET ").split(","))
        changes = {names.get(name.strip(), name.strip()): values[value.strip()] for name, value in pairs}
        self._write(table, {**self.rows[table].get(_key(key), key), **changes})
        return {}

    def _delete_item(self, request: dict[str, Any]) -> Answer:
        self.rows[request["TableName"]].pop(_key(request["Key"]), None)
        return {}

    def _statement(self, statement: dict[str, Any]) -> Answer:
        text, values = statement["Statement"], list(statement["Parameters"])
        (table, *_), verb = _TABLE.findall(text), text.split(" ", 1)[0]
        try:
            (self._insert if verb == "INSERT" else self._update)(table, text, values)
        except Refused as refused:
            return {"Error": {"Code": str(refused)}}
        return {"TableName": table}

    def _insert(self, table: str, text: str, values: list[Any]) -> None:
        item = dict(zip(_NAME.findall(text), values, strict=True))
        if _key(item) in self.rows[table]:
            raise Refused("DuplicateItem")
        self._write(table, item)

    def _update(self, table: str, text: str, values: list[Any]) -> None:
        changes, _, where = text.partition(" WHERE ")
        names = _SET.findall(changes)
        wanted = dict(zip(_WHERE.findall(where), values[len(names) :], strict=True))
        stored = self.rows[table].get(_key(wanted))
        if stored is None or any(stored.get(name) != value for name, value in wanted.items()):
            raise Refused("ConditionalCheckFailed")
        item = {**stored, **dict(zip(names, values, strict=False))}
        self._write(table, {name: value for name, value in item.items() if name not in _REMOVE.findall(changes)})

    def _read(self, table: str, key: Item) -> Item | None:
        item = self.rows[table].get(_key(key))
        self.units["read"] += -(-size_of(item or key) // _READ_UNIT)
        return item

    def _write(self, table: str, item: Item) -> None:
        """Write a row; a write costs by the larger of what is there before and after."""
        before = self.rows[table].get(_key(item), {})
        self.units["write"] += -(-max(size_of(before), size_of(item)) // _WRITE_UNIT)
        if "queue" in before or "queue" in item:
            self.units["index write"] += 1 if before.get("queue") == item.get("queue") or "queue" not in before else 2
        self.units["row bytes"] += size_of(item)
        self.units["rows written"] += 1
        self.rows[table][_key(item)] = item


def size_of(item: Item) -> int:
    """Return a row's size as DynamoDB counts it: names, values, and a little for a list and each of its members."""
    return sum(len(name.encode()) + _size(value) for name, value in item.items())


def _size(value: Any) -> int:  # noqa: ANN401 - an attribute value of any type
    ((kind, inner),) = value.items()
    if kind == "L":
        return _ROW_OVERHEAD + sum(1 + _size(member) for member in inner)
    if kind == "M":
        return _ROW_OVERHEAD + sum(1 + len(name.encode()) + _size(member) for name, member in inner.items())
    if kind == "N":
        return len(inner.lstrip("-")) // 2 + 1
    return len(inner.encode()) if kind == "S" else len(json.dumps(inner)) if kind == "B" else 1


def _key(item: Item) -> tuple[str, ...]:
    """Return the primary key: the ledger's two parts, or the one of the usual handler's table."""
    return tuple(item[name]["S"] for name in ("pk", "sk", "id") if name in item)


def _snake(operation: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()
