"""Writes payloads that are equal as JSON as equal texts."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from trigger_provider.domain.payload.struct_values import LARGEST_INTEGER

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAY_BE_WHOLE: Final = re.compile(r"[0-9]\.0[,}\]]")
"""How a float that is an integer stands in JSON, up to 10^16; a text may hold the same."""


def canonical_text(payload: Mapping[str, object]) -> str:
    """Return the payload as JSON: names in order, no blanks, and one spelling for `19`, `19.0` and `1.9e1`."""
    text = _write(payload)
    return _write(_plain(payload)) if _MAY_BE_WHOLE.search(text) else text


def _write(payload: object) -> str:
    return json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _plain(value: object) -> object:
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) <= LARGEST_INTEGER else value
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value
