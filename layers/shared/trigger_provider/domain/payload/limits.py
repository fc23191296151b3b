"""How large a payload may be, in values and in bytes: one beyond that is looked at no further."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_PAYLOAD_BYTES: Final = 128 * 1024
"""What a payload may measure as JSON in UTF-8: a ledger row, DynamoDB's item, holds at most 400 KB."""

MOST_PAYLOAD_VALUES: Final = 5_000
"""How many values a payload may have: those of its lists and objects count, and nulls do."""


def has_too_many_values(payload: Mapping[str, object]) -> bool:
    """Count as deep as a payload may be nested."""
    first = [value for value in payload.values() if isinstance(value, dict | list)]
    second = [item for value in first if isinstance(value, list) for item in value if isinstance(item, dict)]
    return len(payload) + sum(map(len, first)) + sum(map(len, second)) > MOST_PAYLOAD_VALUES


def has_too_many_bytes(payload: Mapping[str, object]) -> bool:
    """Measure a payload as JSON. A payload that JSON can't hold breaks other rules, not this one."""
    try:
        text = json.dumps(payload, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")
    except (ValueError, RecursionError):
        return False
    return len(text) > MOST_PAYLOAD_BYTES
