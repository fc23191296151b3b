"""The faults of Wix that a developer can switch on and off. While a fault is on, every call of the API meets it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tests.sandbox.wix import Trouble

SLOW_SECONDS: Final = 0.5
"""Well below one second. Delivery waits at least so long for an answer, even when its function has little time left."""

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
        f"Wix asks to come back after {RETRY_AFTER_SECONDS} seconds. Retry-After takes precedence over our own waits.",
        Trouble.status(429, headers={"Retry-After": str(RETRY_AFTER_SECONDS)}),
    ),
    "slow": (
        "Slow",
        f"Every call works, and Wix answers {SLOW_SECONDS} seconds late.",
        Trouble.slow_answer(SLOW_SECONDS),
    ),
    "silent": (
        "Silent",
        "Every call works, but delivery times out before the answer. It sends the same idempotency key again.",
        Trouble.silence(SILENT_SECONDS),
    ),
    "revoked": (
        "Access revoked (403)",
        "Wix refuses our calls for this site and gives no reason. Delivery parks the site's events.",
        Trouble.status(403),
    ),
    "cut": (
        "Answer cut",
        "Every call works, and the connection closes before the answer. This must not make a second event.",
        Trouble.answer_cut(),
    ),
}


def trouble(name: str, site: str | None) -> Trouble:
    """A trouble by its name, for one site or for all."""
    return replace(TROUBLES[name][2], site=site)
