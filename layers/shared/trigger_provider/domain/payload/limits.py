"""How large a payload may be, in values and in bytes. A larger payload is not examined further."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_PAYLOAD_BYTES: Final = 128 * 1024
"""The limit of a payload as JSON in UTF-8. A ledger row is an item of DynamoDB, which holds at most 400 KB."""

MOST_PAYLOAD_VALUES: Final = 5_000
"""The limit of values in a payload, including those of its lists and objects, and nulls."""


def has_too_many_values(payload: Mapping[str, object]) -> bool:
    """Count the values, down to the deepest level that a payload may have."""
    first = [value for value in payload.values() if isinstance(value, dict | list)]
    second = [item for value in first if isinstance(value, list) for item in value if isinstance(item, dict)]
    return len(payload) + sum(map(len, first)) + sum(map(len, second)) > MOST_PAYLOAD_VALUES


def has_too_many_bytes(payload: Mapping[str, object]) -> bool:
    """Measure a payload as JSON. A payload that JSON can't express breaks other rules, not this one."""
    try:
        text = json.dumps(payload, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")
    except (ValueError, RecursionError):
        return False
    return len(text) > MOST_PAYLOAD_BYTES
