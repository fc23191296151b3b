"""Checks the shape of a request against `request.schema.json`, before its trigger is asked."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from jsonschema_rs import Draft7Validator

from trigger_provider.domain.payload.formats import FORMATS
from trigger_provider.domain.payload.schema_errors import to_violations
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
            yield from to_violations(error, "request.schema.json")
        if isinstance(raw, dict):
            yield from _find_text_violations(raw)
    except (ValueError, RecursionError):
        yield Violation("", "json", "must be a JSON object that any JSON library can read")


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
