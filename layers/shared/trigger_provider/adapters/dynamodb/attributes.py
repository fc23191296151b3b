"""How fields are stored as attributes in DynamoDB: text, numbers and lists, each with its writer and its reader."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from trigger_provider.domain.ledger.rows import RowKey, State, Transition

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef as Value

    from trigger_provider.domain.sites.site import Calls

NEVER: Final = object()

_JSON: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class Attribute(NamedTuple):
    """A field, its writer and reader, and the value `nothing`, for which no attribute is stored.

    A fixed field never changes in a row's life. It is written when the row is inserted, and not again.
    """

    name: str
    write: Callable[[Any], Value]
    read: Callable[[Value], Any]
    nothing: object
    is_fixed: bool = False


def text(
    name: str, nothing: object = NEVER, read: Callable[[str], Any] = str, write: Callable[[Any], str] = str
) -> Attribute:
    """Make an attribute of text."""
    return Attribute(name, lambda value: {"S": write(value)}, lambda value: read(value["S"]), nothing)


def fixed(attribute: Attribute) -> Attribute:
    """Make an attribute that never changes."""
    return attribute._replace(is_fixed=True)


def number(name: str, nothing: object = NEVER) -> Attribute:
    """Make an attribute of an integer."""
    return Attribute(name, lambda number: {"N": str(number)}, lambda value: int(value["N"]), nothing)


def members(name: str, write: Callable[[Any], Any] = str, read: Callable[[Any], Any] = str) -> Attribute:
    """Make an attribute of a list, as JSON in one text: boto3 takes far more time for a list of DynamoDB's own."""
    return Attribute(
        name,
        lambda several: {"S": _JSON.encode([write(member) for member in several])},
        lambda value: tuple(read(member) for member in json.loads(value["S"])),
        (),
    )


def flag(name: str, nothing: object = NEVER) -> Attribute:
    """Make an attribute that is true or false."""
    return Attribute(name, lambda flag: {"BOOL": flag}, lambda value: value["BOOL"], nothing)


def seconds(name: str) -> Attribute:
    """Make an attribute of a time that DynamoDB reads: stored in seconds, rounded up; in the row in milliseconds."""
    return Attribute(
        name,
        lambda milliseconds: {"N": str(-(-milliseconds // 1000))},
        lambda value: int(value["N"]) * 1000,
        NEVER,
    )


def write_transition(transition: Transition) -> Sequence[object]:
    """Return a line of a history as a list, without the request id if there is none."""
    return transition if transition.wix_request_id is not None else transition[:3]


def read_transition(line: Sequence[Any]) -> Transition:
    """Return the line that `write_transition` has written."""
    at, state, reason, *rest = line
    return Transition(at, State(state), reason, *rest[:1])


def write_key(key: RowKey) -> str:
    """Return the key of another row as text. A partition holds no space."""
    return f"{key.partition} {key.row}"


def read_key(text: str) -> RowKey:
    """Return the key that `write_key` has written."""
    return RowKey(*text.split(" ", 1))


def write_calls(calls: Calls) -> str:
    """Return a log of calls as text: the first second whole, then each entry by its distance in seconds from there."""
    first = calls[0][0] if calls else 0
    return " ".join([str(first), *(f"{second - first}:{count}" for second, count in calls)])


def read_calls(text: str) -> Calls:
    """Return the log that `write_calls` has written."""
    first, *rest = text.split(" ")
    pairs = (entry.split(":") for entry in rest)
    return tuple((int(first) + int(distance), int(count)) for distance, count in pairs)
