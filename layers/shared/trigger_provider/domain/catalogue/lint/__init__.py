"""All rules of Wix and of ours for a trigger file.

The JSON Schema `schemas/trigger-file.schema.json` checks the shape of the file and of its payload schema. Small
functions, one for each rule, check what a JSON Schema can't express. They run once the shape is right: those in
`payload_schema` are Wix's rules, those in `bindings` ours.
"""

from __future__ import annotations

import json
from functools import cache, reduce
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from jsonschema_rs import Draft7Validator, ValidationError

from trigger_provider.domain.catalogue.lint.bindings import BINDING_RULES
from trigger_provider.domain.catalogue.lint.payload_schema import PAYLOAD_SCHEMA_RULES
from trigger_provider.domain.payload.schema_errors import locate
from trigger_provider.errors import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def find_violations(document: object) -> tuple[Violation, ...]:
    """Return all violations of one parsed trigger file. Pointers start at the file's root."""
    violations = _find_shape_violations(document)
    if not violations and isinstance(document, dict):
        violations = [violation for rule in (*PAYLOAD_SCHEMA_RULES, *BINDING_RULES) for violation in rule(document)]
    return tuple(sorted(violations, key=lambda violation: (violation.pointer, violation.rule)))


def _find_shape_violations(document: object) -> list[Violation]:
    """Check the shape. JSON can escape half of a character and nest without end; no schema can check either."""
    try:
        json.dumps(document, ensure_ascii=False).encode()
        return list(_shape(document))
    except UnicodeEncodeError:
        return [Violation("", "unicode", "a string holds half of a surrogate pair")]
    except (RecursionError, ValueError):
        return [Violation("", "nesting", "the file is nested too deeply")]


@cache
def _file_schema() -> dict[str, Any]:
    file = files("trigger_provider") / "schemas" / "trigger-file.schema.json"
    schema: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return schema


@cache
def _file_validator() -> Draft7Validator:
    return Draft7Validator(_file_schema(), mask="the value")


def _shape(document: object) -> Iterator[Violation]:
    for error in _file_validator().iter_errors(document):
        *path, keyword = error.schema_path
        failed = _subschema(path)
        yield Violation(locate(error), failed.get("title", str(keyword)), _message(error, failed))


def _subschema(path: list[str | int]) -> Mapping[str, Any]:
    subschema: Mapping[str, Any] = reduce(lambda node, step: node[step], path, _file_schema())  # type: ignore[index]
    return subschema


def _message(error: ValidationError, failed: Mapping[str, Any]) -> str:
    described: str = failed.get("description", error.message)
    return described
