"""JSON pointers (RFC 6901), by which every violation names its place."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

UNDECLARED: Final = "?"
"""Replaces, in a public pointer, a name that the schema does not declare: it may be a person's name."""

_LONGEST_STEP: Final = 100
_IN_PAYLOAD: Final = re.compile(r"(/payload)/\S+")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def pointer_to(path: Iterable[str | int], *, below: str = "") -> str:
    """Return the pointer of a path, below another pointer.

    Names come from producers. A name of more than 100 characters is cut, and ends in an ellipsis. An unpaired
    surrogate, which no encoding can write, becomes U+FFFD.
    """
    return below + "".join(f"/{_token(step)}" for step in path)


def public_pointer(pointer: str, schema: Mapping[str, Any]) -> str:
    """Return a pointer into a payload. From the first name that the schema does not declare on, each step is `?`."""
    node: Mapping[str, Any] | None = schema
    steps = []
    for step in pointer.split("/")[1:]:
        node = _child(node, step) if node is not None else None
        steps.append(UNDECLARED if node is None else step)
    return "".join(f"/{step}" for step in steps)


def public_reason(reason: str) -> str:
    """Return a reason of Wix's without the places in a payload that it names: no schema is at hand to ask."""
    return _IN_PAYLOAD.sub(rf"\1/{UNDECLARED}", reason)


def _child(node: Mapping[str, Any], step: str) -> Mapping[str, Any] | None:
    """Return the schema of a member or an item. A declared name has only letters, digits and `_`: none is escaped."""
    if "items" in node and step.isdecimal():
        items: Mapping[str, Any] = node["items"]
        return items
    child: Mapping[str, Any] | None = node.get("properties", {}).get(step)
    return child


@lru_cache(maxsize=1_024)
def _token(step: str | int) -> str:
    name = _SURROGATE.sub("\ufffd", str(step))
    if len(name) > _LONGEST_STEP:
        name = name[:_LONGEST_STEP] + "\u2026"
    return name.replace("~", "~0").replace("/", "~1")
