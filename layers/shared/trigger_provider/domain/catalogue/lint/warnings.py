"""Warnings: a trigger file that breaks no rule, but is very likely a mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trigger_provider.domain.catalogue.lint.keywords import is_known
from trigger_provider.domain.catalogue.lint.payload_schema import walk
from trigger_provider.domain.payload.json_pointer import pointer_to
from trigger_provider.errors import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NO_ID: Final = (
    "without an id of the business an event is known by the envelope's: a producer that sends it again, as SDKs do "
    'after a time-out, reports it twice. "id" alone says that there is none'
)


def find_warnings(document: Mapping[str, Any]) -> Iterator[Violation]:
    """Return the warnings about a trigger file that breaks no rule."""
    for index, binding in enumerate(document["bindings"]):
        if document["kind"] == "realtime" and binding["action"] == "report" and "id" not in binding:
            yield Violation(f"/bindings/{index}/id", "id", _NO_ID)
    yield from _find_schema_warnings(document["schema"])


def _find_schema_warnings(schema: Mapping[str, Any]) -> Iterator[Violation]:
    if schema.get("additionalProperties") is False:
        yield Violation("/schema/additionalProperties", "additionalProperties", "Wix overwrites this with true")
    for name, prop in schema["properties"].items():
        if "examples" not in prop:
            place = pointer_to(["properties", name], below="/schema")
            yield Violation(f"{place}/examples", "examples", "Wix asks for an example of each first-level property")
    for place, node in walk(schema, "/schema"):
        for word in node:
            if not is_known(word):
                message = "neither Wix nor JSON Schema has such a keyword: it changes nothing here"
                yield Violation(pointer_to([word], below=place), "keyword", message)
