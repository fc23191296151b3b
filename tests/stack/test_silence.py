"""Nothing that the deployed stack writes down holds a payload, an entity id, a token or a secret."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from tests.sandbox.business import BILLING, a_form, a_page_visit, an_invoice, in_days
from tests.sandbox.environment import Environment
from tests.sandbox.wix import REPORTS, BadItem, Trouble
from tests.support.function_url import a_call
from trigger_provider.domain.ledger.ids import event_id, occurrence_id
from trigger_provider.observability.log_events import LogEvent

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

MARK: Final = "planted"
ENTITY: Final = f"{MARK}.ada@example.com"
WORDS: Final = (MARK, "sandbox-", "secret for the sandbox")
"""The mark of what is planted, what all tokens of the local Wix begin with, and what its secrets end with."""


def test_nothing_that_was_planted_is_in_what_the_stack_wrote_down(environment: Environment) -> None:
    site = environment.new_site()
    good(environment, site)
    bad(environment, site)
    refused_by_wix(environment, site)
    environment.recover()
    lines = environment.until("all of it is logged", lambda: enough(list(logged(environment))))

    assert any(site in line for line in lines)  # they can be searched
    assert [line for line in lines if any(word in line for word in WORDS)] == []
    assert [item for item in environment.listener.heard(site) if MARK in json.dumps(item)] == []


def test_a_message_of_the_delivery_queue_names_a_row_and_nothing_that_it_holds(environment: Environment) -> None:
    """It may lie there for days, and for weeks on the queue of dead letters."""
    site = environment.new_site()
    numbers = count(10)

    def look() -> list[MessageTypeDef]:
        """Send one more each time: a receive that began before the mapping was switched off may take one."""
        environment.invoke(visit(site, next(numbers)))
        return received(environment, site)

    with nobody_delivers(environment):
        message, *_ = environment.until("a message is there", look)

    assert json.loads(message["Body"]).keys() == {"partition", "row", "revision"}
    assert MARK not in json.dumps(message)


@contextmanager
def nobody_delivers(environment: Environment) -> Iterator[None]:
    """Let messages lie on the delivery queue for a while."""
    functions, name = environment.aws.clients.functions, environment.outputs["DeliverFunctionName"]
    (mapping,) = functions.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    try:
        yield
    finally:
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


def received(environment: Environment, site: str) -> list[MessageTypeDef]:
    """Look at what lies on the delivery queue for a site, without keeping it from anybody."""
    answer = environment.aws.clients.sqs.receive_message(
        QueueUrl=environment.outputs["DeliveryQueueUrl"],
        MaxNumberOfMessages=10,
        VisibilityTimeout=0,
        MessageAttributeNames=["All"],
        MessageSystemAttributeNames=["All"],
    )
    return [message for message in answer.get("Messages", []) if message["Attributes"]["MessageGroupId"] == site]


def good(environment: Environment, site: str) -> None:
    """Send what is taken: by all three ways, changed, cancelled and asked after."""
    invoice = an_invoice(site, ENTITY, 1, in_days(30))
    environment.put_event(BILLING, "Invoice Issued", invoice)
    row = environment.settled(environment.entity(site, "invoice_due", ENTITY), "reported")
    environment.plugin.refresh(site, "invoice_due", event_id(row), {"invoice_number": MARK})
    environment.put_event(BILLING, "Invoice Paid", an_invoice(site, ENTITY, 2, in_days(30)))
    environment.send_messages([visit(site, 1)], site)
    environment.invoke(
        visit(site, 2), {"action": "status", "triggerKey": "invoice_due", "instanceId": site, "entityId": ENTITY}
    )
    environment.settled(environment.entity(site, "invoice_due", ENTITY), "cancelled")


def bad(environment: Environment, site: str) -> None:
    """Send what is refused, with marks in values, in names, in ids and in what is no JSON."""
    wrong: list[Any] = [
        visit(site, 3, page_url=f"{MARK} is no URL"),
        visit(site, 4, **{f"{MARK}@example.com": 1}),
        {**visit(site, 5), f"{MARK}@example.com": MARK},
        {**visit(site, 6), "triggerKey": MARK},
        {**visit(site, 7), "instanceId": MARK},
        {**visit(site, 8), "entityId": ENTITY, "version": MARK},
    ]
    environment.invoke(*wrong)
    environment.send_messages([*wrong, f"{{{MARK}", json.dumps(MARK)], site)
    environment.plugin.refresh(site, MARK, MARK, {MARK: MARK})
    environment.ask(environment.outputs["AppWebhooksFunctionName"], a_call(MARK))
    for detail in wrong:
        environment.put_event(BILLING, "Wix Trigger Request", detail)


def refused_by_wix(environment: Environment, site: str) -> None:
    """Let Wix refuse, and say back what it was sent."""
    echo = {
        "message": MARK,
        "details": {"applicationError": {"code": "NEWS", "description": MARK, "data": {MARK: ENTITY}}},
    }
    with environment.wix.faults.during(Trouble.status(400, body=echo, site=site), *REPORTS):
        environment.invoke(visit(site, 9))
        environment.settled(environment.occurrence(site, "page_visited", None, f"{MARK}-9"), "rejected")
    key = environment.occurrence(site, "form_submitted", None, f"{MARK}-form")
    bad = BadItem("NEWS", external_entity_id=occurrence_id(key))
    forms = [{**a_form(site, number), "id": f"{MARK}-form{number or ''}"} for number in range(2)]
    with environment.wix.faults.during(Trouble.failed_items(bad, site=site), *REPORTS):
        environment.invoke(*forms)
        environment.settled(key, "rejected")


def visit(site: str, number: int, **payload: object) -> dict[str, Any]:
    """Return a report that is good, but for what is in its payload."""
    request = a_page_visit(site, f"{MARK}-{number}")
    return {**request, "payload": {**request["payload"], "page_title": f"{MARK} title", **payload}}


def logged(environment: Environment) -> Iterator[str]:
    """Return every line of every log group; metrics are lines of it, too."""
    logs = environment.aws.clients.logs
    for page in logs.get_paginator("describe_log_groups").paginate():
        for group in page["logGroups"]:
            for events in logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"]):
                yield from (event["message"] for event in events["events"])


def enough(lines: list[str]) -> list[str] | None:
    """Return the lines once they tell of all that was done; a search in nothing finds nothing."""
    wanted = (LogEvent.REQUEST_PROCESSED, LogEvent.REQUEST_REFUSED, LogEvent.ROW_SETTLED)
    return lines if all(any(event.event_id in line for line in lines) for event in wanted) else None
