"""Durations in milliseconds, and waits that double."""

from __future__ import annotations

from typing import Final, TypeVar

SECOND: Final = 1_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

_MOST_DOUBLINGS: Final = 16

Duration = TypeVar("Duration", int, float)


def back_off(first: Duration, doublings: int, longest: Duration) -> Duration:
    """Return the wait after so many doublings of the first one, at most the longest."""
    return min(longest, first * (1 << min(max(doublings, 0), _MOST_DOUBLINGS)))
