"""What orders the requests of an entity: which versions a request may give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trigger_provider.domain.catalogue.trigger import VersionKind
from trigger_provider.domain.durations import DAY
from trigger_provider.domain.payload.formats import FORMATS
from trigger_provider.domain.payload.rfc3339 import is_moment, parse_nanoseconds
from trigger_provider.errors import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

OUT_OF_RANGE: Final = "must lie in the years 1970 to 9999 of UTC"

_LARGEST: Final = 2**63 - 1
_FIRST_DOUBTFUL: Final = 2**53
"""From here on a double may stand for several integers: 2^53 + 1, written with a point, is read as 2^53."""
_NANOSECONDS: Final = 1_000_000
_FAR: Final = 100


def find_version_violations(version: float | str, kind: VersionKind, now: int) -> Iterator[Violation]:
    """Return why a version can't order anything. `now` is in milliseconds.

    A time that lies far ahead would make all that comes after it stale: milliseconds that were taken for seconds do.
    """
    if isinstance(version, str) != (kind is VersionKind.TIME):
        wanted = "an RFC 3339 date-time" if kind is VersionKind.TIME else "an integer"
        yield Violation("/version", "version-kind", f"versions of this trigger are {wanted}")
    elif isinstance(version, str):
        yield from _find_time_violations(version, now)
    elif abs(version) > _LARGEST:
        yield Violation("/version", "maximum", "a version has at most 63 bits")
    elif not isinstance(version, int) and abs(version) >= _FIRST_DOUBTFUL:
        yield Violation("/version", "double", "a version from 2^53 on is exact only without point and exponent")


def is_far_behind(version: int | None, known: int | None) -> bool:
    """Return whether a version is so far behind the one that is known that they are hardly counted alike.

    An entity whose version was once given in milliseconds among seconds takes nothing any more.
    """
    return version is not None and known is not None and 0 < version * _FAR <= known


def _find_time_violations(version: str, now: int) -> Iterator[Violation]:
    form = FORMATS["date-time"]
    if not form.accepts(version):
        yield Violation("/version", "format", form.describe(version))
    elif not is_moment(version):
        yield Violation("/version", "range", f"a version {OUT_OF_RANGE}")
    elif parse_nanoseconds(version) > (now + DAY) * _NANOSECONDS:
        yield Violation("/version", "ahead", "a version that is a time must not lie more than a day ahead")
