"""How a row of the ledger looks in DynamoDB: every attribute bears the name of its field.

Beside the fields an item has its keys `pk` and `sk`, its `kind`, and, while the row waits for `again_at`, the
part of the index it waits in: `queue`. A field whose value says "nothing" has no attribute, and attributes
that this version doesn't know are left alone, so old and new versions can share a table.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from zlib import crc32

from trigger_provider.events import EntityRow, Intent, Occurrence, Row, RowKey, State, Transition
from trigger_provider.ports import SHARDS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef as Value

    Item = dict[str, Value]


def encode(row: Row) -> Item:
    """Give the item of a row, keys first. `expires_at` is in seconds there, as TTL wants it, and rounded up."""
    kind = _KIND_OF[type(row)]
    item: Item = {**encode_key(row.key), "kind": {"S": kind}}
    for name, write, _, nothing in _ATTRIBUTES[kind]:
        value = getattr(row, name)
        if value != nothing:
            item[name] = write(value)
    if row.again_at is not None:
        item["queue"] = {"S": queue(shard_of(row.key))}
    return item


def decode(item: Mapping[str, Value]) -> EntityRow | Occurrence:
    """Give the row of an item; fields that the item lacks have their defaults."""
    kind = item["kind"]["S"]
    values = {name: read(item[name]) for name, _, read, _ in _ATTRIBUTES[kind] if name in item}
    return _ROW_OF[kind](key=decode_key(item), **values)


def absent(item: Item) -> tuple[str, ...]:
    """Give the attributes that an item of this kind may have and this one hasn't."""
    return tuple(name for name in _OPTIONAL[item["kind"]["S"]] if name not in item)


def encode_key(key: RowKey) -> Item:
    """Give the primary key of a row."""
    return {"pk": {"S": key.partition}, "sk": {"S": key.row}}


def decode_key(item: Mapping[str, Value]) -> RowKey:
    """Give the row's key of an item, or of a part of it that holds the primary key."""
    return RowKey(item["pk"]["S"], item["sk"]["S"])


def shard_of(key: RowKey) -> int:
    """Give the part of the index a row waits in: the same for all rows of a partition, in every process."""
    return crc32(key.partition.encode()) % SHARDS


def queue(shard: int) -> str:
    """Give the index's key of one of its parts."""
    return f"due#{shard}"


class _Attribute(NamedTuple):
    name: str
    write: Callable[[Any], Value]
    read: Callable[[Value], Any]
    nothing: object


_NEVER = object()


def _text(name: str, nothing: object = _NEVER, read: Callable[[str], Any] = str) -> _Attribute:
    return _Attribute(name, lambda text: {"S": str(text)}, lambda value: read(value["S"]), nothing)


def _number(name: str, nothing: object = _NEVER) -> _Attribute:
    return _Attribute(name, lambda number: {"N": str(number)}, lambda value: int(value["N"]), nothing)


def _texts(name: str, write: Callable[[Any], str] = str, read: Callable[[str], Any] = str) -> _Attribute:
    return _Attribute(
        name,
        lambda members: {"L": [{"S": write(member)} for member in members]},
        lambda value: tuple(read(member["S"]) for member in value["L"]),
        (),
    )


_JSON = json.JSONEncoder(ensure_ascii=False)


def _write_transition(transition: Transition) -> str:
    line = [transition.at, transition.state, transition.reason, transition.wix_request_id]
    return _JSON.encode(line if transition.wix_request_id is not None else line[:3])


def _read_transition(line: str) -> Transition:
    at, state, reason, *rest = json.loads(line)
    return Transition(at, State(state), reason, *rest[:1])


# A transition is one string and not a map: boto3 spends a quarter of the time on it, and it takes fewer bytes.
_EVERY_ROW = (
    _text("site"),
    _text("trigger"),
    _text("state", read=State),
    _text("reason"),
    _number("accepted_at"),
    _Attribute(
        "expires_at",
        lambda milliseconds: {"N": str(-(-milliseconds // 1000))},
        lambda value: int(value["N"]) * 1000,
        _NEVER,
    ),
    _number("revision"),
    _number("accepted_revision"),
    _text("token", ""),
    _text("entity", None),
    _number("version", None),
    _text("payload", None),
    _number("acked_at", None),
    _texts("activation_ids"),
    _number("attempts"),
    _number("again_at", None),
    _texts("timeline", _write_transition, _read_transition),
)
_ATTRIBUTES = {
    "entity": (
        *_EVERY_ROW,
        _text("intent", read=Intent),
        _number("generation"),
        _number("acked"),
        _number("open_from"),
        _number("closes_at", None),
        _number("due", None),
        _number("swept", None),
        _texts("applied"),
    ),
    "occurrence": (
        *_EVERY_ROW,
        _text("occurrence"),
        _Attribute("closed", lambda flag: {"BOOL": flag}, lambda value: value["BOOL"], _NEVER),
    ),
}
_ROW_OF: dict[str, type[EntityRow | Occurrence]] = {"entity": EntityRow, "occurrence": Occurrence}
_KIND_OF: dict[type[Row], str] = {row: kind for kind, row in _ROW_OF.items()}
_OPTIONAL = {
    kind: ("queue", *(attribute.name for attribute in attributes if attribute.nothing is not _NEVER))
    for kind, attributes in _ATTRIBUTES.items()
}
