"""Reading payloads by path, and filling templates: `{{var("contact.name.first")}}`, as Wix writes its placeholders."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

PLACEHOLDER = re.compile(r'\{\{var\("([^"]*)"\)\}\}')
ANY_ITEM = "[0]"


def values_at(data: object, path: str) -> tuple[Any, ...]:
    """All values at a dotted path, none if it leads nowhere; `[0]` after a name goes through every item."""
    pair: tuple[Any, ...] = (data,)
    for part in path.split("."):
        name = part.removesuffix(ANY_ITEM)
        pair = tuple(each[name] for each in pair if isinstance(each, Mapping) and name in each)
        if part.endswith(ANY_ITEM):
            pair = tuple(item for each in pair if isinstance(each, list) for item in each)
    return pair


def value_at(data: object, path: str) -> Any:  # noqa: ANN401 - any JSON
    """The one value at a path; None if there is none or more than one."""
    pair = values_at(data, path)
    return pair[0] if len(pair) == 1 else None


def filled(template: str, data: object) -> str:
    """The text with each placeholder replaced; what isn't there is left empty."""
    return PLACEHOLDER.sub(lambda match: _text(value_at(data, match[1])), template)


def filled_value(template: str, data: object) -> Any:  # noqa: ANN401 - any JSON
    """As above, but a template that is one placeholder and nothing else keeps the value's type."""
    only = PLACEHOLDER.fullmatch(template)
    return value_at(data, only[1]) if only else filled(template, data)


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
