"""One text for each payload, so that payloads that are equal as JSON are equal as texts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from trigger_provider.domain.payload.struct_values import LARGEST_INTEGER

if TYPE_CHECKING:
    from collections.abc import Mapping


def canonical_text(payload: Mapping[str, object]) -> str:
    """Return the payload as JSON: names in order, no blanks, and one spelling for `19`, `19.0` and `1.9e1`."""
    return json.dumps(_plain(payload), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _plain(value: object) -> object:
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) <= LARGEST_INTEGER else value
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value
