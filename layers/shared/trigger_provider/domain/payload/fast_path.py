"""Accepts almost every good payload quickly. It gives no verdict on any other payload.

It uses a compiled schema that is stricter than the rules: only declared properties, strings that surely have their
format, and numbers that are surely exact. So Python code examines only a payload that may break a rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from jsonschema_rs import Draft7Validator

from trigger_provider.domain.payload.formats import FORMATS
from trigger_provider.domain.payload.struct_values import KEY_NAME, LARGEST_INTEGER

SureCheck: TypeAlias = Callable[[Mapping[str, object]], bool]

_PRIMITIVES: Final = ("string", "number", "boolean")
# A pattern makes the validator read a string, and so find half of a surrogate pair.
_VALUES: Final = {"pattern": "", "minimum": -LARGEST_INTEGER, "maximum": LARGEST_INTEGER}


def sure_check(schema: Mapping[str, Any]) -> SureCheck:
    """Return the quick check of a payload schema, and of the wire's rules. The schema must have passed `lint`."""
    return _check_by(_stricter(schema))


def sure_wire_check() -> SureCheck:
    """Return the quick check of the wire's rules alone."""
    primitive = {"type": _PRIMITIVES, **_VALUES}
    members = {"propertyNames": {"pattern": f"^(?:{KEY_NAME.pattern})$"}, "additionalProperties": primitive}
    item = {"type": "object", **members}
    first_level = {"type": (*_PRIMITIVES, "object", "array"), **_VALUES, **members, "items": item}
    return _check_by({**members, "additionalProperties": first_level})


def _check_by(schema: dict[str, Any]) -> SureCheck:
    validator = Draft7Validator(schema)

    def check(payload: Mapping[str, object]) -> bool:
        try:
            return validator.is_valid(payload)
        except (ValueError, RecursionError):  # what is no JSON, such as half of a surrogate pair
            return False

    return check


def _stricter(schema: Mapping[str, Any]) -> dict[str, Any]:
    match schema.get("type", _PRIMITIVES):
        case "object":
            members = {name: _stricter(inner) for name, inner in schema.get("properties", {}).items()}
            required = schema.get("required", [])
            return {"type": "object", "properties": members, "required": required, "additionalProperties": False}
        case "array":
            return {"type": "array", "items": _stricter(schema.get("items", {"type": "object"}))}
        case kinds:
            form = FORMATS.get(schema.get("format", ""))
            own = {"pattern": f"^(?:{form.surely})$"} if form else {}
            return {"type": kinds, **_VALUES, **own}
