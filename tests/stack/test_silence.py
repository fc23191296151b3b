"""Nothing that the deployed stack writes down holds a payload, an entity id, a token or a secret."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from tests.sandbox.business import BILLING, a_form, a_page_visit, an_invoice, in_days
from tests.sandbox.stage import Stage
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


def test_nothing_that_was_planted_is_in_what_the_stack_wrote_down(stage: Stage) -> None:
    site = stage.new_site()
    good(stage, site)
    bad(stage, site)
    refused_by_wix(stage, site)
    stage.recover()
    lines = stage.until("all of it is logged", lambda: enough(list(logged(stage))))

    assert any(site in line for line in lines)  # they can be searched
    assert [line for line in lines if any(word in line for word in WORDS)] == []
    assert [item for item in stage.listener.heard(site) if MARK in json.dumps(item)] == []


def test_a_message_of_the_delivery_queue_names_a_row_and_nothing_that_it_holds(stage: Stage) -> None:
    """It may lie there for days, and for weeks on the queue of dead letters."""
    site = stage.new_site()
    numbers = count(10)

    def look() -> list[MessageTypeDef]:
        """Send one more each time: a receive that began before the mapping was switched off may take one."""
        stage.invoke(visit(site, next(numbers)))
        return received(stage, site)

    with nobody_delivers(stage):
        message, *_ = stage.until("a message is there", look)

    assert json.loads(message["Body"]).keys() == {"partition", "row", "revision"}
    assert MARK not in json.dumps(message)


@contextmanager
def nobody_delivers(stage: Stage) -> Iterator[None]:
    """Let messages lie on the delivery queue for a while."""
    functions, name = stage.aws.clients.functions, stage.outputs["DeliverFunctionName"]
    (mapping,) = functions.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    try:
        yield
    finally:
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


def received(stage: Stage, site: str) -> list[MessageTypeDef]:
    """Look at what lies on the delivery queue for a site, without keeping it from anybody."""
    answer = stage.aws.clients.sqs.receive_message(
        QueueUrl=stage.outputs["DeliveryQueueUrl"],
        MaxNumberOfMessages=10,
        VisibilityTimeout=0,
        MessageAttributeNames=["All"],
        MessageSystemAttributeNames=["All"],
    )
    return [message for message in answer.get("Messages", []) if message["Attributes"]["MessageGroupId"] == site]


def good(stage: Stage, site: str) -> None:
    """Send what is taken: by all three ways, changed, cancelled and asked after."""
    invoice = an_invoice(site, ENTITY, 1, in_days(30))
    stage.put_event(BILLING, "Invoice Issued", invoice)
    row = stage.settled(stage.entity(site, "invoice_due", ENTITY), "reported")
    stage.plugin.refresh(site, "invoice_due", event_id(row), {"invoice_number": MARK})
    stage.put_event(BILLING, "Invoice Paid", an_invoice(site, ENTITY, 2, in_days(30)))
    stage.send_messages([visit(site, 1)], site)
    stage.invoke(
        visit(site, 2), {"action": "status", "triggerKey": "invoice_due", "instanceId": site, "entityId": ENTITY}
    )
    stage.settled(stage.entity(site, "invoice_due", ENTITY), "cancelled")


def bad(stage: Stage, site: str) -> None:
    """Send what is refused, with marks in values, in names, in ids and in what is no JSON."""
    wrong: list[Any] = [
        visit(site, 3, page_url=f"{MARK} is no URL"),
        visit(site, 4, **{f"{MARK}@example.com": 1}),
        {**visit(site, 5), f"{MARK}@example.com": MARK},
        {**visit(site, 6), "triggerKey": MARK},
        {**visit(site, 7), "instanceId": MARK},
        {**visit(site, 8), "entityId": ENTITY, "version": MARK},
    ]
    stage.invoke(*wrong)
    stage.send_messages([*wrong, f"{{{MARK}", json.dumps(MARK)], site)
    stage.plugin.refresh(site, MARK, MARK, {MARK: MARK})
    stage.ask(stage.outputs["AppWebhooksFunctionName"], a_call(MARK))
    for detail in wrong:
        stage.put_event(BILLING, "Wix Trigger Request", detail)


def refused_by_wix(stage: Stage, site: str) -> None:
    """Let Wix refuse, and say back what it was sent."""
    echo = {
        "message": MARK,
        "details": {"applicationError": {"code": "NEWS", "description": MARK, "data": {MARK: ENTITY}}},
    }
    with stage.wix.faults.during(Trouble.status(400, body=echo, site=site), *REPORTS):
        stage.invoke(visit(site, 9))
        stage.settled(stage.occurrence(site, "page_visited", None, f"{MARK}-9"), "rejected")
    key = stage.occurrence(site, "form_submitted", None, f"{MARK}-form")
    bad = BadItem("NEWS", external_entity_id=occurrence_id(key))
    forms = [{**a_form(site, number), "id": f"{MARK}-form{number or ''}"} for number in range(2)]
    with stage.wix.faults.during(Trouble.failed_items(bad, site=site), *REPORTS):
        stage.invoke(*forms)
        stage.settled(key, "rejected")


def visit(site: str, number: int, **payload: object) -> dict[str, Any]:
    """Return a report that is good, but for what is in its payload."""
    request = a_page_visit(site, f"{MARK}-{number}")
    return {**request, "payload": {**request["payload"], "page_title": f"{MARK} title", **payload}}


def logged(stage: Stage) -> Iterator[str]:
    """Return every line of every log group; metrics are lines of it, too."""
    logs = stage.aws.clients.logs
    for page in logs.get_paginator("describe_log_groups").paginate():
        for group in page["logGroups"]:
            for events in logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"]):
                yield from (event["message"] for event in events["events"])


def enough(lines: list[str]) -> list[str] | None:
    """Return the lines once they tell of all that was done; a search in nothing finds nothing."""
    wanted = (LogEvent.REQUEST_TAKEN, LogEvent.REQUEST_REFUSED, LogEvent.ROW_SETTLED)
    return lines if all(any(event.event_id in line for line in lines) for event in wanted) else None
