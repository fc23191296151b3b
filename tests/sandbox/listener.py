"""Somebody who wants to hear how events end: a bus for outcomes, a rule on it, and a queue behind the rule."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final

from tests.sandbox.aws import Clients
from trigger_provider.domain.catalogue.reserved_names import OUTCOME_DETAIL_TYPE, OWN_SOURCE

BUS: Final = "outcomes"
MOST_MESSAGES: Final = 10


@dataclass
class Listener:
    """What was heard so far, in the order in which it came."""

    clients: Clients
    queue_url: str
    _heard: list[dict[str, Any]] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def heard(self, site: str) -> list[dict[str, Any]]:
        """Return the outcomes of one site, each once however often it came."""
        with self._lock:
            while messages := self._received():
                self._heard += [json.loads(message["Body"])["detail"] for message in messages]
            of_site = [item for item in self._heard if item["instanceId"] == site]
        return list({(item["eventId"], item["outcome"]): item for item in of_site}.values())

    def _received(self) -> list[Any]:
        answer = self.clients.sqs.receive_message(
            QueueUrl=self.queue_url, MaxNumberOfMessages=MOST_MESSAGES, VisibilityTimeout=3600
        )
        return [*answer.get("Messages", [])]


def listen(clients: Clients) -> Listener:
    """Make the bus, the rule and the queue; they must be there before the stack is deployed."""
    clients.events.create_event_bus(Name=BUS)
    url = clients.sqs.create_queue(QueueName=BUS)["QueueUrl"]
    arn = clients.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = json.dumps({"source": [OWN_SOURCE], "detail-type": [OUTCOME_DETAIL_TYPE]})
    clients.events.put_rule(Name=BUS, EventBusName=BUS, EventPattern=pattern)
    clients.events.put_targets(Rule=BUS, EventBusName=BUS, Targets=[{"Id": BUS, "Arn": arn}])
    return Listener(clients, url)
