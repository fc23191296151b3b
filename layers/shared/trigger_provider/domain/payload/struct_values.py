"""What the wire to Wix can carry. This holds for every schema, because undeclared properties are always allowed.

A payload has properties. A property is a string, a number, a boolean, an object of these, or a list of such objects.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final, TypeAlias

from trigger_provider.domain.payload.json_pointer import pointer_to
from trigger_provider.errors import Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_Path: TypeAlias = tuple[str | int, ...]

LARGEST_INTEGER: Final = 2**53
"""A payload is a protobuf Struct at Wix. Its numbers are doubles, which hold every integer exactly up to here."""

KEY_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]*")
"""The names of properties that Wix accepts; it must match the whole name."""

_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def find_wire_violations(payload: Mapping[str, object]) -> Iterator[Violation]:
    """Return a violation for each name and value of the payload that can't be sent. Pointers start at its root."""
    return _members(payload, (), _first_level)


def is_unicode(text: str) -> bool:
    """Return whether a string holds only whole characters. JSON can escape half of a surrogate pair."""
    return _SURROGATE.search(text) is None


def is_key_name(name: object) -> bool:
    """Return whether Wix accepts this as the name of a property."""
    return isinstance(name, str) and KEY_NAME.fullmatch(name) is not None


def _members(
    members: Mapping[str, object], path: _Path, faults_of: Callable[[object, _Path], Iterator[Violation]]
) -> Iterator[Violation]:
    for name, member in members.items():
        if is_key_name(name):
            yield from faults_of(member, (*path, name))
        else:
            message = "a property's name has only A-Z a-z 0-9 _ and doesn't start with _"
            yield Violation(pointer_to((*path, name)), "key-name", message)


def _first_level(value: object, path: _Path) -> Iterator[Violation]:
    if isinstance(value, dict):
        yield from _members(value, path, _primitive)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _item(item, (*path, index))
    else:
        yield from _primitive(value, path)


def _item(value: object, path: _Path) -> Iterator[Violation]:
    if isinstance(value, dict):
        yield from _members(value, path, _primitive)
    else:
        yield Violation(pointer_to(path), "nesting", "the items of a list must be objects")


def _primitive(value: object, path: _Path) -> Iterator[Violation]:
    broken = _find_broken_rule(value)
    if broken is not None:
        yield Violation(pointer_to(path), *broken)


def _find_broken_rule(value: object) -> tuple[str, str] | None:
    match value:
        case str() if not is_unicode(value):
            return "unicode", "a string must not hold half of a surrogate pair"
        case int() if abs(value) > LARGEST_INTEGER:
            return "double", "an integer beyond 2^53 is not exact at Wix: send it as a string"
        case float() if not math.isfinite(value):
            return "finite", "a number must be finite"
        case str() | int() | float():
            return None
        case dict() | list():
            return "nesting", "at the second level only strings, numbers and booleans are allowed"
        case _:
            return "type", "must be a string, number, boolean, list or object"
