"""The words of the source: names say what they hold, docstrings begin alike, and words that were replaced stay away."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
FOLDERS: Final = ("functions", "layers/shared/trigger_provider", "tests")

EMPTY_NAMES: Final = {"one", "told", "found"}
"""Names of variables that say nothing of what they hold."""

REPLACED: Final = {
    "acked": "acked_generation",
    "again_at": "next_attempt_at",
    "alike": "same_failure_count",
    "booked_until": "reserved_until",
    "breakages": "sabotages",
    "burying": "dead_letters",
    "closes_at": "second_cancel_at",
    "desk": "context",
    "doorway": "handler",
    "is_tombstone": "Tombstone",
    "lie": "find_contradiction",
    "open_from": "oldest_open_generation",
    "put_back": "requeue",
    "purse": "permits",
    "set_aside": "dead letter",
    "silences": "consecutive_timeouts",
    "silent_at": "last_timeout_at",
    "stage": "environment",
    "Stage": "Environment",
    "stories": "scenarios",
    "story": "scenario",
    "taken_up": "release_if_due",
    "tale": "narrator",
    "truths": "expectations",
    "twin": "fake",
    "wake_sites": "resume_sites",
    "weather": "fault_injection",
    "witness": "observer",
    "EntityRow": "ScheduledEntity or Tombstone",
    "Occurrence": "RealtimeEvent",
}
"""Names that were replaced, and the word that stands for each now."""

RIDDLES: Final = re.compile(r"\b(whoever|lest|be it|takes along)\b", re.IGNORECASE)
"""Words that a reader of English as a second language stumbles over."""

NOBODY: Final = re.compile(r"\bnobody\b", re.IGNORECASE)
"""A sentence about nobody hides who acts. The package and the documents name the actor."""


def names_of(tree: ast.AST) -> Iterator[str]:
    """Yield each name that the module gives to a variable, a parameter, a function, a class or an attribute."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield name
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name


def docstrings_of(tree: ast.AST) -> Iterator[str]:
    """Yield each docstring of the module, its classes and its functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and (text := ast.get_docstring(node)):
            yield text


@pytest.fixture(scope="module")
def modules() -> Mapping[str, ast.AST]:
    """Return each module of the project by its path, parsed once for all tests."""
    paths = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text("utf-8")) for path in paths}


def test_a_name_says_what_it_holds_in_the_words_of_the_field(modules: Mapping[str, ast.AST]) -> None:
    names = {path: set(names_of(tree)) for path, tree in modules.items()}
    assert {path: empty for path, used in names.items() if (empty := used & EMPTY_NAMES)} == {}
    assert {path: replaced for path, used in names.items() if (replaced := used & REPLACED.keys())} == {}


def test_a_docstring_says_return_and_raise_in_words_that_everybody_knows(modules: Mapping[str, ast.AST]) -> None:
    texts = [(path, text) for path, tree in modules.items() for text in docstrings_of(tree)]
    assert [each for each in texts if each[1].startswith(("Give ", "Gives ", "Tell ", "Returns ", "Raises "))] == []
    assert [each for each in texts if re.search(r"\b(Raises|Returns) ", each[1])] == []
    assert [each for each in texts if RIDDLES.search(each[1])] == []


def test_a_docstring_of_the_package_names_who_acts(modules: Mapping[str, ast.AST]) -> None:
    package = {path: tree for path, tree in modules.items() if not path.startswith("tests/")}
    assert {path for path, tree in package.items() if any(map(NOBODY.search, docstrings_of(tree)))} == set()


def test_the_documents_use_no_riddles() -> None:
    paths = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    texts = {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in sorted(paths)}
    assert "docs/guarantees.md" in texts
    assert [(path, riddle) for path, text in texts.items() for riddle in RIDDLES.findall(text)] == []
    assert [(path, riddle) for path, text in texts.items() for riddle in NOBODY.findall(text)] == []
