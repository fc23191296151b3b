"""Checks payloads: against what the wire to Wix can carry, and against the trigger's schema.

Every violation is listed, up to `MOST_VIOLATIONS`. No message holds anything that isn't in the schema. A value that the
wire can't carry is one violation, and the schema does not check it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import chain, islice
from typing import Any, Final, TypeAlias

from jsonschema_rs import Draft7Validator

from trigger_provider.domain.payload.fast_path import sure_check, sure_wire_check
from trigger_provider.domain.payload.formats import FORMATS
from trigger_provider.domain.payload.json_pointer import pointer_to
from trigger_provider.domain.payload.schema_errors import to_violations
from trigger_provider.domain.payload.struct_values import find_wire_violations, is_key_name
from trigger_provider.errors import MOST_VIOLATIONS, Violation

Check: TypeAlias = Callable[[Mapping[str, object]], tuple[Violation, ...]]

_DEPTH: Final = 2  # of the values in a payload: nothing nested deeper can be right
_ASSERTIONS: Final = ("type", "format", "required")


def compile_schema(schema: Mapping[str, Any]) -> Check:
    """Return the check of one payload schema, which must have passed the trigger rules.

    Pointers start at the payload's root. The pointer of a missing property is where the property should be.
    """
    is_surely_good, is_surely_carried = sure_check(schema), sure_wire_check()
    formats = {name: form.accepts for name, form in FORMATS.items()}
    validator = Draft7Validator(_assertions(schema), formats=formats, validate_formats=True)

    def check(payload: Mapping[str, object]) -> tuple[Violation, ...]:
        if is_surely_good(payload):
            return ()
        refused = () if is_surely_carried(payload) else tuple(islice(find_wire_violations(payload), MOST_VIOLATIONS))
        if len(refused) == MOST_VIOLATIONS:
            return _in_order(refused)
        unasked = {violation.pointer for violation in refused}
        asked = _leave_out(payload, unasked, "") if refused else dict(payload)
        errors = chain.from_iterable(to_violations(error, "the schema") for error in validator.iter_errors(asked))
        asked_faults = (violation for violation in errors if violation.pointer not in unasked)
        return _in_order((*refused, *islice(asked_faults, MOST_VIOLATIONS - len(refused))))

    return check


def without_nulls(payload: Mapping[str, object]) -> dict[str, object]:
    """Return a copy without properties that are null, because Wix documents no meaning of null.

    It goes no deeper than a payload may be nested, because deeper values are refused anyway.
    """
    return {name: _without_nulls(value, _DEPTH) for name, value in payload.items() if value is not None}


def _assertions(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema without annotations, so that none of them, such as `$id`, changes the check.

    A format without a rule of ours is an annotation.
    """
    kept: dict[str, Any] = {word: schema[word] for word in _ASSERTIONS if word in schema}
    if kept.get("format") not in FORMATS:
        kept.pop("format", None)
    if "properties" in schema:
        kept["properties"] = {name: _assertions(inner) for name, inner in schema["properties"].items()}
    if "items" in schema:
        kept["items"] = _assertions(schema["items"])
    return kept


def _in_order(violations: tuple[Violation, ...]) -> tuple[Violation, ...]:
    return tuple(sorted(violations, key=lambda violation: (violation.pointer, violation.rule)))


def _leave_out(value: object, pointers: set[str], pointer: str) -> object:
    """Return the payload for the schema's check: without refused names, and with null for refused values."""
    if pointer in pointers:
        return None
    if isinstance(value, Mapping):
        members = ((name, pointer_to([name], below=pointer), member) for name, member in value.items())
        return {name: _leave_out(member, pointers, place) for name, place, member in members if is_key_name(name)}
    if isinstance(value, list):
        return [_leave_out(item, pointers, pointer_to([index], below=pointer)) for index, item in enumerate(value)]
    return value


def _without_nulls(value: object, depth: int) -> object:
    if depth and isinstance(value, dict):
        members = ((name, member) for name, member in value.items() if member is not None)
        return {name: _without_nulls(member, depth - 1) for name, member in members}
    if depth and isinstance(value, list):
        return [_without_nulls(item, depth - 1) for item in value]
    return value
