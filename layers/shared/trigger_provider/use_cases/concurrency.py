"""Ways to do one thing for each of some groups."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Group = TypeVar("Group")

MOST_AT_ONCE: Final = 16


class MapConcurrently(Protocol):
    """A way to do something for all groups: when it returns, all is done."""

    def __call__(self, do: Callable[[Group], None], groups: Sequence[Group]) -> None: ...


def map_concurrently(do: Callable[[Group], None], groups: Sequence[Group]) -> None:
    """Do it for all groups at once, in threads that have ended when this returns; for a single one without any."""
    if len(groups) <= 1:
        for group in groups:
            do(group)
        return
    with ThreadPoolExecutor(min(len(groups), MOST_AT_ONCE)) as pool:
        list(pool.map(do, groups))
