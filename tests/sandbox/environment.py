"""Where a scenario plays: the deployed stack and the local Wix, with what sends to both and looks at both."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

from tests.sandbox.aws import MiniStack, Outputs
from tests.sandbox.listener import Listener
from tests.sandbox.wix import App, Owner, WixSandbox
from tests.sandbox.wix.plugin import ServicePlugin
from tests.sandbox.wix.postman import Webhook
from tests.support.at_rest import is_at_rest
from trigger_provider.adapters.dynamodb.items import encode_key
from trigger_provider.adapters.dynamodb.ledger import DynamoDbLedger
from trigger_provider.adapters.dynamodb.sites import DynamoDbSites
from trigger_provider.domain.catalogue.trigger import Catalogue
from trigger_provider.domain.ledger.ids import entity_key, occurrence_key
from trigger_provider.domain.ledger.rows import RequestOutcome, Row, RowKey
from trigger_provider.domain.sites.site import SiteRow
from trigger_provider.domain.sites.walk import WALK_KEY
from trigger_provider.observability.log_events import LogEvent

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

T = TypeVar("T")

STACK: Final = "trigger-provider"
INTAKE_LOG: Final = f"/aws/lambda/{STACK}-intake-eventbridge"
PATIENCE_SECONDS: Final = 300.0
"""Longer than any wait of a good run on a slow machine: who waits that long has found a fault, not a load."""

MOST_QUEUE_ENTRIES: Final = 10
TIMED_OUT: Final = "Sandbox.Timedout"


class TooLateError(AssertionError):
    """What a scenario waited for did not come about in time."""


@dataclass
class Environment:
    """Sends what producers send, and looks at the ledger and at Wix."""

    aws: MiniStack
    outputs: Outputs
    wix: WixSandbox
    catalogue: Catalogue
    app: App
    neighbour: App
    sites: Iterator[str]
    caller: str
    listener: Listener
    plugin: ServicePlugin
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _next_recovery: float = 0.0
    _refused: dict[str, tuple[str, str]] = field(default_factory=dict)

    def new_site(self) -> str:
        """Return a site that no other scenario uses."""
        with self._lock:
            return next(self.sites)

    def owner(self, site: str) -> Owner:
        """Return what acts as a site's owner."""
        return Owner(self.wix.url, site)

    def put_event(self, source: str, detail_type: str, detail: object, at: datetime | None = None) -> None:
        """Put a business event on the deployed bus; `at` becomes the envelope's time."""
        entry: dict[str, Any] = {
            "EventBusName": self.outputs["EventBusName"],
            "Source": source,
            "DetailType": detail_type,
            "Detail": json.dumps(detail, ensure_ascii=False),
        }
        if at is not None:
            entry["Time"] = at
        answer = self.aws.clients.events.put_events(Entries=[entry])  # type: ignore[list-item]
        if answer["FailedEntryCount"]:
            raise RuntimeError(answer["Entries"])

    def send_messages(self, bodies: Sequence[object], site: str) -> None:
        """Send messages to the inbox queue; their group is their site, as advised."""
        texts = [body if isinstance(body, str) else json.dumps(body) for body in bodies]
        for start in range(0, len(texts), MOST_QUEUE_ENTRIES):
            some = texts[start : start + MOST_QUEUE_ENTRIES]
            self.aws.clients.sqs.send_message_batch(
                QueueUrl=self.outputs["InboxQueueUrl"],
                Entries=[
                    {"Id": str(number), "MessageBody": text, "MessageGroupId": site} for number, text in enumerate(some)
                ],
            )

    def invoke(self, *requests: object) -> list[dict[str, Any]]:
        """Invoke `intake_direct`, and give its results."""
        return list(self.ask(self.outputs["IntakeDirectFunctionName"], {"requests": requests})["results"])

    def invoke_as_another_lambda(self, *requests: object) -> list[dict[str, Any]]:
        """Invoke a Lambda of somebody else's, which invokes `intake_direct` and hands back the results."""
        return list(self.ask(self.caller, {"requests": requests})["results"])

    def ask(self, function: str, event: object) -> Any:  # noqa: ANN401 - any JSON
        """Invoke any function and return its answer; an error of the function is raised.

        A function that reached its timeout, as on a slow machine, is invoked again.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            answer = self.aws.clients.functions.invoke(FunctionName=function, Payload=json.dumps(event).encode())
            payload = json.loads(answer["Payload"].read() or "null")
            if "FunctionError" not in answer:
                return payload
            if payload.get("errorType") != TIMED_OUT or time.monotonic() > deadline:
                raise RuntimeError(payload)

    def walk_anew(self) -> None:
        """Let the slow walk begin with the next run of `recover`, as it does once a day."""
        self.aws.clients.dynamodb.delete_item(TableName=self.outputs["LedgerTableName"], Key=encode_key(WALK_KEY))

    def recover(self) -> None:
        """Run `recover` now, as the schedule does once a minute."""
        self.ask(self.outputs["RecoverFunctionName"], {})

    def entity(self, site: str, trigger: str, entity: str) -> RowKey:
        """Return the key of an entity's row."""
        return entity_key(self.app.app_id, site, trigger, entity)

    def occurrence(self, site: str, trigger: str, entity: str | None, occurrence: str) -> RowKey:
        """Return the key of an occurrence's row."""
        return occurrence_key(self.app.app_id, site, trigger, entity, occurrence)

    def row(self, key: RowKey) -> Row | None:
        """Return a row of the deployed ledger."""
        return self.rows([key]).get(key)

    def rows(self, keys: Sequence[RowKey]) -> Mapping[RowKey, Row]:
        """Return rows of the deployed ledger."""
        return DynamoDbLedger(self.aws.clients.dynamodb, self.outputs["LedgerTableName"]).load_many(keys)

    def refused_messages(self) -> Mapping[str, tuple[str, str]]:
        """Return every message that was refused so far, with the pointer and the rule that it broke."""
        with self._lock:
            while messages := self._receive_refused():
                self._refused |= {message["Body"]: _rule(message) for message in messages}
            return dict(self._refused)

    def answered_by_intake(self, key: RowKey, outcome: RequestOutcome) -> int:
        """Return how many requests for a row `intake_eventbridge` has answered with an outcome, by its log."""
        pages = self.aws.clients.logs.get_paginator("filter_log_events").paginate(logGroupName=INTAKE_LOG)
        lines = [event["message"] for page in pages for event in page["events"] if key.partition in event["message"]]
        return sum(LogEvent.REQUEST_PROCESSED.event_id in line and f'"{outcome}"' in line for line in lines)

    def settled(self, key: RowKey, state: str, version: int | None = None, seconds: float = PATIENCE_SECONDS) -> Row:
        """Wait until a row, of a version if one is given, has a state and is at rest, and return it."""

        def look() -> Row | None:
            row = self.row(key)
            is_it = row is not None and row.state == state and version in {None, row.version}
            return row if row is not None and is_it and is_at_rest(row) else None

        return self.until(f"the row is {state}", look, seconds)

    def thanked(self, site: str) -> list[Webhook]:
        """Wait until the app has answered each webhook about a site in time, and give them.

        Waits of the resend ladder are turned away on the site's clock.
        """

        def look() -> list[Webhook] | None:
            webhooks = self.wix.postman.webhooks(site)
            due_at = min((webhook.due for webhook in webhooks if webhook.due is not None), default=None)
            if due_at is not None and due_at > self.wix.engine(site).moment(time.time()):
                self.wix.runner.turn(site, due_at)
            return webhooks if due_at is None else None

        return self.until("Wix has its 200", look)

    def site(self, site: str) -> SiteRow:
        """Return the row of a site in the deployed ledger."""
        return DynamoDbSites(self.aws.clients.dynamodb, self.outputs["LedgerTableName"]).load_many([site])[site]

    def until(self, what: str, look: Callable[[], T | None], seconds: float = PATIENCE_SECONDS) -> T:
        """Look again and again until there is something, while the schedule's minute is made a second."""
        end = time.monotonic() + seconds
        while not (seen := look()):
            if time.monotonic() > end:
                raise TooLateError(f"not within {seconds:.0f} s: {what}")
            self._recover_now_and_then()
            threading.Event().wait(0.1)
        return seen

    def _receive_refused(self) -> Sequence[MessageTypeDef]:
        answer = self.aws.clients.sqs.receive_message(
            QueueUrl=self.outputs["RefusedQueueUrl"],
            MaxNumberOfMessages=10,
            VisibilityTimeout=3600,
            MessageAttributeNames=["All"],
        )
        return answer.get("Messages", [])

    def _recover_now_and_then(self) -> None:
        with self._lock:
            if time.monotonic() > self._next_recovery:
                self.recover()
                self._next_recovery = time.monotonic() + 1


def _rule(message: MessageTypeDef) -> tuple[str, str]:
    attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    return attributes.get("pointer", ""), attributes["rule"]
