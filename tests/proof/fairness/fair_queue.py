"""A standard queue of SQS that is fair to its message groups, by what AWS publishes of it.

A group is noisy while it has more than a tenth of the messages in flight, and thirty at least, or more than a tenth
of the recent processing time; it is quiet again once its backlog is gone. Messages of quiet groups come first, the
oldest of them before others; among noisy groups the one with the fewest messages in flight is served. How long
"recent" is, AWS doesn't say: a minute here. (SQS Developer Guide, "How Amazon SQS fair queues work".)
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from trigger_provider.domain.durations import MINUTE

_MOST_AT_ONCE: Final = 10
_NOISY_SHARE: Final = 0.1
_NOISY_FROM: Final = 30
_RECENT: Final = MINUTE


@dataclass(slots=True, eq=False)
class QueuedMessage:
    """A message on the queue."""

    body: str
    group: str
    sent_at: int
    receives: int = 0
    received_at: int = 0


class FairQueue:
    """Hands messages out and takes them back. Hidden messages stay with their receiver. Time is an argument."""

    def __init__(self) -> None:
        self._visible: dict[str, deque[QueuedMessage]] = {}
        self._in_flight: Counter[str] = Counter()
        self._noisy: set[str] = set()
        self._worked: deque[tuple[int, str, int]] = deque()
        self._time: Counter[str] = Counter()

    def __len__(self) -> int:
        return sum(map(len, self._visible.values()))

    def put(self, message: QueuedMessage) -> None:
        """Take a message that may be received from now on."""
        self._visible.setdefault(message.group, deque()).append(message)

    def receive(self, most: int, now: int) -> list[QueuedMessage]:
        """Return up to so many messages, as ReceiveMessage does: by ten at a time."""
        messages: list[QueuedMessage] = []
        while len(messages) < most and self._visible:
            self._judge(now)
            messages += [self._next(now) for _ in range(min(_MOST_AT_ONCE, most - len(messages))) if self._visible]
        return messages

    def release(self, messages: Iterable[QueuedMessage], now: int) -> None:
        """Take messages out of flight: done, or hidden until they are put again."""
        for message in messages:
            self._in_flight[message.group] -= 1
            self._worked.append((now, message.group, now - message.received_at))
            self._time[message.group] += now - message.received_at

    def _next(self, now: int) -> QueuedMessage:
        message = self._visible[group := self._group()].popleft()
        if not self._visible[group]:
            del self._visible[group]
        self._in_flight[group] += 1
        message.receives, message.received_at = message.receives + 1, now
        return message

    def _group(self) -> str:
        if quiet := [group for group in self._visible if group not in self._noisy]:
            return min(quiet, key=lambda group: self._visible[group][0].sent_at)
        return min(self._visible, key=lambda group: self._in_flight[group])

    def _judge(self, now: int) -> None:
        while self._worked and self._worked[0][0] < now - _RECENT:
            _, group, spent = self._worked.popleft()
            self._time[group] -= spent
        self._noisy &= set(self._visible)
        self._noisy |= _beyond(self._in_flight, _NOISY_FROM) | _beyond(self._time, 1)


def _beyond(share_of: Counter[str], least: int) -> set[str]:
    whole = share_of.total()
    return {group for group, part in share_of.items() if part >= least and part > whole * _NOISY_SHARE}
