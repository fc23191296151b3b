"""The numbers that decisions depend on. All times are in milliseconds."""

from __future__ import annotations

from typing import NamedTuple

from trigger_provider.domain.durations import DAY, HOUR, SECOND, back_off

IDEMPOTENCY_KEY_TTL = 30 * DAY
"""How long we ask Wix to remember a report's idempotency key, in milliseconds."""

LAST_REPORT_AFTER = IDEMPOTENCY_KEY_TTL - 2 * DAY
"""How long after its acceptance a report is retried at most, in milliseconds. Later Wix may have forgotten its key."""

MOST_CANCELS = 100
"""The most events that one pass over a row cancels: Wix's limit for one Bulk Cancel Event."""

RECOVERY_RESERVE = 3 * SECOND
"""How long the last portion of a run of recovery may take before the function's timeout, in milliseconds."""

MOST_CHANGES_AT_ONE_VERSION = 16

MOST_ROUNDS = 6
"""How often a row is loaded and decided about, if others change it each time before it is saved."""


class DeliveryPolicy(NamedTuple):
    """How long delivery waits, and how long it goes on. All times are in milliseconds."""

    settle_delay: int
    """How long after a report began it may still take effect at Wix.

    It is longer than the delivery function's timeout, the HTTP timeouts and a margin together.
    """
    give_up_after: int
    """How long a row is retried before it fails, counted from its first attempt, its release or its second cancel."""
    retention: int
    """How long a row is kept after its last transition and after its date."""
    quick_retries: int = 2
    """How many failed attempts the row's message repeats. After them the row waits in the ledger."""
    last_receive: int = 6
    """From this receive on a message is not given back, which is well before the queue gives it up."""
    quick_wait: int = 4 * SECOND
    """The jitter's range before the first quick retry. If Wix asks for a longer wait, the row waits in the ledger."""
    unsure_tries: int = 5
    """So many consecutive failures with the same undocumented reason count as a refusal."""
    sweep_page: int = MOST_CANCELS
    """How many occurrences of an entity a sweep reads and cancels at once."""
    first_wait: int = 30 * SECOND
    """The jitter's range for the first wait in the ledger. It doubles with each attempt."""
    longest_wait: int = HOUR
    """The largest range of the jitter."""

    def quick_delay(self, attempts: int, jitter: float) -> int:
        """Return the wait before a quick retry, in milliseconds, with full jitter: `jitter` lies in [0, 1)."""
        return SECOND + int(jitter * self.quick_wait * attempts)

    def wait(self, attempts: int, jitter: float) -> int:
        """Return the wait in the ledger after the quick retries, in milliseconds: exponential, capped, full jitter."""
        return SECOND + int(jitter * back_off(self.first_wait, attempts - self.quick_retries - 1, self.longest_wait))
