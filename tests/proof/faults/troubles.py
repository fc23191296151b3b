"""What goes wrong at Wix: a script for each of its routes, drawn by chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from random import Random
from typing import Final

from tests.proof.faults.deployment import READ_SECONDS
from tests.sandbox.wix import Route, Trouble, WixSandbox

_CALLS: Final = 5_000
_TOO_LONG_SECONDS: Final = READ_SECONDS + 0.5
# So long that the client has gone and the next version may overtake it, and within what the local Wix is given.
_LATE_SECONDS: Final = 3.0

NONE: Final = Trouble()
TROUBLES: Final[Mapping[str, tuple[Trouble, float]]] = {
    "none": (NONE, 0.0),
    "503": (Trouble.status(503), 0.02),
    "503 after the effect": (Trouble.status(503, takes_effect=True), 0.01),
    "429 with Retry-After": (Trouble.status(429, headers={"Retry-After": "2"}), 0.01),
    "connection closed before the effect": (Trouble.dropped(), 0.01),
    "connection closed after the effect": (Trouble.answer_cut(), 0.02),
    "half an answer": (Trouble.answer_cut(half=True), 0.01),
    "an answer that is not JSON": (Trouble.not_json(), 0.01),
    "an answer that comes too late": (Trouble.slow_answer(_TOO_LONG_SECONDS), 0.008),
    "an effect that comes after the client has gone": (Trouble.late_effect(_LATE_SECONDS), 0.015),
}
"""Each trouble with the share of the calls that it hits; the others have none."""


def script(wix: WixSandbox, seed: int) -> None:
    """Script all routes; `wix.faults.clear()` ends it."""
    chance = Random(seed)  # noqa: S311 - a test's chance, to be had again
    troubles, shares = zip(*TROUBLES.values(), strict=True)
    weights = [1 - sum(shares), *shares[1:]]
    for route in Route:
        wix.faults.script(route, *chance.choices(troubles, weights, k=_CALLS))


def injected(wix: WixSandbox) -> Counter[str]:
    """Count what went wrong so far, by kind."""
    names = {id(trouble): name for name, (trouble, _) in TROUBLES.items()}
    return Counter(names[id(call.trouble)] for call in wix.journal if call.trouble not in (None, NONE))
