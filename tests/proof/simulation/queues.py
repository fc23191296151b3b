"""A queue of SQS and the mapping that reads it: at least once, in any order, in batches, by so many workers at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Generic, TypeVar

from tests.proof.simulation.fault_injection import Fault, FaultInjection, Place
from tests.proof.simulation.scheduler import Scheduler
from trigger_provider.domain.durations import SECOND

Body = TypeVar("Body")

_WINDOW = 1 * SECOND


@dataclass(slots=True)
class QueuedMessage(Generic[Body]):
    """A message on a queue: `receipt` is that of its last receive, and `hidden` counts how often it was hidden."""

    number: str
    body: Body
    sent_at: int
    receives: int = 0
    receipt: str = ""
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class Received(Generic[Body]):
    """A message as one receive got it."""

    number: str
    receipt: str
    body: Body
    sent_at: int
    receives: int


Batch = Sequence[Received[Body]]


class Queue(Generic[Body]):
    """A standard queue. `begin` starts a function for a batch, which says by `ended` what comes back.

    A message that was received `most_receives` times goes to `dead_letters` instead of coming again.
    """

    def __init__(
        self, scheduler: Scheduler, fault_injection: FaultInjection, begin: Callable[[Batch[Body]], None],
        visibility: int, workers: int, most_receives: int | None = None,
        dead_letters: Callable[[Body], None] = lambda _: None,
    ) -> None:  # fmt: skip
        self._scheduler = scheduler
        self._fault_injection = fault_injection
        self._begin = begin
        self._visibility = visibility
        self._free = workers
        self._most_receives = most_receives
        self._dead_letters = dead_letters
        self._numbers = count(1)
        self._messages: dict[str, QueuedMessage[Body]] = {}
        self._visible: dict[str, None] = {}
        self._is_polled = False

    @property
    def is_empty(self) -> bool:
        """Return whether no message is left, hidden ones included."""
        return not self._messages

    def put(self, body: Body, delay: int = 0) -> None:
        """Accept a message, and hold it back for so many seconds."""
        message = QueuedMessage(f"m{next(self._numbers)}", body, self._scheduler.now())
        self._messages[message.number] = message
        if delay:
            self._hide([message], delay * SECOND)
        else:
            self._show(message.number, message.hidden)

    def lose_all(self) -> None:
        """Lose all messages, as after their retention."""
        self._messages.clear()
        self._visible.clear()

    def give_back(self, receipts: Sequence[tuple[str, int]]) -> None:
        """Let messages come back after so many seconds, if these are their last receipts."""
        for receipt, seconds in receipts:
            if (message := self._message_of(receipt)) is not None:
                self._hide([message], seconds * SECOND)

    def done(self, receipts: Sequence[str]) -> None:
        """Take messages off."""
        for receipt in receipts:
            if (message := self._message_of(receipt)) is not None:
                self._remove(message)

    def ended(self, batch: Batch[Body], failed: Collection[str] | None) -> None:
        """Take off what a function has done: all but the `failed`, or nothing if it died or raised."""
        self._free += 1
        for received in batch if failed is not None else ():
            if failed is not None and received.number not in failed and received.number in self._messages:
                self._remove(self._messages[received.number])
        self._poll()

    def _message_of(self, receipt: str) -> QueuedMessage[Body] | None:
        message = self._messages.get(receipt.partition(" ")[0])
        return message if message is not None and message.receipt == receipt else None

    def _remove(self, message: QueuedMessage[Body]) -> None:
        del self._messages[message.number]
        self._visible.pop(message.number, None)

    def _show(self, number: str, hidden: int) -> None:
        message = self._messages.get(number)
        if message is not None and message.hidden == hidden:
            self._visible[number] = None
            self._poll()

    def _hide(self, messages: Sequence[QueuedMessage[Body]], milliseconds: int) -> None:
        for message in messages:
            message.hidden += 1
        hidden = [(message.number, message.hidden) for message in messages]

        def show() -> None:
            for pair in hidden:
                self._show(*pair)

        self._scheduler.at(self._scheduler.now() + milliseconds, show)

    def _poll(self) -> None:
        if self._visible and self._free and not self._is_polled:
            self._is_polled = True
            self._scheduler.at(self._scheduler.now() + self._fault_injection.below(_WINDOW), self._receive)

    def _receive(self) -> None:
        self._is_polled = False
        numbers = self._fault_injection.some(self._visible) if self._free else []
        batch = [received for number in numbers if (received := self._received(self._messages[number])) is not None]
        if batch:
            self._free -= 1
            self._hide([self._messages[received.number] for received in batch], self._visibility)
            self._begin(batch)
        self._poll()

    def _received(self, message: QueuedMessage[Body]) -> Received[Body] | None:
        if message.receives == self._most_receives:
            self._remove(message)
            self._dead_letters(message.body)
            return None
        message.receives += 1
        message.receipt = f"{message.number} {message.receives}"
        if self._fault_injection.strike(Place.RECEIVE) is not Fault.TWICE:
            del self._visible[message.number]
        return Received(message.number, message.receipt, message.body, message.sent_at, message.receives)
