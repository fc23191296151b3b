"""Builds triggers from the documents of trigger files, which must have passed `lint`. Reads no file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trigger_provider.domain.catalogue.expressions import compile_expression
from trigger_provider.domain.catalogue.trigger import Action, Binding, Kind, Trigger, VersionKind
from trigger_provider.domain.payload.schema import compile_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jmespath.parser import ParsedResult


def trigger_of(document: Mapping[str, Any]) -> Trigger:
    """Return the trigger that a file describes. The file must have passed the trigger rules."""
    schema = _as_wix_keeps_it(document["schema"])
    version_kind = VersionKind(document["version"])
    return Trigger(
        key=document["key"],
        name=document["name"],
        kind=Kind(document["kind"]),
        version_kind=version_kind,
        schema=schema,
        bindings=tuple(
            _binding_of(document["key"], version_kind, binding, detail_type)
            for binding in document["bindings"]
            for detail_type in binding["detailTypes"]
        ),
        due_property=_due_property(schema),
        check=compile_schema(schema),
        gate=document.get("gate", False),
    )


def _as_wix_keeps_it(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema with further properties allowed, because Wix overwrites that keyword."""
    return {**schema, "additionalProperties": True} if schema.get("additionalProperties") is False else schema


def _binding_of(key: str, version_kind: VersionKind, document: Mapping[str, Any], detail_type: str) -> Binding:
    """Return a binding. Its id defaults to the envelope's id, and a version that is a time to the envelope's time."""
    fallbacks = {"id": "id", "version": "time" if version_kind is VersionKind.TIME else None}
    names = ("instanceId", "entityId", "version", "id")
    members = {name: document.get(name, fallbacks.get(name)) for name in names}
    return Binding(
        trigger_key=key,
        source=document["source"],
        detail_type=detail_type,
        action=Action(document["action"]),
        members=_compile(members),
        payload=_compile(document.get("payload", {})),
    )


def _compile(expressions: Mapping[str, str | None]) -> Mapping[str, ParsedResult]:
    return {name: compile_expression(text) for name, text in expressions.items() if text is not None}


def _due_property(schema: Mapping[str, Any]) -> str | None:
    dates = (name for name, prop in schema["properties"].items() if prop.get("futureDate") is True)
    return next(dates, None)
