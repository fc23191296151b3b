"""Reads the bodies of Wix's answers.

Wix does not document every shape of a body, so nothing here relies on one. A missing scalar is zero, false or empty,
and a value of the wrong kind counts as missing. Words are cut to harmless characters.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trigger_provider.domain.payload.json_text import NotJsonError, read_json

if TYPE_CHECKING:
    from collections.abc import Iterator

_LISTS_OF_ITEMS = {"eventsInfo", "events_info", "externalEntityIds", "external_entity_ids"}
MOST_DETAILS = 100
"""At most this many entries of a list are read."""


def parse(content: bytes) -> object:
    """Return the JSON of a body, or None if the body is no JSON."""
    try:
        return read_json(content)
    except NotJsonError:
        return None


def at(body: object, *path: str) -> object:
    """Return the value under these names, each inside the one before."""
    for name in path:
        body = body.get(name) if isinstance(body, dict) else None
    return body


def members(value: object) -> list[object]:
    """Return the members of a list."""
    return value if isinstance(value, list) else []


def number(value: object) -> int | None:
    """Return an integer: 0 if it is missing, None if the value is no integer."""
    if value is None:
        return 0
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def word(value: object) -> str:
    """Return at most 64 letters, digits, dots, dashes and underscores of a string."""
    return re.sub(r"[^A-Za-z0-9_.-]", "", value[:256])[:64] if isinstance(value, str) else ""


def error_code(body: object) -> str:
    """Return the code of a failed call, Wix's own or OAuth's (RFC 6749, 5.2); empty if there is none."""
    return word(at(body, "details", "applicationError", "code")) or word(at(body, "error")) or _code_in_message(body)


def _code_in_message(body: object) -> str:
    """Return the code with which a message of Wix Data begins, such as `WDE0117: …`."""
    message = at(body, "message")
    match = re.match(r"WDE[0-9]{4}\b", message) if isinstance(message, str) else None
    return match[0] if match else ""


def violations(body: object) -> Iterator[tuple[int | None, str]]:
    """Return each violation as pointer and rule, with the index of the bulk item that the pointer leads into."""
    for violation in members(at(body, "details", "validationError", "fieldViolations"))[:MOST_DETAILS]:
        field, rule = at(violation, "field"), word(at(violation, "violatedRule"))
        path = re.findall(r"[A-Za-z0-9_-]+", field[:256]) if isinstance(field, str) else []
        match path:
            case ["eventsInfo" | "events_info" | "externalEntityIds" | "external_entity_ids", index, *rest] if (
                re.fullmatch("[0-9]{1,3}", index)
            ):
                yield int(index), f"/{'/'.join(rest or path[:1])[:64]} {rule}".strip()
            case _:
                yield None, f"/{'/'.join(path)[:64]} {rule}".strip()
