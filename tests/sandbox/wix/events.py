"""The events Wix holds, and the idempotency keys it remembers (sections 3 and 4.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.sandbox.wix.tokens import Caller

EventName = tuple[Caller, str, str | None]
KeyScope = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LiveEvent:
    """A reported event that no cancel has reached; `applies_at` is when it becomes visible to cancels."""

    number: int
    caller: Caller
    trigger_key: str
    external_entity_id: str | None
    payload: Mapping[str, Any]
    activation_ids: tuple[str, ...]
    applies_at: float
    idempotency_key: str | None


class Events:
    """Events per app, site, trigger and entity: those are the only names under which a cancel can find them."""

    def __init__(self) -> None:
        self._events: dict[EventName, list[LiveEvent]] = {}
        self._last_cancel: dict[EventName, float] = {}

    def add(self, event: LiveEvent, *, replaces: bool) -> list[LiveEvent]:
        """Keep an event, and give those that it replaces: of its entity, if it does; else they live on beside it."""
        name = (event.caller, event.trigger_key, event.external_entity_id)
        replaced = self._events.pop(name, []) if replaces and event.external_entity_id is not None else []
        self._events.setdefault(name, []).append(event)
        return replaced

    def cancel(self, name: EventName, now: float) -> list[LiveEvent]:
        """End every visible event of that name, and say which these were."""
        self._last_cancel[name] = now
        events = self._events.pop(name, [])
        self._events[name] = [each for each in events if each.applies_at > now]
        return [each for each in events if each.applies_at <= now]

    def cancelled_since(self, name: EventName, moment: float) -> bool:
        """Whether events of that name were cancelled after that moment."""
        return self._last_cancel.get(name, moment) > moment

    def forget(self, caller: Caller) -> list[LiveEvent]:
        """End everything of an app on a site, and say what it was."""
        names = [name for name in self._events if name[0] == caller]
        return [event for name in names for event in self._events.pop(name)]

    def live(self, site: str, trigger_key: str | None, now: float) -> list[LiveEvent]:
        """What is live on a site, of every app, oldest first."""
        live = [
            event
            for (caller, key, _), events in self._events.items()
            if caller.site == site and trigger_key in {None, key}
            for event in events
            if event.applies_at <= now
        ]
        return sorted(live, key=lambda event: event.number)


class IdempotencyKeys:
    """Keys already used: within a scope each stands for the activations of its first report, until it expires."""

    def __init__(self) -> None:
        self._used: dict[tuple[KeyScope, str], tuple[float, tuple[str, ...]]] = {}

    def first_activation_ids(self, scope: KeyScope, key: str, now: float) -> tuple[str, ...] | None:
        """What the first report under the key got; None if the key is new."""
        expires_at, activation_ids = self._used.get((scope, key), (now, ()))
        return activation_ids if now < expires_at else None

    def use(self, scope: KeyScope, key: str, activation_ids: tuple[str, ...], expires_at: float) -> None:
        """Remember the key until then."""
        self._used[scope, key] = (expires_at, activation_ids)

    def free(self, scope: KeyScope, key: str) -> None:
        """Make the key new again."""
        self._used.pop((scope, key), None)
