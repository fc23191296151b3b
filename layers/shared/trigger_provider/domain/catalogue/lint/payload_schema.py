"""Wix's rules for a payload schema beyond its shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from trigger_provider.domain.catalogue.lint.keywords import find_meant, is_known
from trigger_provider.domain.payload.json_pointer import pointer_to
from trigger_provider.domain.payload.schema import compile_schema
from trigger_provider.errors import Violation

_Document: TypeAlias = Mapping[str, Any]


def _required_properties_exist(document: _Document) -> Iterator[Violation]:
    for place, node in _objects(document["schema"], "/schema"):
        for index, name in enumerate(node.get("required", [])):
            if name not in node["properties"]:
                yield Violation(f"{place}/required/{index}", "required-exists", "there is no property of that name")


def _words_are_spelt_right(document: _Document) -> Iterator[Violation]:
    for place, node in walk(document["schema"], "/schema"):
        for word in node:
            if not is_known(word) and (meant := find_meant(word)) is not None:
                yield Violation(pointer_to([word], below=place), "keyword", f"no such keyword: is `{meant}` meant?")


def walk(node: _Document, place: str) -> Iterator[tuple[str, _Document]]:
    """Yield every schema in a payload schema: its own, those of its properties, and those of the items of lists."""
    yield place, node
    for name, inner in node.get("properties", {}).items():
        yield from walk(inner, pointer_to(["properties", name], below=place))
    if "items" in node:
        yield from walk(node["items"], f"{place}/items")


def _objects(node: _Document, place: str) -> Iterator[tuple[str, _Document]]:
    """Yield every object that a payload schema describes: the payload, its objects, and the items of its lists."""
    if "properties" in node:
        yield place, node
        for name, inner in node["properties"].items():
            yield from _objects(inner, pointer_to(["properties", name], below=place))
    if "items" in node:
        yield from _objects(node["items"], f"{place}/items")


def _due_date(document: _Document) -> Iterator[Violation]:
    schema, place = document["schema"], "/schema/properties"
    dates = [name for name, prop in schema["properties"].items() if prop.get("futureDate") is True]
    scheduled = document["kind"] == "scheduled"
    if scheduled and not dates:
        yield Violation(place, "future-date", "a scheduled trigger has one property with futureDate")
    for name in dates if not scheduled else dates[1:]:
        message = "a scheduled trigger has only one such property, a realtime one has none"
        yield Violation(pointer_to([name, "futureDate"], below=place), "future-date", message)
    if scheduled and dates and dates[0] not in schema.get("required", []):
        yield Violation("/schema/required", "future-date", f"`{dates[0]}` must be required: it says when")


def _one_contact(document: _Document) -> Iterator[Violation]:
    properties = document["schema"]["properties"]
    contacts = [name for name, prop in properties.items() if prop.get("identityType") == "contact"]
    for name in contacts[1:]:
        place = pointer_to([name, "identityType"], below="/schema/properties")
        yield Violation(place, "identity-type", "only one property may be the contact")


def _examples_fit(document: _Document) -> Iterator[Violation]:
    check = compile_schema(document["schema"])
    for name, prop in document["schema"]["properties"].items():
        place = pointer_to(["properties", name], below="/schema")
        samples = {f"{place}/examples/{index}": example for index, example in enumerate(prop.get("examples", []))}
        if "default" in prop:
            samples[f"{place}/default"] = prop["default"]
        for sample_place, sample in samples.items():
            if sample == "" and "format" in prop:  # as Wix's own schemas have it: no text is given
                continue
            yield from _find_violations_within(check({name: sample}), pointer_to([name]), sample_place)


def _find_violations_within(violations: tuple[Violation, ...], old: str, new: str) -> Iterator[Violation]:
    """Yield the violations of one property, moved to where its value is in the file. Ignore all others."""
    for violation in violations:
        if violation.pointer == old or violation.pointer.startswith(f"{old}/"):
            yield Violation(new + violation.pointer.removeprefix(old), violation.rule, violation.message)


PAYLOAD_SCHEMA_RULES: Final[tuple[Callable[[_Document], Iterator[Violation]], ...]] = (
    _words_are_spelt_right,
    _required_properties_exist,
    _due_date,
    _one_contact,
    _examples_fit,
)
