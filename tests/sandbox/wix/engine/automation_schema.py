"""The shape of an automation in JSON, as a schema in draft-07; the greatest numbers are those of Wix's builder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.sandbox.wix.engine.automations import TEXTS, Kind
from tests.sandbox.wix.engine.durations import MOST, Unit

MOST_FILTERS = 5
MOST_ACTIONS = 45
LONGEST_NAME = 100

_TEXT = {"type": "string", "minLength": 1}
_DURATION = {
    "type": "object",
    "properties": {"amount": {"type": "integer", "minimum": 1}, "unit": {"enum": list(Unit)}},
    "required": ["amount", "unit"],
    "additionalProperties": False,
    "allOf": [
        {"if": {"properties": {"unit": {"const": unit}}}, "then": {"properties": {"amount": {"maximum": most}}}}
        for unit, most in MOST.items()
    ],
}


def _action(kind: Kind) -> dict[str, Any]:
    webhook = {"body": {"type": "object", "additionalProperties": _TEXT}} if kind is Kind.WEBHOOK else {}
    return {
        "type": "object",
        "properties": {"kind": {"const": kind}, "delay": _DURATION, **dict.fromkeys(TEXTS[kind], _TEXT), **webhook},
        "required": ["kind", *TEXTS[kind]],
        "additionalProperties": False,
    }


SCHEMA: Mapping[str, Any] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME},
        "appId": _TEXT,
        "triggerKey": _TEXT,
        "status": {"enum": ["ACTIVE", "INACTIVE"]},
        "filters": {
            "type": "array",
            "maxItems": MOST_FILTERS,
            "items": {
                "type": "object",
                "properties": {
                    "fieldKey": _TEXT,
                    "values": {"type": "array", "minItems": 1, "items": {"type": ["string", "number", "boolean"]}},
                },
                "required": ["fieldKey", "values"],
                "additionalProperties": False,
            },
        },
        "scheduledEventOffset": _DURATION,
        "rateLimit": {
            "type": "object",
            "properties": {
                "maxActivations": {"type": "integer", "minimum": 1},
                "duration": _DURATION,
                "uniqueIdentifier": _TEXT,
            },
            "required": ["maxActivations"],
            "additionalProperties": False,
        },
        "actions": {
            "type": "array",
            "minItems": 1,
            "maxItems": MOST_ACTIONS,
            "items": {
                "type": "object",
                "properties": {"kind": {"enum": list(Kind)}},
                "required": ["kind"],
                "allOf": [
                    {
                        "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
                        "then": _action(kind),
                    }
                    for kind in Kind
                ],
            },
        },
    },
    "required": ["name", "triggerKey", "actions"],
    "additionalProperties": False,
}
