"""The feed as server-sent events, which browsers take up again by themselves where they were cut off."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Final

from flask import Response

from tests.sandbox.console.feed import Feed
from tests.sandbox.console.watchers import Watchers

MOST_AT_ONCE: Final = 2_000
STILL_HERE_SECONDS: Final = 10.0


class Streams:
    """Every stream that somebody reads. The id of a message names the feed's run, and the last entry in it."""

    def __init__(self, feed: Feed, watchers: Watchers) -> None:
        self._feed = feed
        self._watchers = watchers
        self._ended = threading.Event()

    def answer(self, last_id: str) -> Response:
        """A stream that goes on after an id, or begins anew if the id is none of this run."""
        run, _, number = last_id.partition("-")
        goes_on = run == self._feed.run and number.isdecimal()
        return Response(self._messages(int(number) if goes_on else 0), mimetype="text/event-stream")

    def end(self) -> None:
        """End all streams that there are."""
        ended, self._ended = self._ended, threading.Event()
        ended.set()
        self._feed.wake()

    def _messages(self, number: int) -> Iterator[str]:
        ended = self._ended
        with self._watchers.somebody():
            yield f"retry: 500\nevent: {'more' if number else 'start'}\ndata: {json.dumps(self._feed.run)}\n\n"
            while not ended.is_set():
                entries = self._feed.after(number, MOST_AT_ONCE, STILL_HERE_SECONDS)
                if not entries:
                    yield ": still here\n\n"
                    continue
                number = entries[-1].number
                text = json.dumps([entry.to_json() for entry in entries], separators=(",", ":"))
                yield f"id: {self._feed.run}-{number}\ndata: {text}\n\n"
