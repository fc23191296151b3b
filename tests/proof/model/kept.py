"""Values as small numbers: a state made of numbers is quick to hash, to compare and to sort."""

from __future__ import annotations

from typing import Any, Generic, TypeVar, cast

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

_values: list[Any] = []
_numbers: dict[Any, Kept[Any]] = {}


class Kept(int, Generic[T_co]):
    """The number of a value that was kept; equal values have one number, in this process."""

    @property
    def value(self) -> T_co:
        """Return the value itself."""
        return cast("T_co", _values[self])


def keep(value: T) -> Kept[T]:
    """Return the value's number. The value must never change."""
    known = _numbers.get((type(value), value))
    if known is None:
        known = _numbers[type(value), value] = Kept(len(_values))
        _values.append(value)
    return known


NOTHING: Kept[None] = keep(None)
