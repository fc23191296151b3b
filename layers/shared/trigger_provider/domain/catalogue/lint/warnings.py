"""Warnings: a trigger file that breaks no rule, but is very likely a mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

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
