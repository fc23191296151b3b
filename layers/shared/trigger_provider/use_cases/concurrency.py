"""Calls a function for many items at the same time, so that a worker waits for AWS and Wix once, not for each item."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Item = TypeVar("Item")
Result = TypeVar("Result")

MOST_AT_ONCE: Final = 16


class MapConcurrently(Protocol):
    """A way to call a function for all items. When it returns or raises, all calls have ended."""

    def __call__(self, do: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
        """Return the results in the order of the items."""


class Tried(NamedTuple, Generic[Result]):
    """The results of the items that went well, and the errors of all others."""

    results: list[Result]
    errors: tuple[Exception, ...]


def try_each(do: Callable[[Item], Result], items: Sequence[Item], spread: MapConcurrently) -> Tried[Result]:
    """Call `do` for all items. An error of one item keeps no other item from its call."""

    def attempt(item: Item) -> Result | _Failure:
        try:
            return do(item)
        except Exception as error:  # noqa: BLE001 - the caller raises it once all items have had their call
            return _Failure(error)

    tried = spread(attempt, items)
    return Tried(
        [result for result in tried if not isinstance(result, _Failure)],
        tuple(failure.error for failure in tried if isinstance(failure, _Failure)),
    )


class _Failure(NamedTuple):
    error: Exception


def map_concurrently(
    do: Callable[[Item], Result], items: Sequence[Item], most_at_once: int = MOST_AT_ONCE
) -> list[Result]:
    """Call `do` for all items, in threads; if only one may run at once, in the present thread. Keep the items' order.

    If calls raise, wait for all calls, then raise the error of the first item in order. The threads stay for the next
    time: starting new ones would take a tenth of a batch's processor time. Each value of `most_at_once` has its own
    threads. So `do` may itself use this function with another value.
    """
    if len(items) <= 1 or most_at_once == 1:
        return [do(item) for item in items]
    calls = [_threads(most_at_once).submit(do, item) for item in items]
    wait(calls)
    return [call.result() for call in calls]


@cache
def _threads(count: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(count)
