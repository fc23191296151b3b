"""A scenario, and what its narrator says: what came in, what the ledger says, what Wix received, line by line."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from trigger_provider.domain.ledger.ids import event_id
from trigger_provider.domain.ledger.rows import Row

if TYPE_CHECKING:
    from tests.sandbox.environment import Environment

TEXT_COLUMN: Final = 19
"""Where the text of a line begins in the brief form: after the seconds and the speaker."""


class UnmetExpectationError(AssertionError):
    """An expectation of a scenario did not hold."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the narrator: what happened, and what it speaks of."""

    who: str
    text: str
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(slots=True)
class Narrator:
    """Says what happens in one scenario, line by line, each under what it speaks of."""

    lines: list[Line] = field(default_factory=list)

    def came_in(self, text: str) -> None:
        """Add a line: what a producer sent."""
        self._add("in", text)

    def ledger(self, row: Row) -> None:
        """Add a line: what the ledger says of an event."""
        self._add("ledger", f"{event_id(row)}  {row.state}: {row.reason}")

    def wix(self, text: str) -> None:
        """Add a line: what Wix received or holds."""
        self._add("wix", text)

    def owner(self, text: str) -> None:
        """Add a line: what the site's owner does."""
        self._add("owner", text)

    def action(self, text: str) -> None:
        """Add a line: what somebody got to see."""
        self._add("action", text)

    def outcome(self, text: str) -> None:
        """Add a line: what was published."""
        self._add("outcome", text)

    def refused(self, text: str) -> None:
        """Add a line: what was refused."""
        self._add("refused", text)

    def expect(self, holds: object, sentence: str) -> None:
        """Add a line: a sentence that holds. Raise UnmetExpectationError if it does not hold."""
        if not holds:
            raise UnmetExpectationError(sentence)
        self._add("✓", sentence)

    def _add(self, who: str, text: str) -> None:
        self.lines.append(Line(who, text))


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario: a sentence, and how it is played in an environment."""

    sentence: str
    play: Callable[[Environment, Narrator], None]

    @property
    def name(self) -> str:
        """Return the short name by which a person asks for the scenario: its function's."""
        return self.play.__name__


def scenario(sentence: str) -> Callable[[Callable[[Environment, Narrator], None]], Scenario]:
    """Make a scenario of a function."""
    return lambda play: Scenario(sentence, play)


def format_lines(lines: Iterable[Line]) -> list[str]:
    """Return the lines whole, with the time of day, by which they are found again in other logs."""
    return [f"    {line.at:%H:%M:%S}.{line.at.microsecond // 1000:03}  {line.who:<8}{line.text}" for line in lines]


def format_briefly(lines: Sequence[Line], width: int) -> list[str]:
    """Return the lines in columns of that width, each with the seconds since the first."""
    wrapper = textwrap.TextWrapper(width, subsequent_indent=" " * TEXT_COLUMN, break_on_hyphens=False)
    spoken = [f"{(line.at - lines[0].at).total_seconds():7.1f} s  {line.who:<8}{line.text}" for line in lines]
    return [part for each in spoken for part in wrapper.wrap(each)]
