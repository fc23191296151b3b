"""Turns errors of a JSON Schema validator into violations: place, rule, and a message that quotes no value."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from jsonschema_rs import ValidationError, ValidationErrorKind

from trigger_provider.domain.payload.formats import FORMATS
from trigger_provider.domain.payload.json_pointer import UNDECLARED, pointer_to
from trigger_provider.errors import Violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_JSON_IN_A_TEXT: Final = re.compile(r"\s*+(?:\{.*\}|\[.*\])\s*", re.DOTALL)
_IN_WORDS: Final = {
    "string": "a string",
    "number": "a number",
    "integer": "an integer",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
}


def to_violations(error: ValidationError, schema: str) -> Iterator[Violation]:
    """Yield the violations of one schema error, one for each member it names. `schema` is the users' name for it."""
    place = locate(error)
    match error.kind:
        case ValidationErrorKind.Required(property=name):
            yield Violation(place, "required", f"`{name}` is missing")
        case ValidationErrorKind.AdditionalProperties(unexpected=names):
            for name in names:
                yield unknown_member(name, f"{schema} has no such member")
        case ValidationErrorKind.Format(format=name):
            yield Violation(place, "format", FORMATS[name].describe(error.instance))
        case ValidationErrorKind.Type(types=names):
            yield Violation(place, "type", describe_type(names, error.instance))
        case _:
            yield Violation(place, error.kind.name, f"breaks the rule `{error.kind.name}` of {schema}")


def locate(error: ValidationError) -> str:
    """Return the pointer of a schema error; that of a missing member is where the member should be."""
    missing = [error.kind.property] if isinstance(error.kind, ValidationErrorKind.Required) else []
    return pointer_to([*error.instance_path, *missing])


def unknown_member(name: str, message: str) -> Violation:
    """Return the violation of a member that our documents don't have. Its name may be any text."""
    return Violation(pointer_to([name]), "additionalProperties", message, pointer_to([UNDECLARED]))


def describe_type(names: Iterable[str], value: object) -> str:
    """Return what a value must be. If it is JSON inside a text, say so."""
    wanted = "must be " + " or ".join(_IN_WORDS[name] for name in names if name != "null")
    if isinstance(value, str) and not {"object", "array"}.isdisjoint(names) and _JSON_IN_A_TEXT.fullmatch(value):
        return f"{wanted}: this is JSON inside a text, so send what is in the text"
    return wanted
