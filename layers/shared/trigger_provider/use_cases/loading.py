"""How rows are loaded where one row that can't be read must not stop the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Generic, NamedTuple, TypeVar

from trigger_provider.errors import RowsUnavailable

Key = TypeVar("Key")
Item = TypeVar("Item")


class Loaded(NamedTuple, Generic[Key, Item]):
    """The rows that exist and can be read, and the keys of those that can't be read."""

    rows: Mapping[Key, Item]
    unavailable: frozenset[Key]


def load_available(load: Callable[[Iterable[Key]], Mapping[Key, Item]], keys: Iterable[Key]) -> Loaded[Key, Item]:
    """Load rows by a port of the table. Raise `LedgerUnavailable` if the table does not answer at all."""
    try:
        return Loaded(load(keys), frozenset())
    except RowsUnavailable as error:
        return Loaded(error.rows, error.keys)
