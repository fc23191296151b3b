"""Every message in events/ does what its name says: a valid one is taken, an invalid one is refused by that very rule.

They go through the entrypoints that ship, over a ledger and queues in memory.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support import plugin_answers
from tests.support.builders import an_entity_row
from tests.support.handlers import NOW, RETENTION, Handlers, Json, a_batch, a_visit
from tests.support.log import Log
from tests.support.memory_automations import MemoryAutomations
from tests.support.rows import APP
from tests.support.samples import EVENTS, sample
from tests.support.signatures import as_signed
from tests.support.site_builders import a_recovery, an_admission
from tests.support.webhooks import WebhookClient
from trigger_provider.adapters.sqs.delivery_queue import decode
from trigger_provider.domain.delivery.policy import DeliveryPolicy
from trigger_provider.domain.durations import HOUR, SECOND
from trigger_provider.domain.ledger.rows import State
from trigger_provider.domain.sites.site import SiteState
from trigger_provider.entrypoints.dead_letters import DeadLettersHandler
from trigger_provider.entrypoints.deliver import DeliveryHandler
from trigger_provider.entrypoints.recover import task_of
from trigger_provider.use_cases.delivery.dead_letters import DeadLetters
from trigger_provider.use_cases.delivery.deliver import Deliver

FUNCTIONS = Path(__file__).parents[2] / "functions"
REMAINING = 60 * SECOND
BEFORE, AFTER = a_visit(id="before"), a_visit(id="after")

Faults = list[tuple[str, str]]

REQUESTS_OF_VALID: dict[str, int] = {
    "intake_eventbridge/valid-date-already-past": 1,
    "intake_eventbridge/valid-form-submitted": 1,
    "intake_eventbridge/valid-invoice-issued": 1,
    "intake_eventbridge/valid-invoice-paid": 1,
    "intake_eventbridge/valid-invoice-updated": 1,
    "intake_eventbridge/valid-page-visited": 1,
    "intake_eventbridge/valid-session-booked": 2,
    "intake_eventbridge/valid-session-cancelled": 2,
    "intake_eventbridge/valid-session-rescheduled": 1,
    "intake_eventbridge/valid-wix-trigger-request": 1,
    "intake_sqs/valid-batch": 6,
    "intake_sqs/valid-envelope": 1,
    "intake_sqs/valid-request": 1,
}
"""How many rows a valid message makes."""

ANSWERS_TO_VALID: dict[str, list[str]] = {
    "intake_direct/valid-report": ["accepted"],
    "intake_direct/valid-requests": ["accepted", "accepted", "accepted", "found"],
    "intake_direct/valid-status": ["not_found", "not_found", "not_found"],
}

EVERY_OTHER_FAULT_OF_AN_INVOICE: Faults = [
    ("/payload/billing_address/country", "required"),
    ("/payload/currency", "required"),
    ("/payload/issue_date", "format"),
    ("/payload/line_items/1/quantity", "type"),
    ("/payload/total", "type"),
]
FAULTS: dict[str, Faults] = {
    "intake_eventbridge/invalid-bare-request": [("", "bare-request")],
    "intake_eventbridge/invalid-enum-status": [("/action", "enum")],
    "intake_eventbridge/invalid-envelope-list-of-a-pipe": [("", "envelope")],
    "intake_eventbridge/invalid-format-date-without-offset": [("/payload/due_date", "format")],
    "intake_eventbridge/invalid-format-impossible-date": [("/payload/due_date", "format")],
    "intake_eventbridge/invalid-format-site-is-no-guid": [("/instanceId", "format")],
    "intake_eventbridge/invalid-key-name": [("/payload/page-section", "key-name")],
    "intake_eventbridge/invalid-minLength-empty-entity": [("/entityId", "minLength")],
    "intake_eventbridge/invalid-nesting": [("/payload/referrer/campaign", "nesting")],
    "intake_eventbridge/invalid-required-and-every-other-fault": EVERY_OTHER_FAULT_OF_AN_INVOICE,
    "intake_eventbridge/invalid-required-version": [("/version", "required")],
    "intake_eventbridge/invalid-type-detail-is-a-list": [("", "type")],
    "intake_eventbridge/invalid-type-in-one-of-two-triggers": [("/payload/price", "type")],
    "intake_eventbridge/invalid-unknown-trigger": [("/triggerKey", "unknown-trigger")],
    "intake_eventbridge/invalid-unmatched-detail-type": [],
    "intake_eventbridge/invalid-unmatched-own-source": [],
    "intake_sqs/invalid-additionalProperties": [("/entity", "additionalProperties")],
    "intake_sqs/invalid-double": [("/payload/seconds_on_page", "double")],
    "intake_sqs/invalid-enum-action": [("/action", "enum")],
    "intake_sqs/invalid-finite-number": [("/payload/seconds_on_page", "finite")],
    "intake_sqs/invalid-format-in-an-envelope": [("/payload/due_date", "format")],
    "intake_sqs/invalid-format-version-is-no-time": [("/version", "format")],
    "intake_sqs/invalid-json": [("", "json")],
    "intake_sqs/invalid-json-not-a-number": [("", "json")],
    "intake_sqs/invalid-key-name": [("/payload/_internal", "key-name")],
    "intake_sqs/invalid-maximum-version": [("/version", "maximum")],
    "intake_sqs/invalid-minLength-empty-entity": [("/entityId", "minLength")],
    "intake_sqs/invalid-nesting": [("/payload/tags/0", "nesting")],
    "intake_sqs/invalid-required-by-a-scheduled-trigger": [("/entityId", "required"), ("/version", "required")],
    "intake_sqs/invalid-required-id": [("/id", "required")],
    "intake_sqs/invalid-required-payload-property": [("/payload/due_date", "required")],
    "intake_sqs/invalid-required-version-of-a-cancel": [("/version", "required")],
    "intake_sqs/invalid-sns-notification": [("", "sns-notification")],
    "intake_sqs/invalid-type-not-an-object": [("", "type")],
    "intake_sqs/invalid-type-version-is-true": [("/version", "type")],
    "intake_sqs/invalid-unicode": [("/payload/page_title", "unicode")],
    "intake_sqs/invalid-unknown-trigger": [("/triggerKey", "unknown-trigger")],
    "intake_sqs/invalid-unmatched-detail-type": [],
    "intake_sqs/invalid-version-kind-integer-for-a-time": [("/version", "version-kind")],
    "intake_sqs/invalid-version-kind-time-for-an-integer": [("/version", "version-kind")],
    "intake_direct/invalid-additionalProperties": [("/dryRun", "additionalProperties")],
    "intake_direct/invalid-format-impossible-date": [("/payload/due_date", "format")],
    "intake_direct/invalid-format-site-is-no-guid": [("/instanceId", "format")],
    "intake_direct/invalid-maxItems": [("/requests", "maxItems")],
    "intake_direct/invalid-minItems": [("/requests", "minItems")],
    "intake_direct/invalid-required": [("/requests", "required"), ("/request", "additionalProperties")],
    "intake_direct/invalid-required-and-every-other-fault": [
        ("/payload/billing_address/country", "required"),
        ("/payload/contact_id", "format"),
        ("/payload/due_date", "required"),
        ("/payload/invoice_id", "type"),
        ("/payload/total", "format"),
    ],
    "intake_direct/invalid-required-entity-for-a-status": [("/entityId", "required")],
    "intake_direct/invalid-required-id": [("/id", "required")],
    "intake_direct/invalid-type-not-an-object": [("", "type")],
    "intake_direct/invalid-unknown-trigger": [("/triggerKey", "unknown-trigger")],
    "intake_direct/invalid-version-kind": [("/version", "version-kind")],
}
"""The faults of an invalid message; one without any concerns nobody here."""

DELIVERED: dict[str, list[int]] = {
    "deliver/valid-batch": [],
    "deliver/valid-message-twice": [],
    "deliver/valid-row-not-yet-saved": [0],
    "deliver/invalid-unreadable": [0],
}
"""Which messages of a delivery batch come again."""

RECOVERED = ["recover/valid-first-half", "recover/valid-second-half", "recover/valid-sites", "recover/valid-walk"]

DEAD_LETTERS: dict[str, list[int]] = {"dead_letters/valid-batch": [], "dead_letters/invalid-unreadable": [0]}
"""Which dead letters stay on their queue."""

RECORDED: dict[str, SiteState | None] = {
    "app_webhooks/valid-installed": SiteState.ACTIVE,
    "app_webhooks/valid-installed-on-a-duplicated-site": SiteState.ACTIVE,
    "app_webhooks/valid-of-another-kind": None,
    "app_webhooks/valid-removed": SiteState.SUSPENDED,
    "app_webhooks/valid-removed-in-base64": SiteState.SUSPENDED,
}
"""What a valid webhook makes of a site that nobody has heard of; nothing if it is thanked for and no more."""

REFUSED: dict[str, int] = {
    "app_webhooks/invalid-JWT": 400,
    "app_webhooks/invalid-algorithm-HS256-with-the-public-key": 401,
    "app_webhooks/invalid-algorithm-none": 401,
    "app_webhooks/invalid-appId-of-another-app": 401,
    "app_webhooks/invalid-data-is-no-json": 400,
    "app_webhooks/invalid-expired": 401,
    "app_webhooks/invalid-instanceId-is-no-guid": 400,
    "app_webhooks/invalid-method": 400,
    "app_webhooks/invalid-signature-of-another-key": 401,
}
"""The status by which an invalid webhook is answered."""

UNDECLARED = {
    "/payload/page-section": "/payload/?",
    "/payload/referrer/campaign": "/payload/?/?",
    "/payload/_internal": "/payload/?",
    "/payload/tags/0": "/payload/?/?",
    "/entity": "/?",
}
WRONG_AS_A_WHOLE = ("additionalProperties", "maxItems", "minItems", "required")
HALF_RIGHT = "intake_eventbridge/invalid-type-in-one-of-two-triggers"


def named(prefix: str, table: dict[str, Any]) -> list[str]:
    return [name for name in table if name.startswith(prefix)]


def pairs(faults: list[Json]) -> Faults:
    return [(fault["pointer"], fault["rule"]) for fault in faults]


def test_every_sample_is_tested_here_and_every_name_has_a_sample() -> None:
    files = {str(path.relative_to(EVENTS).with_suffix("")) for path in EVENTS.rglob("*") if path.is_file()}
    tested = {
        *REQUESTS_OF_VALID,
        *ANSWERS_TO_VALID,
        *FAULTS,
        *DELIVERED,
        *RECOVERED,
        *DEAD_LETTERS,
        *RECORDED,
        *REFUSED,
    }
    assert files == tested | plugin_answers.NAMES


def test_every_function_has_a_valid_sample() -> None:
    functions = {path.parent.name for path in FUNCTIONS.glob("*/handler.py")}
    assert {path.parent.name for path in EVENTS.glob("*/valid-*.json")} == functions


@pytest.mark.parametrize("name", FAULTS)
def test_an_invalid_sample_is_named_after_its_rule(name: str) -> None:
    rule = FAULTS[name][0][1] if FAULTS[name] else "unmatched"
    assert name.split("/")[1].startswith(f"invalid-{rule}")


def as_kept(fault: tuple[str, str]) -> tuple[str, str]:
    """Return a fault as a queue holds it: without names that no schema declares."""
    pointer, rule = fault
    return UNDECLARED.get(pointer, pointer), rule


@pytest.mark.parametrize("name", named("intake_eventbridge/", REQUESTS_OF_VALID))
def test_a_valid_event_is_taken(name: str) -> None:
    handlers = Handlers()
    handlers.eventbridge.handle(sample(name))
    assert len(handlers.ledger.rows) == REQUESTS_OF_VALID[name]
    assert handlers.refusals.refused == []


@pytest.mark.parametrize("name", named("intake_eventbridge/", REQUESTS_OF_VALID))
def test_a_valid_event_makes_the_same_rows_by_way_of_the_queue(name: str) -> None:
    by_bus, by_queue = Handlers(), Handlers()
    by_bus.eventbridge.handle(sample(name))
    by_queue.sqs.handle(a_batch(sample(name)))
    assert by_queue.ledger.rows == by_bus.ledger.rows
    assert by_queue.outbox.sent == by_bus.outbox.sent


@pytest.mark.parametrize("name", named("intake_eventbridge/", FAULTS))
def test_an_invalid_event_lies_whole_on_the_refused_queue(name: str) -> None:
    handlers, event = Handlers(), sample(name)
    handlers.eventbridge.handle(event)
    assert handlers.reasons() == [("invalid", *as_kept(fault)) for fault in FAULTS[name][:1]]
    assert [json.loads(refusal.body) for refusal in handlers.refusals.refused] == [event] * bool(FAULTS[name])
    assert [row.trigger for row in handlers.ledger.rows.values()] == ["session_starting"] * (name == HALF_RIGHT)


@pytest.mark.parametrize("name", named("intake_eventbridge/", FAULTS))
def test_every_fault_of_an_invalid_event_is_found(name: str) -> None:
    faults = Handlers().reader.read_envelope(sample(name)).violations
    assert [(fault.pointer, fault.rule) for fault in faults] == FAULTS[name]


@pytest.mark.parametrize("name", named("intake_sqs/", REQUESTS_OF_VALID))
def test_a_valid_batch_is_taken(name: str) -> None:
    handlers = Handlers()
    assert handlers.sqs.handle(sample(name)) == {"batchItemFailures": []}
    assert len(handlers.ledger.rows) == REQUESTS_OF_VALID[name]
    assert handlers.refusals.refused == []


@pytest.mark.parametrize("name", named("intake_sqs/", FAULTS))
def test_an_invalid_message_lies_whole_on_the_refused_queue_and_its_neighbours_are_taken(name: str) -> None:
    handlers = Handlers()
    before, after = a_batch(BEFORE, AFTER)["Records"]
    (record,) = sample(name)["Records"]
    assert handlers.sqs.handle({"Records": [before, record, after]}) == {"batchItemFailures": []}
    assert handlers.reasons() == [("invalid", *as_kept(fault)) for fault in (FAULTS[name] or [("", "unmatched")])[:1]]
    assert [refusal.body for refusal in handlers.refusals.refused] == [record["body"]]
    assert [row.state for row in handlers.ledger.rows.values()] == [State.PENDING, State.PENDING]


@pytest.mark.parametrize("name", named("intake_sqs/", FAULTS))
def test_every_fault_of_an_invalid_message_is_found(name: str) -> None:
    (record,) = sample(name)["Records"]
    faults = Handlers().reader.read_text(record["body"]).violations
    assert [(fault.pointer, fault.rule) for fault in faults] == FAULTS[name]


@pytest.mark.parametrize("name", ANSWERS_TO_VALID)
def test_a_valid_invocation_is_answered(name: str) -> None:
    results = Handlers().direct.handle(sample(name))["results"]
    assert [result["outcome"] for result in results] == ANSWERS_TO_VALID[name]


def test_the_status_sample_asks_for_what_the_other_samples_made() -> None:
    handlers = Handlers()
    handlers.sqs.handle(sample("intake_sqs/valid-batch"))
    results = handlers.direct.handle(sample("intake_direct/valid-status"))["results"]
    assert [result["outcome"] for result in results] == ["found", "not_found", "found"]


@pytest.mark.parametrize("name", named("intake_direct/", FAULTS))
def test_an_invalid_invocation_is_answered_and_its_neighbours_are_taken(name: str) -> None:
    handlers, event = Handlers(), sample(name)
    if name.split("invalid-")[1] in WRONG_AS_A_WHOLE:
        answer = handlers.direct.handle(event)
        assert (answer["results"], pairs(answer["errors"])) == ([], FAULTS[name])
        assert handlers.ledger.rows == {}
    else:
        before, refused, after = handlers.ask(BEFORE, *event["requests"], AFTER)
        assert (refused["outcome"], pairs(refused["errors"])) == ("invalid", FAULTS[name])
        assert [before["outcome"], after["outcome"]] == ["accepted", "accepted"]
        assert len(handlers.ledger.rows) == 2


@pytest.mark.parametrize("name", DELIVERED)
def test_a_delivery_batch_leaves_the_rows_of_the_intake_samples_settled(name: str) -> None:
    handlers = Handlers()
    handlers.sqs.handle(sample("intake_sqs/valid-batch"))
    event = sample(name)
    answer = a_delivery(handlers).handle(event, REMAINING)
    again = [{"itemIdentifier": event["Records"][number]["messageId"]} for number in DELIVERED[name]]
    assert answer == {"batchItemFailures": again}
    done = [record for number, record in enumerate(event["Records"]) if number not in DELIVERED[name]]
    keys = [decode(record["body"])[0] for record in done]
    assert {handlers.ledger.rows[key].state for key in keys} == ({State.REPORTED} if keys else set())


def test_the_messages_of_the_delivery_sample_are_those_that_intake_sends() -> None:
    handlers = Handlers()
    handlers.sqs.handle(sample("intake_sqs/valid-batch"))
    sent = {(message.key, message.revision) for message in handlers.outbox.sent}
    assert {decode(record["body"]) for record in sample("deliver/valid-batch")["Records"]} <= sent


def test_the_ticks_of_the_schedule_put_back_together_what_is_due() -> None:
    handlers, waiting = Handlers(), an_entity_row(state=State.RETRYING, next_attempt_at=NOW)
    handlers.ledger.rows[waiting.key] = waiting
    recovery = a_recovery(handlers.ledger, handlers.outbox, handlers.clock, lambda: "token", 10)
    tasks = [task_of(sample(name)) for name in RECOVERED]
    assert sum(recovery.run(task.shards, with_sites=task.with_sites).rows for task in tasks) == 1
    assert [message.key for message in handlers.outbox.sent] == [waiting.key]


@pytest.mark.parametrize("name", DEAD_LETTERS)
def test_a_batch_of_dead_letters_lets_the_rows_of_the_intake_samples_wait_for_recovery(name: str) -> None:
    handlers = Handlers()
    handlers.sqs.handle(sample("intake_sqs/valid-batch"))
    event = sample(name)
    dead_letters = DeadLetters(handlers.ledger, handlers.clock, lambda: "token", RETENTION)
    answer = DeadLettersHandler(dead_letters, decode).handle(event)
    stay = [{"itemIdentifier": event["Records"][at]["messageId"]} for at in DEAD_LETTERS[name]]
    assert answer == {"batchItemFailures": stay}
    done = [record for at, record in enumerate(event["Records"]) if at not in DEAD_LETTERS[name]]
    keys = [decode(record["body"])[0] for record in done]
    assert all(handlers.ledger.rows[key].next_attempt_at is not None for key in keys)


@pytest.mark.parametrize("name", RECORDED)
def test_a_valid_webhook_is_noted(name: str) -> None:
    handler = WebhookClient()
    assert handler.status(as_signed(sample(name))) == 200
    assert [row.state for row in handler.sites.rows.values()] == ([RECORDED[name]] if RECORDED[name] else [])


@pytest.mark.parametrize("name", REFUSED)
def test_an_invalid_webhook_is_refused_by_the_rule_in_its_name_and_changes_nothing(name: str, log: Log) -> None:
    handler = WebhookClient()
    assert handler.status(as_signed(sample(name))) == REFUSED[name]
    assert handler.sites.rows == {}
    (line,) = log.lines
    assert name.split("invalid-")[1].startswith(line["rule"].split("/")[0].split(" ")[0])


def a_delivery(handlers: Handlers) -> DeliveryHandler:
    deliver = Deliver(
        ledger=handlers.ledger, automations=MemoryAutomations(handlers.clock), clock=handlers.clock,
        jitter=lambda: 0.0, new_token=lambda: "token", policy=DeliveryPolicy(60 * SECOND, HOUR, RETENTION), app_id=APP,
        intake_window=30 * SECOND, admission=an_admission(handlers.clock),
    )  # fmt: skip
    assert handlers.clock.now() == NOW
    return DeliveryHandler(deliver, decode, handlers.outbox, handlers.clock, reserve=0, pause=lambda _: None)
