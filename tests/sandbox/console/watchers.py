"""Three watchers that write what happens into the feed: Wix's automations, Wix's calls, and our functions' logs."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from tests.sandbox.console.entries import call_short, call_whole, change_short, note_short
from tests.sandbox.console.feed import Feed
from tests.sandbox.console.ours import OurSide
from tests.sandbox.wix import WixSandbox
from tests.sandbox.wix.engine.changes import Change, What
from tests.sandbox.wix.journal import Call, Journal

LOOK_EVERY_SECONDS: Final = 0.25


class Watchers:
    """Threads that live from `start` to `stop`. Logs are read only while somebody watches."""

    def __init__(self, feed: Feed, wix: WixSandbox, ours: OurSide) -> None:
        self._feed = feed
        self._wix = wix
        self._ours = ours
        self._closing = threading.Event()
        self._changes_seen = 0
        self._calls_seen = 0
        self._open_calls: list[int] = []
        self._event_of: dict[str, str | None] = {}
        self._watched = 0
        self._counting = threading.Lock()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin with all that has happened so far."""
        for name, turn in (("changes", self._changes), ("calls", self._calls), ("notes", self._notes)):
            thread = threading.Thread(target=self._again, args=(turn,), name=f"console-{name}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Begin no further turn, and wait for the one that runs."""
        self._closing.set()
        for thread in self._threads:
            thread.join(5)

    @contextlib.contextmanager
    def somebody(self) -> Iterator[None]:
        """As long as this lasts, somebody watches."""
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def _count(self, by: int) -> None:
        with self._counting:
            self._watched += by

    def _again(self, turn: Callable[[], None]) -> None:
        while not self._closing.is_set():
            turn()

    def _changes(self) -> None:
        changes = self._wix.changes
        changes.wait_until(lambda: changes.after(self._changes_seen), LOOK_EVERY_SECONDS)
        for change in changes.after(self._changes_seen):
            self._changes_seen = change.number
            self._tell_change(change)

    def _tell_change(self, change: Change) -> None:
        document, event = change.details, change.details.get("externalEntityId")
        if change.what is What.ACTIVATION:
            self._event_of[document["id"]] = event
        elif change.what is What.ACTION:
            event = self._event_of.get(document["activationId"])
        about = {"site": change.site, "at": round(change.at * 1000), "event": event}
        self._feed.add(change.what, about | change_short(change), about | dict(document), events=[event])

    def _calls(self) -> None:
        self._wix.journal.wait_until(self._has_news, LOOK_EVERY_SECONDS)
        calls = self._wix.journal.calls()
        closed = [number for number in self._open_calls if calls[number].answered is not None]
        news = [*closed, *range(self._calls_seen, len(calls))]
        self._calls_seen = len(calls)
        self._open_calls = [each for each in {*self._open_calls, *news} if calls[each].answered is None]
        for number in news:
            self._tell_call(calls[number])

    def _has_news(self, journal: Journal) -> bool:
        if len(journal) > self._calls_seen:
            return True
        return bool(self._open_calls) and any(journal.at(each).answered is not None for each in self._open_calls)

    def _tell_call(self, call: Call) -> None:
        short, whole = call_short(call), call_whole(call)
        self._feed.add("call", short, whole, events=[item["event"] for item in short["items"]])

    def _notes(self) -> None:
        if self._watched:
            # What can't be read now is read in the next turn, and while AWS stops there is nothing to read.
            with contextlib.suppress(BotoCoreError, ClientError):
                for note in self._ours.notes():
                    document = note_short(note)
                    self._feed.add("note", document, events=[document.get("event_id")], seen=note.at)
        self._closing.wait(LOOK_EVERY_SECONDS)
