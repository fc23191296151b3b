"""Output for an operator, or for a program."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from trigger_provider.domain.payload.rfc3339 import format_seconds

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

MOST_LINES: Final = 20

Cells = Sequence[str]


def say_json(document: object) -> None:
    """Print a document as JSON."""
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def moment(milliseconds: int) -> str:
    """Return a time as RFC 3339 in UTC, to the second."""
    return format_seconds(milliseconds // 1_000)


def table(heads: Cells, rows: Sequence[Cells], limit: int = MOST_LINES) -> Iterator[str]:
    """Return the lines of a table, the first of many."""
    shown = [heads, *rows[:limit]]
    widths = [max(len(cells[at]) for cells in shown) for at in range(len(heads))]
    for cells in shown:
        yield "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
    if len(rows) > limit:
        yield f"… and {len(rows) - limit} more: --json shows all"


def counts(words: Iterable[str]) -> str:
    """Return how often each word occurs, the most frequent first."""
    return ", ".join(f"{count} {word}" for word, count in Counter(words).most_common()) or "nothing"


def bar(length: int, label: str) -> AbstractContextManager[Any]:
    """Return a progress bar. On a terminal it moves; elsewhere it prints only its label."""
    return click.progressbar(length=max(length, 1), label=label, file=sys.stderr)


def confirm(question: str, *, yes: bool) -> None:
    """Ask for a yes, unless --yes was given. Any other answer ends the command."""
    if not yes:
        click.confirm(question, abort=True, err=True)


def check_json(*, as_json: bool, dry_run: bool, yes: bool) -> None:
    """Refuse to ask a machine."""
    if as_json and not (dry_run or yes):
        raise click.UsageError("--json asks no questions: add --dry-run or --yes")
