"""The rules for bindings: their requests must be ones that intake can accept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from trigger_provider.domain.catalogue.lint.expressions import find_faults
from trigger_provider.domain.catalogue.reserved_names import OWN_SOURCE, REQUEST_DETAIL_TYPE
from trigger_provider.domain.payload.json_pointer import pointer_to
from trigger_provider.errors import Violation

_Document: TypeAlias = Mapping[str, Any]

_EXPRESSIONS: Final = ("instanceId", "entityId", "version", "id")


def _expressions_give_json(document: _Document) -> Iterator[Violation]:
    for place, binding in _bindings(document):
        expressions = {f"{place}/{name}": binding[name] for name in _EXPRESSIONS if name in binding}
        mapped = binding.get("payload", {}).items()
        expressions |= {pointer_to(["payload", name], below=place): text for name, text in mapped}
        for expression_place, text in expressions.items():
            for fault in find_faults(text):
                yield Violation(expression_place, "jmespath", fault)


def _payload_is_mapped(document: _Document) -> Iterator[Violation]:
    schema = document["schema"]
    for place, binding in _bindings(document):
        if binding["action"] != "report":
            continue
        for name in binding["payload"]:
            if name not in schema["properties"]:
                pointer = pointer_to(["payload", name], below=place)
                yield Violation(pointer, "payload-exists", "the schema has no such property")
        for name in schema.get("required", []):
            if name not in binding["payload"]:
                pointer = pointer_to(["payload", name], below=place)
                yield Violation(pointer, "payload-required", "the schema requires this property")


def _entity_is_named(document: _Document) -> Iterator[Violation]:
    cancels = any(binding["action"] == "cancel" for _, binding in _bindings(document))
    if document["kind"] == "scheduled" or cancels:
        for place, binding in _bindings(document):
            if "entityId" not in binding:
                message = "what is scheduled or can be cancelled names its entity, in every binding"
                yield Violation(f"{place}/entityId", "entity", message)


def _version_is_given(document: _Document) -> Iterator[Violation]:
    for place, binding in _bindings(document):
        if document["version"] == "integer" and "entityId" in binding and "version" not in binding:
            yield Violation(f"{place}/version", "version", "an integer version can't be taken from the event's time")


def _nothing_of_our_own(document: _Document) -> Iterator[Violation]:
    for place, binding in _bindings(document):
        if binding["source"] == OWN_SOURCE:
            yield Violation(f"{place}/source", "own-source", "what we publish ourselves must not come back in")
        for index, detail_type in enumerate(binding["detailTypes"]):
            if detail_type == REQUEST_DETAIL_TYPE:
                message = "this detail-type is for requests, which need no binding"
                yield Violation(f"{place}/detailTypes/{index}", "own-detail-type", message)


def _one_binding_per_event(document: _Document) -> Iterator[Violation]:
    seen: Counter[tuple[str, str]] = Counter()
    for place, binding in _bindings(document):
        for index, detail_type in enumerate(binding["detailTypes"]):
            event = (binding["source"], detail_type)
            seen[event] += 1
            if seen[event] > 1:
                message = "another binding of this trigger takes the same event"
                yield Violation(f"{place}/detailTypes/{index}", "one-binding", message)


def _bindings(document: _Document) -> Iterator[tuple[str, _Document]]:
    return ((f"/bindings/{index}", binding) for index, binding in enumerate(document["bindings"]))


BINDING_RULES: Final[tuple[Callable[[_Document], Iterator[Violation]], ...]] = (
    _expressions_give_json,
    _payload_is_mapped,
    _entity_is_named,
    _version_is_given,
    _nothing_of_our_own,
    _one_binding_per_event,
)
