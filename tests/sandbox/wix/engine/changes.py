"""Everything that happened on the sites, in one row that only grows: read on from any number."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol


class What(StrEnum):
    """What a change is about."""

    EVENT = "event"
    ACTIVATION = "activation"
    ACTION = "action"
    AUTOMATION = "automation"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Change:
    """`at` is by the site's clock; `told` is the thing as the control routes show it."""

    number: int
    at: float
    site: str
    what: What
    details: Mapping[str, Any]


class Tell(Protocol):
    """Where an engine says what happened."""

    def __call__(self, site: str, what: What, at: float, document: Mapping[str, Any]) -> object:
        """Take note of a change."""


class Changes:
    """A growing list; safe to read while the sandbox serves."""

    def __init__(self, lock: threading.RLock) -> None:
        self._changes: list[Change] = []
        self.changed = threading.Condition(lock)

    def add(self, site: str, what: What, at: float, document: Mapping[str, Any]) -> None:
        """Write a change down, and wake all who wait for one."""
        with self.changed:
            self._changes.append(Change(len(self._changes) + 1, at, site, what, document))
            self.changed.notify_all()

    def after(self, number: int, site: str | None = None) -> list[Change]:
        """The changes after that number, of one site or of all."""
        with self.changed:
            return [each for each in self._changes[number:] if site in {None, each.site}]

    def wait_until(self, condition: Callable[[], object], seconds: float) -> bool:
        """Wait for something to be so, looking again at each change; false if it isn't within that time.

        It is looked at under the sandbox's lock, so it must not ask over HTTP.
        """
        with self.changed:
            return bool(self.changed.wait_for(condition, seconds))
