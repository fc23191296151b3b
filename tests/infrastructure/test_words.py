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
    "AnApp": "AppBackend",
    "announcement": "outcome",
    "announcements": "outcomes",
    "Book": "ActivationStore",
    "booked_until": "reserved_until",
    "BREAKAGES": "SABOTAGES",
    "breakages": "sabotages",
    "burying": "dead_letters",
    "closes_at": "second_cancel_at",
    "Delivering": "DeliveryHarness",
    "desk": "context",
    "Doors": "CallRules",
    "doorway": "handler",
    "EntityRow": "ScheduledEntity or Tombstone",
    "fate": "eligibility",
    "Hand": "AppDriver",
    "hand": "driver",
    "is_tombstone": "Tombstone",
    "Letter": "QueuedMessage",
    "lie": "find_contradiction",
    "mint": "fetch_token",
    "NotAsToldError": "UnmetExpectationError",
    "Occurrence": "RealtimeEvent",
    "open_from": "oldest_open_generation",
    "purse": "permits",
    "put_back": "requeue",
    "QUEUE_DEAF": "MESSAGE_CHANGE_REFUSED",
    "ROW_IN_TROUBLE": "ROW_TO_RETRY",
    "ROW_ONCE_MORE": "ROW_LAST_RETRY",
    "set_aside": "dead letter",
    "silences": "consecutive_timeouts",
    "silent_at": "last_timeout_at",
    "Stage": "Environment",
    "stage": "environment",
    "Stand": "WixHarness",
    "stories": "scenarios",
    "Story": "Scenario",
    "story": "scenario",
    "taken_up": "release_if_due",
    "Tale": "Narrator",
    "tale": "narrator",
    "truth": "expectation",
    "truths": "expectations",
    "Twin": "Fake",
    "twin": "fake",
    "wake_sites": "resume_sites",
    "WatchedLedger": "SpyLedger",
    "WatchedOutbox": "SpyOutbox",
    "weather": "fault_injection",
    "WEBHOOK_NOT_NEWS": "WEBHOOK_UNCHANGED",
    "Witness": "Observer",
    "witness": "observer",
    "Yard": "WixSite",
    "yard": "wix_site",
}
"""Names that were replaced, and the word that stands for each now."""

REPLACED_PARTS: Final = {
    *("breakage", "breakages", "bury", "burying", "deaf", "doorway", "doorways", "purse", "silenced", "stories"),
    *("story", "tale", "tales", "told", "twin", "twins", "upstairs", "waking", "weather", "wish", "witness", "woken"),
}
"""Words that no name holds as a part; only a sentence that names a test may say "told"."""

RIDDLES: Final = re.compile(r"\b(whoever|lest|be it|takes along)\b", re.IGNORECASE)
"""Words that a reader of English as a second language stumbles over."""

REPLACED_WORDS: Final = re.compile(
    r"\b(breakages?|doorways?|parked sites?|purses?|sites? (?:is|are|was|were) parked|stories|story|tales?|twins?|"
    r"upstairs|waking|weather|witness|woken)\b",
    re.IGNORECASE,
)
"""Words of ours for which the field has one, in docstrings and documents: a site is suspended, and a row is parked."""

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


def parts_of(name: str) -> set[str]:
    """Return the words of a name, in small letters."""
    parts = {part.lower() for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}
    return parts - {"told"} if name.startswith("test_") else parts


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
    parts = {(path, name) for path, used in names.items() for name in used if parts_of(name) & REPLACED_PARTS}
    assert sorted(parts) == []


def test_a_docstring_says_return_and_raise_in_words_that_everybody_knows(modules: Mapping[str, ast.AST]) -> None:
    texts = [(path, text) for path, tree in modules.items() for text in docstrings_of(tree)]
    assert [each for each in texts if each[1].startswith(("Give ", "Gives ", "Tell ", "Returns ", "Raises "))] == []
    assert [each for each in texts if re.search(r"\b(Raises|Returns) ", each[1])] == []
    assert [each for each in texts if RIDDLES.search(each[1]) or REPLACED_WORDS.search(each[1])] == []


def test_a_docstring_of_the_package_names_who_acts(modules: Mapping[str, ast.AST]) -> None:
    package = {path: tree for path, tree in modules.items() if not path.startswith("tests/")}
    assert {path for path, tree in package.items() if any(map(NOBODY.search, docstrings_of(tree)))} == set()


def test_the_documents_use_no_riddles() -> None:
    paths = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    texts = {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in sorted(paths)}
    assert "docs/guarantees.md" in texts
    assert [(path, riddle) for path, text in texts.items() for riddle in RIDDLES.findall(text)] == []
    assert [(path, riddle) for path, text in texts.items() for riddle in NOBODY.findall(text)] == []
    assert [(path, word) for path, text in texts.items() for word in REPLACED_WORDS.findall(text)] == []
