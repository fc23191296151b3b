"""The numbers that decisions depend on. All times are in milliseconds."""

from __future__ import annotations

from typing import NamedTuple

from trigger_provider.domain.durations import DAY, HOUR, SECOND, back_off

IDEMPOTENCY_KEY_TTL = 30 * DAY
"""How long Wix is asked to remember a report's key: longer than any replay can come after it, which is four
days in a queue, fourteen in its dead-letter queue, and a margin."""

MOST_CANCELS = 100
"""The most events that one pass over a row cancels: Wix's limit for one Bulk Cancel Event."""

MOST_CHANGES_AT_ONE_VERSION = 16

MOST_ROUNDS = 6
"""How often a row is loaded and decided about anew, if others change it each time before it is saved."""


class DeliveryPolicy(NamedTuple):
    """How long delivery waits, and for how long it goes on.

    `settle_delay` is how long after a report began it may still take effect at Wix: longer than the delivery
    function's timeout, the HTTP timeouts and a margin together. `give_up_after` counts from acceptance. From its
    `last_receive` on a message comes back no more, which is well before the queue gives it up.
    """

    settle_delay: int
    give_up_after: int
    retention: int
    quick_retries: int = 2
    last_receive: int = 6
    quick_wait: int = 4 * SECOND
    unsure_tries: int = 5
    first_wait: int = 30 * SECOND
    longest_wait: int = HOUR

    def quick_delay(self, attempts: int, jitter: float) -> int:
        """Return the wait before a quick retry, with full jitter: `jitter` lies in [0, 1)."""
        return SECOND + int(jitter * self.quick_wait * attempts)

    def wait(self, attempts: int, jitter: float) -> int:
        """Return the wait of a row that no quick retry helped: exponential, capped, with full jitter."""
        return SECOND + int(jitter * back_off(self.first_wait, attempts - self.quick_retries - 1, self.longest_wait))
