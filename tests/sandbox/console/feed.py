"""All that the page is told, in one row that only grows: each entry short, with the whole of it kept beside."""

from __future__ import annotations

import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Entry:
    """`seen` is when it came, in real milliseconds, whatever the clock of its site says."""

    number: int
    seen: int
    what: str
    short: Mapping[str, Any]
    whole: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """As the stream has it."""
        return {"number": self.number, "seen": self.seen, "what": self.what, **self.short}

    def whole_document(self) -> dict[str, Any]:
        """As one asks for it."""
        return {"number": self.number, "seen": self.seen, "what": self.what, **self.whole}


class Feed:
    """Safe to use from any thread. `run` tells this row from that of an earlier start."""

    def __init__(self) -> None:
        self.run = uuid.uuid4().hex[:8]
        self._entries: list[Entry] = []
        self._of_event: defaultdict[str, list[Entry]] = defaultdict(list)
        self._changed = threading.Condition()
        self._wakeups = 0

    def add(
        self,
        what: str,
        short: Mapping[str, Any],
        whole: Mapping[str, Any] | None = None,
        *,
        events: Iterable[str | None] = (),
        seen: float | None = None,
    ) -> None:
        """Write an entry down, under each of the events that it is about."""
        with self._changed:
            moment = round((time.time() if seen is None else seen) * 1000)
            entry = Entry(len(self._entries) + 1, moment, what, short, short if whole is None else whole)
            self._entries.append(entry)
            for event in {each for each in events if each}:
                self._of_event[event].append(entry)
            self._changed.notify_all()

    def after(self, number: int, most: int, seconds: float) -> Sequence[Entry]:
        """Return at most so many entries after that number; if there are none, wait for one, or for `wake`."""
        with self._changed:
            wakeups = self._wakeups
            self._changed.wait_for(lambda: len(self._entries) > number or self._wakeups > wakeups, seconds)
            return self._entries[number : number + most]

    def of_event(self, event: str) -> Sequence[Entry]:
        """All entries about an event."""
        with self._changed:
            return list(self._of_event.get(event, ()))

    def entry(self, number: int) -> Entry | None:
        """One entry."""
        with self._changed:
            return self._entries[number - 1] if 0 < number <= len(self._entries) else None

    def wake(self) -> None:
        """Wake all who wait, so that the server can stop."""
        with self._changed:
            self._wakeups += 1
            self._changed.notify_all()
