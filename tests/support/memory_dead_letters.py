"""A queue of dead letters, and the inbox, as lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from trigger_provider.domain.operations.redrive import fit_replay
from trigger_provider.domain.operations.values import DeadLetter, InboxMessage
from trigger_provider.errors import QueueUnavailable

_MOST = 10


@dataclass
class MemorySetAside:
    """Keeps the port `DeadLetterQueue`. A message that was received is `hidden` until it is given back.

    It fails at one receive, if told so; a hasty one hides nothing for long; and what is to be `taken` is in another's
    hands as soon as it is given back.
    """

    messages: dict[str, DeadLetter] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    holds: list[int] = field(default_factory=list)
    fails_at: int | None = None
    taken: set[str] = field(default_factory=set)
    is_hasty: bool = False

    def __post_init__(self) -> None:
        self._numbers = count(1)

    def put(self, *messages: DeadLetter) -> None:
        self.messages |= {message.message_id: message for message in messages}

    def receive(self, seconds: int) -> Sequence[DeadLetter]:
        self.holds.append(seconds)
        if len(self.holds) == self.fails_at:
            raise QueueUnavailable("down")
        if self.is_hasty:
            self.hidden.clear()
        visible = [message for message in self.messages.values() if message.message_id not in self.hidden][:_MOST]
        received = [replace(letter, receipt=f"receipt {next(self._numbers)} {letter.message_id}") for letter in visible]
        self.messages |= {letter.message_id: letter for letter in received}
        self.hidden |= {letter.message_id for letter in received}
        return received

    def give_back(self, receipts: Sequence[tuple[str, int]]) -> None:
        self.hidden -= {letter.message_id for letter in self._held([receipt for receipt, _ in receipts])} - self.taken

    def done(self, receipts: Sequence[str]) -> None:
        for letter in self._held(receipts):
            del self.messages[letter.message_id]
            self.hidden.discard(letter.message_id)

    def _held(self, receipts: Sequence[str]) -> list[DeadLetter]:
        return [message for message in self.messages.values() if message.receipt in receipts]


@dataclass
class MemoryInbox:
    """Keeps the port `Inbox`. While `down`, every call fails and nothing is sent."""

    sent: list[InboxMessage] = field(default_factory=list)
    down: bool = False

    def send(self, letters: Sequence[InboxMessage]) -> None:
        if self.down:
            raise QueueUnavailable("down")
        if any(fit_replay(letter) is None for letter in letters):
            raise ValueError("no message of the inbox holds this")
        self.sent += letters
