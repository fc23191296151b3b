"""The catalogue as files: one JSON file for each trigger, in their own layer."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from trigger_provider.domain.catalogue.builder import trigger_of
from trigger_provider.domain.catalogue.lint import find_violations
from trigger_provider.domain.catalogue.lint.warnings import find_warnings
from trigger_provider.domain.catalogue.trigger import Catalogue, Trigger, catalogue_of
from trigger_provider.domain.payload.json_pointer import pointer_to
from trigger_provider.domain.payload.json_text import NotJsonError, read_json
from trigger_provider.errors import InvalidCatalogue, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable
    from pathlib import Path

_REPEATED: Final = object()


def load_catalogue(directory: Traversable | Path) -> Catalogue:
    """Read every `*.json` of the directory, which is `importlib.resources.files("triggers")` in Lambda.

    Raise `InvalidCatalogue` with the violations of all files.
    """
    triggers: dict[str, Trigger] = {}
    violations: list[tuple[str, Violation]] = []
    for file in _trigger_files(directory):
        document, broken = _read(file)
        violations += ((file.name, violation) for violation in broken)
        if not broken:
            triggers[document["key"]] = trigger_of(document)
    if not triggers and not violations:
        violations.append(("*.json", Violation("", "empty", "there is no trigger file")))
    if violations:
        raise InvalidCatalogue(violations)
    return catalogue_of(triggers)


def find_doubts(directory: Traversable | Path) -> list[tuple[str, Violation]]:
    """Return the warnings about a catalogue that can be loaded, each with the name of its file."""
    read = ((file.name, _read(file)[0]) for file in _trigger_files(directory))
    return [(name, doubt) for name, document in read for doubt in find_warnings(document)]


def _trigger_files(directory: Traversable | Path) -> list[Traversable]:
    entries: Iterator[Traversable] = (entry for entry in directory.iterdir() if entry.name.endswith(".json"))
    return sorted(entries, key=lambda entry: entry.name)


def _read(file: Traversable) -> tuple[Any, tuple[Violation, ...]]:
    try:
        document = read_json(file.read_bytes().decode(), _mark_repeated)
        repeated = tuple(_find_repeated(document, ""))
    except (ValueError, RecursionError) as error:
        line = f" (line {error.line})" if isinstance(error, NotJsonError) and error.line else ""
        return None, (Violation("", "json", f"the file is not JSON in UTF-8{line}"),)
    return document, repeated or (*_file_name(file.name, document), *find_violations(document))


def _file_name(name: str, document: object) -> Iterator[Violation]:
    if isinstance(document, dict) and name != f"{document.get('key')}.json":
        yield Violation("/key", "file-name", "a trigger file is named after its key")


def _mark_repeated(members: list[tuple[str, object]]) -> dict[str, object]:
    times = Counter(name for name, _ in members)
    return {name: value if times[name] == 1 else _REPEATED for name, value in members}


def _find_repeated(node: object, place: str) -> Iterator[Violation]:
    if node is _REPEATED:
        yield Violation(place, "repeated", "this name is given more than once in its object")
    steps = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, inner in steps:
        yield from _find_repeated(inner, pointer_to([step], below=place))
