"""The three ways in, over one ledger in memory; and the envelopes in which AWS brings what it brings."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from itertools import count
from typing import Any, Final

from tests.support.builders import an_entity_row
from tests.support.fixed_clock import FixedClock
from tests.support.memory_ledger import MemoryLedger
from tests.support.memory_outbox import MemoryOutbox
from tests.support.memory_refusals import MemoryRefusals
from tests.support.rows import APP, SITE
from trigger_provider.adapters.catalogue_files import load_catalogue
from trigger_provider.domain.catalogue.trigger import Catalogue
from trigger_provider.domain.durations import DAY
from trigger_provider.domain.intake.parser import RequestChecker
from trigger_provider.domain.ledger.generations import LAST_GENERATION
from trigger_provider.domain.ledger.ids import entity_key
from trigger_provider.domain.ledger.rows import Row, RowKey, ScheduledEntity
from trigger_provider.entrypoints.intake_direct import DirectIntakeHandler
from trigger_provider.entrypoints.intake_eventbridge import EventBridgeIntakeHandler
from trigger_provider.entrypoints.intake_sqs import SqsIntakeHandler
from trigger_provider.entrypoints.message_reader import MessageReader
from trigger_provider.use_cases.intake.accept import Accept
from trigger_provider.use_cases.intake.intake import Intake
from trigger_provider.use_cases.intake.status import ReadStatus

CATALOGUE: Final = load_catalogue(files("triggers"))
CHECKER: Final = RequestChecker(CATALOGUE, APP)
NOW: Final = 1_795_507_200_000
"""2026-11-24T08:00:00Z"""
RETENTION: Final = 60 * DAY

Json = dict[str, Any]


class BusyLedger(MemoryLedger):
    """A ledger in which another worker always saves one row first."""

    def __init__(self, busy: RowKey) -> None:
        super().__init__()
        self._busy = busy

    def save_many(self, rows: Sequence[Row]) -> frozenset[RowKey]:
        lost = frozenset(row.key for row in rows if row.key == self._busy)
        return lost | super().save_many([row for row in rows if row.key not in lost])


@dataclass
class Handlers:
    """The entrypoints of intake as Lambda would hold them, and what lies behind."""

    catalogue: Catalogue = CATALOGUE
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    outbox: MemoryOutbox = field(default_factory=MemoryOutbox)
    refusals: MemoryRefusals = field(default_factory=MemoryRefusals)
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))

    def __post_init__(self) -> None:
        tokens = (f"token-{number}" for number in count())
        checker = RequestChecker(self.catalogue, APP)
        accept = Accept(self.ledger, self.outbox, self.clock, lambda: next(tokens), RETENTION)
        self.reader = MessageReader(checker, self.clock)
        self.eventbridge = EventBridgeIntakeHandler(self.reader, Intake(accept, self.refusals))
        self.sqs = SqsIntakeHandler(self.reader, Intake(accept, self.refusals))
        self.direct = DirectIntakeHandler(checker, accept, ReadStatus(self.ledger))

    def ask(self, *requests: object) -> list[Json]:
        """Send requests by a direct invocation. Return the results."""
        results: list[Json] = self.direct.handle({"requests": list(requests)})["results"]
        return results

    def reasons(self) -> list[tuple[str, str, str]]:
        """Return outcome, pointer and rule of every refused message."""
        return [(refusal.outcome, refusal.pointer, refusal.rule) for refusal in self.refusals.refused]


def a_visit(**changes: object) -> Json:
    """Return a report under a real-time trigger whose versions are times; name an entity and it needs one."""
    payload = {"contact_id": "6f2b9f6e-3d54-4c1c-9f0a-2b7c1d0e5a44", "page_url": "https://www.example.com/courses"}
    request = {"action": "report", "triggerKey": "page_visited", "instanceId": SITE, "id": "visit-1"}
    return {**request, "payload": payload, **changes}


def an_invoice(**changes: object) -> Json:
    """Return a report under a scheduled trigger whose versions are integers."""
    request = {"action": "report", "triggerKey": "invoice_due", "instanceId": SITE, "entityId": "inv-1", "version": 1}
    return {**request, "payload": an_invoice_payload(), **changes}


def an_invoice_payload(**changes: object) -> Json:
    payload = {
        "contact_id": "6f2b9f6e-3d54-4c1c-9f0a-2b7c1d0e5a44",
        "invoice_id": "inv-1",
        "invoice_number": "2026-0001",
        "due_date": "2026-12-10T09:00:00+01:00",
        "total": "80.00",
        "currency": "EUR",
    }
    return {**payload, **changes}


def a_cancel(**changes: object) -> Json:
    request = {"action": "cancel", "triggerKey": "invoice_due", "instanceId": SITE, "entityId": "inv-1", "version": 2}
    return {**request, **changes}


def the_last_generation(entity: str) -> ScheduledEntity:
    """Return the row of an invoice that can't be changed any more."""
    key = entity_key(APP, SITE, "invoice_due", entity)
    return an_entity_row(
        entity, key=key, trigger="invoice_due", generation=LAST_GENERATION, oldest_open_generation=LAST_GENERATION
    )


def without(document: Mapping[str, object], *names: str) -> Json:
    """Return a copy without these members."""
    return {name: value for name, value in document.items() if name not in names}


def an_envelope(detail: object, source: str = "com.example.web", detail_type: str = "Wix Trigger Request") -> Json:
    """Return an EventBridge event."""
    return {
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": detail_type,
        "source": source,
        "account": "111122223333",
        "time": "2026-11-24T08:00:00Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": detail,
    }


def a_batch(*bodies: object) -> Json:
    """Return an SQS event with messages message-0, message-1 and so on; a body that is no text is sent as JSON."""
    return {"Records": [_record(number, body) for number, body in enumerate(bodies)]}


def _record(number: int, body: object) -> Json:
    return {
        "messageId": f"message-{number}",
        "receiptHandle": f"receipt-{number}",
        "body": body if isinstance(body, str) else json.dumps(body),
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": str(NOW), "MessageGroupId": SITE},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:111122223333:inbox",
        "awsRegion": "eu-west-1",
    }
