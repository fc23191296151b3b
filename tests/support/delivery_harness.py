"""The entrypoint of delivery as Lambda would hold it, over ports of which a test may exchange any."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.support.builders import NOW, RETENTION
from tests.support.fixed_clock import FixedClock
from tests.support.handlers import Json
from tests.support.memory_automations import MemoryAutomations
from tests.support.memory_ledger import MemoryLedger
from tests.support.memory_outbox import MemoryOutbox
from tests.support.rows import APP
from tests.support.site_builders import an_admission
from trigger_provider.adapters.sqs.delivery_queue import decode, encode
from trigger_provider.domain.delivery.messages import Message, NullOutcomes
from trigger_provider.domain.delivery.policy import DeliveryPolicy
from trigger_provider.domain.durations import HOUR, MINUTE, SECOND
from trigger_provider.domain.ledger.rows import EventRow
from trigger_provider.entrypoints.deliver import DeliveryHandler
from trigger_provider.use_cases.delivery.deliver import Deliver

if TYPE_CHECKING:
    from trigger_provider.use_cases.ports.messaging import Outcomes


def a_message(number: int, row: EventRow, **changes: object) -> Json:
    """Return the record of a message about a row, as Lambda hands it over."""
    return {
        "messageId": f"message-{number}",
        "receiptHandle": f"receipt-{number}",
        "body": encode(Message(row.key, row.revision, row.site)),
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": str(NOW)},
        **changes,
    }


@dataclass
class DeliveryHarness:
    """Delivery, and what lies behind."""

    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    wix: MemoryAutomations = field(default_factory=MemoryAutomations)
    outcomes: Outcomes = field(default_factory=NullOutcomes)
    messages: MemoryOutbox = field(default_factory=MemoryOutbox)

    def __post_init__(self) -> None:
        clock = FixedClock(NOW)
        policy = DeliveryPolicy(settle_delay=MINUTE, give_up_after=HOUR, retention=RETENTION)
        deliver = Deliver(
            ledger=self.ledger, automations=self.wix, clock=clock, jitter=lambda: 0.5, new_token=lambda: "token",
            policy=policy, app_id=APP, intake_window=MINUTE, admission=an_admission(clock), outcomes=self.outcomes,
        )  # fmt: skip
        self.entrypoint = DeliveryHandler(deliver, decode, self.messages, clock, SECOND, lambda _: None)

    def knows(self, *rows: EventRow) -> None:
        self.ledger.rows |= {row.key: row for row in rows}

    def handle(self, *records: object) -> Json:
        return {**self.entrypoint.handle({"Records": list(records)}, MINUTE)}
