"""Everything that came in, in the order in which it took effect. No secret and no token is kept."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from tests.sandbox.wix.calls import Route
from tests.sandbox.wix.faults import Trouble
from tests.sandbox.wix.outcomes import Entry

PATIENCE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `status` is what was sent, or None if the connection was closed without an answer.

    `answered` is None while the answer is on its way, then whether the client was there to get all of it.
    `app_id` and `site` are those of the token (at the token endpoint: those asked for); `trouble` is what
    was scripted for this call, and `request_id` the `x-wix-request-id` of the answer.
    """

    number: int
    at: float
    route: Route
    app_id: str | None
    site: str | None
    trigger_key: str | None
    items: tuple[Entry, ...]
    status: int | None
    request_id: str
    trouble: Trouble | None = None
    answered: bool | None = None


class Journal:
    """A growing list of calls; safe to read while the sandbox serves."""

    def __init__(self, lock: threading.RLock) -> None:
        self._calls: list[Call] = []
        self._changed = threading.Condition(lock)

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[Call]:
        return iter(self.calls())

    def calls(self, route: str | None = None, site: str | None = None) -> list[Call]:
        """The calls so far, all or those of a route and a site."""
        with self._changed:
            return [each for each in self._calls if route in {None, each.route} and site in {None, each.site}]

    def at(self, number: int) -> Call:
        """One call, by its place."""
        return self._calls[number]

    def entries(self, route: str | None = None, site: str | None = None) -> list[Entry]:
        """The items of those calls, one after the other."""
        return [entry for call in self.calls(route, site) for entry in call.items]

    def add(self, call: Call) -> Call:
        """Write a call down; its number is its place in the journal."""
        with self._changed:
            self._calls.append(replace(call, number=len(self._calls)))
            self._changed.notify_all()
            return self._calls[-1]

    def close(self, call: Call, *, answered: bool) -> None:
        """Note whether the client got the answer."""
        with self._changed:
            self._calls[call.number] = replace(call, answered=answered)
            self._changed.notify_all()

    def wait_until(self, condition: Callable[[Journal], bool], seconds: float = PATIENCE_SECONDS) -> bool:
        """Wait for the journal to meet a condition; false if it has not within that time."""
        with self._changed:
            return self._changed.wait_for(lambda: condition(self), seconds)
