"""Writes the table of the local Wix's switches into `docs/sandbox.md`; a test holds the page to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.sandbox.wix import Switches

PAGE = Path(__file__).parents[2] / "docs/sandbox.md"
TABLE = re.compile(r"^\| switch \|.*?\n\n", re.MULTILINE | re.DOTALL)


def table() -> str:
    """Return the table in Markdown: one line for each switch, with its default and its question."""
    return "\n".join(_lines())


def written(page: str) -> str:
    """Return the page with the table as it should be."""
    return TABLE.sub(lambda _: f"{table()}\n\n", page, count=1)


def _lines() -> Iterator[str]:
    yield "| switch | default | what it decides |"
    yield "| --- | --- | --- |"
    for name, default, question in Switches.describe():
        yield f"| `{name}` | `{default}` | {question} |"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text()))
