"""How a row of the ledger is stored in DynamoDB: each attribute bears the name of its field.

Besides the fields, an item has its keys `pk` and `sk`, its `kind` and the number of its `format`. While the row has
`next_attempt_at`, `queue` is its key in the index. A field with an empty value has no attribute. A save leaves
attributes that this version doesn't know as they are, so old and new versions can share a table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trigger_provider.adapters.dynamodb.attributes import (
    NEVER,
    fixed,
    flag,
    members,
    number,
    read_calls,
    read_key,
    read_transition,
    seconds,
    text,
    write_calls,
    write_key,
    write_transition,
)
from trigger_provider.adapters.dynamodb.index import queue_of
from trigger_provider.domain.ledger.rows import (
    Intent,
    RealtimeEvent,
    RowKey,
    ScheduledEntity,
    State,
    Tombstone,
    VersionedItem,
)
from trigger_provider.domain.sites.site import SiteRow, SiteState
from trigger_provider.domain.sites.walk import WalkRow
from trigger_provider.errors import LedgerUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef as Value

    Item = dict[str, Value]


Stored = ScheduledEntity | Tombstone | RealtimeEvent | SiteRow | WalkRow

FORMAT: Final = "1"
"""The number of the format that this version writes, and the only one that it reads."""


def encode(row: VersionedItem) -> Item:
    """Return the item of a row, keys first. Its `expires_at` is in seconds, as DynamoDB's TTL needs it, rounded up."""
    kind = _KIND_OF[type(row)]
    item: Item = {**encode_key(row.key), "kind": {"S": kind}, "format": {"N": FORMAT}}
    for attribute in _ATTRIBUTES[kind]:
        value = getattr(row, attribute.name)
        if value != attribute.nothing:
            item[attribute.name] = attribute.write(value)
    if "next_attempt_at" in item:
        item["queue"] = {"S": queue_of(row)}
    return item


def decode(item: Mapping[str, Value]) -> Stored:
    """Return the row of an item. Fields that the item lacks have their defaults.

    Raise `LedgerUnavailable` for an item in another format: a version that knows the format can read it later.
    """
    kind, number_of_format = item["kind"]["S"], item["format"]["N"]
    if number_of_format != FORMAT:
        raise LedgerUnavailable(f"a row has format {number_of_format}, and this version reads format {FORMAT}")
    values = {each.name: each.read(item[each.name]) for each in _ATTRIBUTES[kind] if each.name in item}
    return _ROW_OF[kind](key=decode_key(item), **values)


def absent(item: Item) -> tuple[str, ...]:
    """Return the optional attributes that the item lacks: the stored item may have them, so a save removes them."""
    return tuple(name for name in _OPTIONAL[item["kind"]["S"]] if name not in item)


def changeable(item: Item) -> Item:
    """Return the attributes that a save may change: all but keys, kind, format and fixed fields."""
    fixed_names = _FIXED[item["kind"]["S"]]
    return {name: value for name, value in item.items() if name not in fixed_names}


def attributes_of(row: type[VersionedItem], without: frozenset[str]) -> tuple[str, ...]:
    """Return the names of a row's attributes but some, with its keys, kind and format."""
    return (
        "pk",
        "sk",
        "kind",
        "format",
        *(each.name for each in _ATTRIBUTES[_KIND_OF[row]] if each.name not in without),
    )


def encode_key(key: RowKey) -> Item:
    """Return the primary key of a row."""
    return {"pk": {"S": key.partition}, "sk": {"S": key.row}}


def decode_key(item: Mapping[str, Value]) -> RowKey:
    """Return the row's key, from an item or from any part of it that holds the primary key."""
    return RowKey(item["pk"]["S"], item["sk"]["S"])


_EVERY_ITEM = (seconds("expires_at"), number("revision"), text("token", ""))
_EVERY_KIND = (*_EVERY_ITEM, fixed(text("site")))
_EVERY_ROW = (
    *_EVERY_KIND,
    fixed(text("trigger")),
    fixed(text("entity", None)),
    text("state", read=State),
    text("reason"),
    number("accepted_revision"),
    number("attempts", 0),
    number("first_attempt_at", None),
    number("same_failure_count", 0),
    number("next_attempt_at", None),
    number("parked_at", None),
    number("resumed_at", None),
    members("timeline", write_transition, read_transition),
)
_EVERY_EVENT = (*_EVERY_ROW, number("acked_at", None), members("activation_ids"))
_ATTRIBUTES = {
    "scheduled_entity": (
        *_EVERY_EVENT,
        number("accepted_at"),
        number("version"),
        text("payload", None),
        text("intent", read=Intent),
        number("generation"),
        number("acked_generation"),
        number("acked_before", 0),
        number("oldest_open_generation"),
        number("second_cancel_at", None),
        number("due_at", None),
        members("seen_requests"),
    ),
    "tombstone": (
        *_EVERY_ROW,
        number("accepted_at"),
        number("version"),
        number("second_cancel_at", None),
        number("swept_version", None),
        text("sweep_position", ""),
        text("first_open_position", None),
    ),
    # An occurrence is reported as it was accepted. So these fields are fixed here, but not for an entity.
    "realtime_event": (
        *_EVERY_EVENT,
        fixed(text("occurrence")),
        fixed(number("accepted_at")),
        fixed(number("version", None)),
        fixed(text("payload", None)),
        flag("closed", nothing=False),
        number("cancel_refused_at", None),
    ),
    "site": (
        *_EVERY_KIND,
        text("state", read=SiteState),
        text("reason", ""),
        number("changed_at", 0),
        number("suspended_at", None),
        number("installed_at", None),
        number("removed_at", None),
        number("next_attempt_at", None),
        text("probe", None, read_key, write_key),
        number("probes", 0),
        text("calls", (), read_calls, write_calls),
        number("waits_until", None),
        number("waits", 0),
        number("consecutive_timeouts", 0),
        number("last_timeout_at", None),
        number("reserved_until", 0),
    ),
    "walk": (
        *_EVERY_ITEM,
        number("began_at", 0),
        number("finished_at", 0),
        text("position", None, read_key, write_key),
        flag("is_wanted", nothing=False),
    ),
}
_ROW_OF: dict[str, type[Stored]] = {
    "scheduled_entity": ScheduledEntity,
    "tombstone": Tombstone,
    "realtime_event": RealtimeEvent,
    "site": SiteRow,
    "walk": WalkRow,
}
_KIND_OF: dict[type[VersionedItem], str] = {row: kind for kind, row in _ROW_OF.items()}
_OPTIONAL = {
    kind: ("queue", *(each.name for each in attributes if each.nothing is not NEVER and not each.is_fixed))
    for kind, attributes in _ATTRIBUTES.items()
}
_FIXED = {
    kind: frozenset({"pk", "sk", "kind", "format", *(each.name for each in attributes if each.is_fixed)})
    for kind, attributes in _ATTRIBUTES.items()
}
