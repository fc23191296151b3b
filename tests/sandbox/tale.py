"""How a story is told: what came in, what the ledger says, what Wix received, line by line."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from trigger_provider.events import Row
from trigger_provider.ids import event_id

if TYPE_CHECKING:
    from tests.sandbox.stage import Stage


class NotAsToldError(AssertionError):
    """The story went otherwise."""


@dataclass(slots=True)
class Tale:
    """The lines of one story, each under what it speaks of."""

    lines: list[tuple[str, str, str]] = field(default_factory=list)

    def came_in(self, text: str) -> None:
        """Tell what a producer sent."""
        self._add("in", text)

    def ledger(self, row: Row) -> None:
        """Tell what the ledger says of an event."""
        self._add("ledger", f"{event_id(row)}  {row.state}: {row.reason}")

    def wix(self, text: str) -> None:
        """Tell what Wix received or holds."""
        self._add("wix", text)

    def owner(self, text: str) -> None:
        """Tell what the site's owner does."""
        self._add("owner", text)

    def action(self, text: str) -> None:
        """Tell what somebody got to see."""
        self._add("action", text)

    def outcome(self, text: str) -> None:
        """Tell what was published."""
        self._add("outcome", text)

    def refused(self, text: str) -> None:
        """Tell what was refused."""
        self._add("refused", text)

    def expect(self, holds: object, sentence: str) -> None:
        """Hold the story to a sentence."""
        if not holds:
            raise NotAsToldError(sentence)
        self._add("✓", sentence)

    def _add(self, who: str, text: str) -> None:
        self.lines.append((datetime.now(UTC).strftime("%H:%M:%S.%f")[:-3], who, text))


@dataclass(frozen=True, slots=True)
class Story:
    """One story: a sentence, and how it is played on a stage."""

    sentence: str
    play: Callable[[Stage, Tale], None]


def story(sentence: str) -> Callable[[Callable[[Stage, Tale], None]], Story]:
    """Make a story of a function."""
    return lambda play: Story(sentence, play)


def told(lines: Iterable[tuple[str, str, str]]) -> str:
    """Give the lines as a person reads them."""
    return "\n".join(f"    {at}  {who:<8}{text}" for at, who, text in lines)
