"""JSON pointers (RFC 6901), by which every fault names its place."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST_STEP: Final = 100


def pointer_to(path: Iterable[str | int], *, below: str = "") -> str:
    """The pointer of a path, below another pointer.

    Names come from producers: a step is written in plain ASCII and cut after 100 characters, so that a pointer can
    stand in a log line or a message attribute whatever the name.
    """
    return below + "".join(f"/{_token(step)}" for step in path)


@lru_cache(maxsize=1_024)
def _token(step: str | int) -> str:
    printable = ascii(str(step))[1:-1][:_LONGEST_STEP]
    return printable.replace("~", "~0").replace("/", "~1")
