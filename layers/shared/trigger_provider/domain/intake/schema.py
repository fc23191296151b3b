"""Checks the shape of a request against `request.schema.json`, before its trigger is asked."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from jsonschema_rs import Draft7Validator, ValidationError, ValidationErrorKind

from trigger_provider.domain.payload.formats import FORMATS
from trigger_provider.domain.payload.json_pointer import UNDECLARED, pointer_to
from trigger_provider.domain.payload.schema import describe_type, locate
from trigger_provider.domain.payload.struct_values import is_unicode
from trigger_provider.errors import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def find_shape_violations(raw: object) -> Iterator[Violation]:
    """Return every fault of a request's shape; a value that isn't JSON at all is one.

    What stands in the payload is its trigger's matter, and may be large: the schema is not asked about it.
    """
    if isinstance(raw, dict) and isinstance(raw.get("payload"), dict):
        raw = {**raw, "payload": {}}
    try:
        for error in _shape().iter_errors(raw):
            yield from _find_violations(error)
        if isinstance(raw, dict):
            yield from _find_text_violations(raw)
    except (ValueError, RecursionError):
        yield Violation("", "json", "must be a JSON object that any JSON library can read")


def unknown_member(name: str, message: str) -> Violation:
    """Return the fault of a member that no document of ours has: its name may be anything."""
    return Violation(pointer_to([name]), "additionalProperties", message, pointer_to([UNDECLARED]))


def _find_violations(error: ValidationError) -> Iterator[Violation]:
    match error.kind:
        case ValidationErrorKind.Required(property=name):
            yield Violation(locate(error), "required", f"`{name}` is missing")
        case ValidationErrorKind.AdditionalProperties(unexpected=names):
            for name in names:
                yield unknown_member(name, "a request has no such member")
        case ValidationErrorKind.Format(format=name):
            yield Violation(locate(error), "format", FORMATS[name].describe(error.instance))
        case ValidationErrorKind.Type(types=names):
            yield Violation(locate(error), "type", describe_type(names, error.instance))
        case _:
            yield Violation(
                locate(error), error.kind.name, f"breaks the rule `{error.kind.name}` of request.schema.json"
            )


def _find_text_violations(raw: Mapping[str, object]) -> Iterator[Violation]:
    for name in ("entityId", "id"):
        text = raw.get(name)
        if isinstance(text, str) and not is_unicode(text):
            yield Violation(f"/{name}", "unicode", "a string must not hold half of a surrogate pair")


@cache
def _shape() -> Draft7Validator:
    schema = json.loads(files("trigger_provider").joinpath("schemas/request.schema.json").read_text("utf-8"))
    formats = {name: form.accepts for name, form in FORMATS.items()}
    return Draft7Validator(schema, formats=formats, validate_formats=True)
