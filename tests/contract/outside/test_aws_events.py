"""Each function is given what AWS sends for its event sources: taken, kept with a plain reason, or an error by name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.contract.outside.aws_events import SAMPLES, Sample
from tests.support.builders import RETENTION
from tests.support.fixed_clock import FixedClock
from tests.support.gate import GateHandler
from tests.support.handlers import NOW, Handlers, a_batch
from tests.support.log import captured_log
from tests.support.memory_ledger import MemoryLedger
from tests.support.webhooks import WebhookClient
from trigger_provider.adapters.sqs.delivery_queue import decode
from trigger_provider.entrypoints.dead_letters import DeadLettersHandler
from trigger_provider.entrypoints.recover import shards_of
from trigger_provider.errors import ForeignEvent
from trigger_provider.use_cases.delivery.dead_letters import DeadLetters

EVERY_SAMPLE = pytest.mark.parametrize("sample", SAMPLES, ids=[sample.source for sample in SAMPLES])


def outcome(handlers: Handlers) -> str:
    """Return what became of a message, after what lies where."""
    rules = [refusal.rule for refusal in handlers.refusals.refused]
    if rules:
        assert handlers.ledger.rows == {}
        return f"refused: {rules[0]}"
    return "taken" if handlers.ledger.rows else "unmatched"


@EVERY_SAMPLE
def test_the_bus_takes_it_or_keeps_it_with_a_plain_reason(sample: Sample) -> None:
    handlers = Handlers()
    with captured_log() as log:
        handlers.eventbridge.handle(sample.event)
        counts = log.counts
    assert outcome(handlers) == sample.by_bus
    kept = [json.loads(refusal.body) for refusal in handlers.refusals.refused]
    assert kept == [sample.event] * sample.by_bus.startswith("refused")
    assert counts == {{"taken": "Accepted", "unmatched": "Unmatched"}.get(sample.by_bus, "Refused"): 1}


@EVERY_SAMPLE
def test_the_queues_function_takes_it_or_keeps_it_with_a_plain_reason(sample: Sample) -> None:
    handlers = Handlers()
    with captured_log() as log:
        assert handlers.sqs.handle(sample.event) == {"batchItemFailures": []}
        is_anything = bool(log.counts)
    assert (outcome(handlers) if is_anything else "nothing") == sample.by_batch
    is_batch = isinstance(sample.event, dict) and "Records" in sample.event
    records = sample.event["Records"] if is_batch else [sample.event]
    kept = [json.loads(refusal.body) for refusal in handlers.refusals.refused]
    assert kept == records * sample.by_batch.startswith("refused")


@EVERY_SAMPLE
def test_a_message_of_the_inbox_is_taken_or_kept_to_the_letter(sample: Sample) -> None:
    handlers, body = Handlers(), json.dumps(sample.event, indent=1)
    with captured_log() as log:
        assert handlers.sqs.handle(a_batch(body)) == {"batchItemFailures": []}
        counts = log.counts
    assert outcome(handlers) == sample.in_inbox
    assert [refusal.body for refusal in handlers.refusals.refused] == [body] * sample.in_inbox.startswith("refused")
    assert counts == {"Accepted" if sample.in_inbox == "taken" else "Refused": 1}


@EVERY_SAMPLE
def test_a_direct_invocation_answers_what_is_wrong_with_it(sample: Sample) -> None:
    handlers = Handlers()
    answer = handlers.direct.handle(sample.event)
    is_for_it = isinstance(sample.event, dict) and sample.event.keys() == {"requests"}
    assert bool(handlers.ledger.rows) == is_for_it
    assert answer.get("errors", []) != [] or is_for_it


@EVERY_SAMPLE
def test_a_function_of_wixs_calls_says_that_it_is_no_call(sample: Sample) -> None:
    for handler in (WebhookClient().handle.handle, GateHandler().handle.handle):
        with pytest.raises(ForeignEvent, match=r"^this function answers calls of its URL$"):
            handler(sample.event)


@EVERY_SAMPLE
def test_a_function_of_dead_letters_lets_what_is_none_of_its_messages_stay(sample: Sample) -> None:
    use_case = DeadLetters(MemoryLedger(), FixedClock(NOW), lambda: "token", RETENTION)
    answer = answered(DeadLettersHandler(use_case, decode), sample.event)
    if sample.by_batch == "taken":
        assert answer == {"batchItemFailures": [{"itemIdentifier": "message-0"}]}
    else:
        assert answer == ("nothing" if sample.by_batch != "nothing" else {"batchItemFailures": []})


def answered(handler: Any, event: object) -> object:  # noqa: ANN401 - any handler
    try:
        return handler.handle(event)
    except ForeignEvent:
        return "nothing"


@EVERY_SAMPLE
def test_recovery_looks_at_the_whole_index_whoever_asks(sample: Sample) -> None:
    assert list(shards_of(sample.event)) == list(shards_of({}))
