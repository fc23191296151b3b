"""The troubles of Wix that can be switched on, and off again: each meets every call of the API while it is on."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tests.sandbox.wix import Trouble

SLOW_SECONDS: Final = 0.5
"""Well below the second that delivery waits at least for an answer, however little time its function has left."""

SILENT_SECONDS: Final = 20.0
RETRY_AFTER_SECONDS: Final = 3

TROUBLES: Final[dict[str, tuple[str, str, Trouble]]] = {
    "unavailable": (
        "Unavailable (503)",
        "Wix refuses every call, and nothing takes effect. Rows wait in the ledger, longer each time.",
        Trouble.status(503),
    ),
    "throttled": (
        "Too many requests (429)",
        f"Wix asks to come back after {RETRY_AFTER_SECONDS} seconds. Retry-After wins over our own waiting.",
        Trouble.status(429, headers={"Retry-After": str(RETRY_AFTER_SECONDS)}),
    ),
    "slow": (
        "Slow",
        f"Every call works, and is answered {SLOW_SECONDS} seconds late.",
        Trouble.slow_answer(SLOW_SECONDS),
    ),
    "silent": (
        "Silent",
        "Every call works, but we give up waiting for its answer. The same idempotency key is sent again.",
        Trouble.silence(SILENT_SECONDS),
    ),
    "revoked": (
        "Access revoked (403)",
        "Wix refuses us for this site, and nobody tells us why: what is on its way is parked.",
        Trouble.status(403),
    ),
    "cut": (
        "Answer cut",
        "Every call works, and the connection closes before the answer. No second event may come of it.",
        Trouble.answer_cut(),
    ),
}


def trouble(name: str, site: str | None) -> Trouble:
    """A trouble by its name, for one site or for all."""
    return replace(TROUBLES[name][2], site=site)
