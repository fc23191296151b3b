"""Whether a payload may pass: Wix's rules for every payload (section 4.1), then the trigger's schema (section 5)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft7Validator, ValidationError

from tests.sandbox.wix.answers import refused
from tests.sandbox.wix.formats import checker
from tests.sandbox.wix.switches import Switches, Verdict

KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]*")
STATUS = {Verdict.REQUIRED_PROPERTY: 400, Verdict.SCHEMA_VALIDATION_FAILED: 428}


def runs(payload: Mapping[str, Any], schema: Mapping[str, Any], switches: Switches) -> bool:
    """Whether an event with this payload can start anything; raises `Refused` where the switches say so."""
    verdict, faults = _judge(payload, schema, switches)
    if verdict is None:
        return True
    if verdict is Verdict.RUNS_NOTHING:
        return False
    raise refused(STATUS[verdict], "; ".join(faults), code=verdict)


def _judge(
    payload: Mapping[str, Any], schema: Mapping[str, Any], switches: Switches
) -> tuple[Verdict | None, list[str]]:
    malformed = [f"{path}: not allowed" for path in _malformed(payload, "payload", switches, outer=True)]
    if malformed:
        return switches.malformed_payload, malformed
    formats = checker(lenient=switches.lenient_date_times, ascii_emails=not switches.unicode_emails_accepted)
    errors = list(Draft7Validator(schema, format_checker=formats).iter_errors(_without_nulls(payload)))
    missing = [_place(error) for error in errors if error.validator == "required"]
    if missing:
        return switches.missing_required, missing
    return (switches.schema_mismatch if errors else None), [_place(error) for error in errors]


def _malformed(members: Mapping[str, Any], path: str, switches: Switches, *, outer: bool) -> Iterator[str]:
    for name, value in members.items():
        here = f"{path}.{name}"
        if not KEY.fullmatch(name) or (value is None and not switches.null_values_accepted):
            yield here
        elif isinstance(value, dict) and outer and switches.first_level_objects_accepted:
            yield from _malformed(value, here, switches, outer=False)
        elif isinstance(value, list) and outer:
            yield from _malformed_items(value, here, switches)
        elif isinstance(value, dict | list):
            yield here


def _malformed_items(items: list[Any], path: str, switches: Switches) -> Iterator[str]:
    for index, item in enumerate(items):
        if isinstance(item, dict):
            yield from _malformed(item, f"{path}[{index}]", switches, outer=False)
        else:
            yield f"{path}[{index}]"


def _without_nulls(value: object) -> object:
    if isinstance(value, dict):
        return {name: _without_nulls(member) for name, member in value.items() if member is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _place(error: ValidationError) -> str:
    # The library's message of a missing property names the property; that of any other rule would show the value.
    rule = error.message if error.validator == "required" else error.validator
    return f"{error.json_path.replace('$', 'payload', 1)}: {rule}"
