"""Taking messages that nobody waits for an answer to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from tests.support.builders import OTHER_PAYLOAD, RETENTION, a_change, a_report, an_entity_row
from tests.support.fixed_clock import FixedClock
from tests.support.memory_refusals import MemoryRefusals
from tests.support.spies import Journal, SpyLedger, SpyOutbox
from trigger_provider.domain.delivery.messages import Refusal
from trigger_provider.domain.ledger.rows import RequestOutcome
from trigger_provider.errors import LedgerUnavailable, QueueUnavailable, Violation
from trigger_provider.use_cases.intake.accept import Accept
from trigger_provider.use_cases.intake.intake import Incoming, Intake, Taken

FAULT = Violation("/payload/contact", "required", "`contact` is missing")
OTHER_FAULT = Violation("/version", "version-kind", "versions of this trigger are an integer")


@dataclass
class Handler:
    """The use case with all it needs."""

    refusals: MemoryRefusals = field(default_factory=MemoryRefusals)
    ledger: SpyLedger = field(default_factory=SpyLedger)

    def __call__(self, *messages: Incoming) -> list[Taken]:
        accept = Accept(self.ledger, SpyOutbox(Journal()), FixedClock(), lambda: "token", RETENTION)
        return Intake(accept, self.refusals).process(messages)


@pytest.fixture
def handler() -> Handler:
    return Handler()


def test_each_message_is_answered_by_the_results_of_its_own_requests_in_order(handler: Handler) -> None:
    both, none, single = handler(
        Incoming("both", (a_report("form 1", None), a_change())),
        Incoming("none"),
        Incoming("one", (a_report("form 1", None),)),
    )

    assert [result.outcome for result in both.results] == [RequestOutcome.ACCEPTED, RequestOutcome.ACCEPTED]
    assert [result.row.key if result.row else None for result in both.results] == [
        a_report("form 1", None).key,
        a_change().key,
    ]
    assert none.results == ()
    assert [result.outcome for result in single.results] == [RequestOutcome.DUPLICATE]


def test_all_messages_are_taken_in_one_batch(handler: Handler) -> None:
    handler(*(Incoming("", (a_report(f"form {number}", None),)) for number in range(10)))

    assert handler.ledger.journal.lines == ["load", "save"]


def test_a_message_that_concerns_nobody_is_neither_refused_nor_repeated(handler: Handler) -> None:
    (taken,) = handler(Incoming("nobody's"))

    assert (taken.is_unmatched, taken.is_to_repeat) == (True, False)
    assert handler.refusals.refused == []


def test_a_refused_message_is_put_whole_with_the_first_rule_it_broke_and_not_repeated(handler: Handler) -> None:
    (taken,) = handler(Incoming("the body", violations=(FAULT, OTHER_FAULT), source_id="message 1"))

    assert taken.violations == (FAULT, OTHER_FAULT)
    assert (taken.is_unmatched, taken.is_to_repeat) == (False, False)
    assert handler.refusals.refused == [Refusal("the body", "invalid", "/payload/contact", "required", "message 1")]


def test_a_refused_message_never_holds_up_its_neighbours(handler: Handler) -> None:
    _, taken = handler(Incoming("bad", violations=(FAULT,)), Incoming("good", (a_change(),)))

    assert [result.outcome for result in taken.results] == [RequestOutcome.ACCEPTED]
    assert [refusal.body for refusal in handler.refusals.refused] == ["bad"]


def test_what_is_right_in_a_message_is_taken_though_something_else_in_it_is_refused(handler: Handler) -> None:
    (taken,) = handler(Incoming("half", (a_change(),), (FAULT,)))

    assert [result.outcome for result in taken.results] == [RequestOutcome.ACCEPTED]
    assert [refusal.body for refusal in handler.refusals.refused] == ["half"]


def test_a_request_that_the_ledgers_rules_reject_is_refused_as_rejected(handler: Handler) -> None:
    handler.ledger.put(an_entity_row(seen_requests=tuple("abcdefghijklmnop")))
    (taken,) = handler(Incoming("the 17th", (a_change(payload=OTHER_PAYLOAD),)))

    assert [violation.rule for violation in taken.violations] == ["changes-at-one-version"]
    assert handler.refusals.refused == [Refusal("the 17th", "rejected", "/version", "changes-at-one-version")]


def test_a_message_whose_row_others_keep_changing_is_to_be_repeated(handler: Handler) -> None:
    row = an_entity_row()
    handler.ledger.meanwhile = [handler.ledger.change(replace(row, version=version)) for version in range(100)]
    busy, calm = handler(Incoming("busy", (a_change(1000),)), Incoming("calm", (a_report("form 1", None),)))

    assert (busy.is_to_repeat, calm.is_to_repeat) == (True, False)


def test_a_message_that_is_to_be_repeated_is_not_refused_yet(handler: Handler) -> None:
    """It would lie on the queue once for each time that it comes."""
    row = an_entity_row()
    handler.ledger.meanwhile = [handler.ledger.change(replace(row, version=version)) for version in range(100)]
    (taken,) = handler(Incoming("busy and bad", (a_change(1000),), (FAULT,)))

    assert (taken.is_to_repeat, handler.refusals.refused) == (True, [])


def test_nothing_is_lost_where_the_queue_for_refused_messages_does_not_answer(handler: Handler) -> None:
    handler.refusals.down = True
    with pytest.raises(QueueUnavailable):
        handler(Incoming("bad", violations=(FAULT,)))

    handler.refusals.down = False
    handler(Incoming("bad", violations=(FAULT,)))
    assert len(handler.refusals.refused) == 1


def test_nothing_is_refused_before_what_can_be_taken_is_taken(handler: Handler) -> None:
    handler.ledger.down = True
    with pytest.raises(LedgerUnavailable):
        handler(Incoming("bad", violations=(FAULT,)), Incoming("good", (a_change(),)))

    assert handler.refusals.refused == []
