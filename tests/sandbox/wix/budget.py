"""The limit of calls in any sixty seconds, per app and site (section 9)."""

from __future__ import annotations

from collections import defaultdict, deque

from tests.sandbox.wix.answers import refused
from tests.sandbox.wix.switches import Switches
from tests.sandbox.wix.tokens import Caller

WINDOW_SECONDS = 60.0


class Budget:
    """What every caller used up lately; a call that is refused for its rate uses nothing.

    `busiest` is the most that each has used up in any sixty seconds.
    """

    def __init__(self) -> None:
        self.busiest: dict[Caller, int] = {}
        self._spent: defaultdict[Caller, deque[float]] = defaultdict(deque)

    def spend(self, caller: Caller, cost: int, now: float, switches: Switches) -> None:
        """Take `cost` out of the last minute's budget, or refuse with a 429."""
        spent = self._spent[caller]
        while spent and spent[0] <= now - WINDOW_SECONDS:
            spent.popleft()
        if len(spent) + cost > switches.calls_per_minute:
            wait = switches.retry_after_seconds
            raise refused(429, "Too many requests", headers={} if wait is None else {"Retry-After": str(wait)})
        spent.extend([now] * cost)
        self.busiest[caller] = max(self.busiest.get(caller, 0), len(spent))
