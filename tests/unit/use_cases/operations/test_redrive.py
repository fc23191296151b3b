"""Messages that were set aside go through the inbox once more; those that don't stay where they are."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import pytest

from tests.support.builders import NOW
from tests.support.fixed_clock import FixedClock
from tests.support.fixtures import TRIGGERS
from tests.support.handlers import a_visit
from tests.support.memory_dead_letters import MemoryInbox, MemorySetAside
from tests.support.rows import SITE
from trigger_provider.adapters.catalogue_files import load_catalogue
from trigger_provider.domain.delivery.policy import IDEMPOTENCY_KEY_TTL
from trigger_provider.domain.operations.dead_letter import QueueName
from trigger_provider.domain.operations.redrive import Choice, Eligibility
from trigger_provider.domain.operations.values import DeadLetter, InboxMessage
from trigger_provider.errors import QueueUnavailable
from trigger_provider.use_cases.operations.redrive import Redrive, Seen

CATALOGUE = load_catalogue(TRIGGERS)
MANY = 25


def a_message(number: int, **changes: object) -> DeadLetter:
    return DeadLetter(f"message {number}", "", json.dumps(a_visit(id=f"visit {number}", **changes)), NOW)


@dataclass
class Queue:
    """The use case with all it needs."""

    queue: MemorySetAside = field(default_factory=MemorySetAside)
    inbox: MemoryInbox = field(default_factory=MemoryInbox)
    clock: FixedClock = field(default_factory=FixedClock)
    limit: int = 1_000

    @property
    def redrive(self) -> Redrive:
        return Redrive(QueueName.INBOX, self.queue, self.inbox, self.clock, CATALOGUE, self.limit)

    def look(self, **choice: str) -> list[Seen]:
        return self.redrive.look(Choice(**choice))  # type: ignore[arg-type]

    def left(self) -> list[str]:
        return sorted(self.queue.messages)


@pytest.fixture
def queue() -> Queue:
    queue = Queue()
    queue.queue.put(*(a_message(number) for number in range(MANY)))
    return queue


def test_a_look_sees_every_message_once_and_gives_all_of_them_back(queue: Queue) -> None:
    seen = queue.look()

    assert len({item.read.message.message_id for item in seen}) == len(seen) == MANY
    assert (len(queue.left()), queue.queue.hidden, queue.inbox.sent) == (MANY, set(), [])


def test_a_look_holds_messages_for_less_long_than_a_replay(queue: Queue) -> None:
    seen = queue.look()
    looked = set(queue.queue.holds)
    queue.queue.holds.clear()
    list(queue.redrive.run(seen))

    assert max(looked) < min(queue.queue.holds)


def test_a_look_that_fails_gives_back_what_it_has(queue: Queue) -> None:
    queue.queue.fails_at = 2
    with pytest.raises(QueueUnavailable):
        queue.look()

    assert queue.queue.hidden == set()


def test_what_was_seen_goes_to_the_inbox_as_it_came_and_leaves_its_queue(queue: Queue) -> None:
    done = list(queue.redrive.run(queue.look()))

    assert sum(done) == MANY
    assert len(done) > 1
    assert queue.left() == []
    assert queue.inbox.sent[0] == InboxMessage(a_message(0).body, NOW, SITE)
    assert len({letter.body for letter in queue.inbox.sent}) == MANY


def test_what_was_not_asked_for_stays_and_is_given_back(queue: Queue) -> None:
    queue.queue.put(a_message(99, triggerKey="form_submitted"))
    assert sum(queue.redrive.run(queue.look(trigger="form_submitted"))) == 1

    assert len(queue.left()) == MANY
    assert queue.queue.hidden == set()


def test_a_message_that_came_after_the_look_is_not_replayed(queue: Queue) -> None:
    seen = queue.look()
    queue.queue.put(a_message(99))
    list(queue.redrive.run(seen))

    assert queue.left() == ["message 99"]
    assert queue.queue.hidden == set()


def test_a_message_that_somebody_else_holds_is_not_counted(queue: Queue) -> None:
    seen = queue.look()
    queue.queue.hidden.add("message 3")

    assert sum(queue.redrive.run(seen)) == MANY - 1
    assert queue.left() == ["message 3"]


def test_nothing_to_replay_receives_nothing(queue: Queue) -> None:
    seen = queue.look(trigger="invoice_due")
    queue.queue.holds.clear()

    assert list(queue.redrive.run(seen)) == []
    assert queue.queue.holds == []


def test_what_the_inbox_does_not_take_stays_on_its_queue(queue: Queue) -> None:
    seen = queue.look()
    queue.inbox.down = True
    with pytest.raises(QueueUnavailable):
        list(queue.redrive.run(seen))

    assert len(queue.left()) == MANY


def test_no_more_than_so_many_are_looked_at(queue: Queue) -> None:
    queue.limit = 10

    assert len(queue.look()) == 10


def test_a_queue_that_keeps_giving_the_same_messages_is_left(queue: Queue) -> None:
    queue.queue.is_hasty = True

    assert len(queue.look()) == 10


def test_too_old_messages_are_seen_as_such_and_stay(queue: Queue) -> None:
    queue.clock.wait(IDEMPOTENCY_KEY_TTL)
    seen = queue.look()
    list(queue.redrive.run(seen))

    assert {item.eligibility for item in seen} == {Eligibility.TOO_OLD}
    assert len(queue.left()) == MANY
