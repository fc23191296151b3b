"""Cuts a list into portions that a service takes at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")


def batches(
    items: Iterable[T], size: int, weight: Callable[[T], int] = lambda _: 0, heaviest: int = 0
) -> Iterator[list[T]]:
    """Cut items, in order, into lists of at most `size` items, each list of at most the weight `heaviest`.

    A single item that weighs more is a list of its own.
    """
    batch: list[T] = []
    load = 0
    for item in items:
        weighs = weight(item)
        if batch and (len(batch) == size or load + weighs > heaviest):
            yield batch
            batch, load = [], 0
        batch.append(item)
        load += weighs
    if batch:
        yield batch
