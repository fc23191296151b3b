"""Sends dead letters to the inbox again: first shows them, then redrives only those that were shown.

Each is sent to the inbox before it is deleted from its queue. A crash in between makes a duplicate, which intake
recognises.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from trigger_provider.domain.operations.dead_letter import ParsedDeadLetter, QueueName, read
from trigger_provider.domain.operations.redrive import Choice, Eligibility, eligibility, replay_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from trigger_provider.domain.catalogue.trigger import Catalogue
    from trigger_provider.use_cases.ports.clock import Clock
    from trigger_provider.use_cases.ports.operator import DeadLetterQueue, Inbox

_LOOK_SECONDS = 30
_HOLD_SECONDS = 300


class Seen(NamedTuple):
    """A message as the operator sees it before the redrive, and whether it would be redriven."""

    read: ParsedDeadLetter
    eligibility: Eligibility


@dataclass(frozen=True, slots=True)
class Redrive:
    """The use case, for one queue. One run receives no new batch once it knows `limit` messages."""

    name: QueueName
    queue: DeadLetterQueue
    inbox: Inbox
    clock: Clock
    catalogue: Catalogue
    limit: int

    def look(self, choice: Choice) -> list[Seen]:
        """Return the messages and what a redrive would do with each. Afterwards other receivers see them again."""
        looked_at: list[ParsedDeadLetter] = []
        try:
            for portion in self._portions(_LOOK_SECONDS):
                looked_at += portion
        finally:
            self._give_back(looked_at)
        now = self.clock.now()
        return [Seen(letter, eligibility(letter, choice, now)) for letter in looked_at]

    def run(self, chosen: Sequence[Seen], *, is_forced: bool = False) -> Iterator[int]:
        """Redrive the messages that `look` has shown as to be redriven. Yield how many are done, portion by portion."""
        remaining = {item.read.message.message_id for item in chosen if item.eligibility is Eligibility.REPLAY}
        others: list[ParsedDeadLetter] = []
        try:
            for portion in self._portions(_HOLD_SECONDS) if remaining else ():
                mine = [letter for letter in portion if letter.message.message_id in remaining]
                others += [letter for letter in portion if letter.message.message_id not in remaining]
                yield self._replay(mine, is_forced=is_forced)
                remaining -= {letter.message.message_id for letter in mine}
                if not remaining:
                    break
        finally:
            self._give_back(others)

    def _portions(self, seconds: int) -> Iterator[list[ParsedDeadLetter]]:
        """Receive until the queue returns no new message: by then the first ones may be visible again."""
        known_ids: set[str] = set()
        while len(known_ids) < self.limit and (portion := self.queue.receive(seconds)):
            fresh = [letter for letter in portion if letter.message_id not in known_ids]
            if not fresh:
                return
            known_ids |= {letter.message_id for letter in fresh}
            yield [read(self.name, letter, self.catalogue) for letter in fresh]

    def _replay(self, mine: Collection[ParsedDeadLetter], *, is_forced: bool) -> int:
        letters = [message for letter in mine if (message := replay_of(letter, is_forced=is_forced)) is not None]
        if letters:
            self.inbox.send(letters)
            self.queue.done([letter.message.receipt for letter in mine])
        return len(letters)

    def _give_back(self, messages: Sequence[ParsedDeadLetter]) -> None:
        if messages:
            self.queue.give_back([(message.message.receipt, 0) for message in messages])
