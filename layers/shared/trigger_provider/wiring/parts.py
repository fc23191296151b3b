"""Objects that more than one function needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trigger_provider.adapters.aws.clients import calls, client
from trigger_provider.adapters.aws.retry import MOST_AT_ONCE
from trigger_provider.adapters.dynamodb.ledger import DynamoDbLedger
from trigger_provider.adapters.dynamodb.sites import DynamoDbSites
from trigger_provider.adapters.eventbridge.outcomes import EventBridgeOutcomes
from trigger_provider.adapters.sqs.delivery_queue import SqsDeliveryQueue
from trigger_provider.domain.delivery.messages import NullOutcomes
from trigger_provider.domain.delivery.policy import DeliveryPolicy
from trigger_provider.domain.durations import DAY, HOUR, SECOND

if TYPE_CHECKING:
    from trigger_provider.settings.ledger import LedgerSettings, PatienceSettings
    from trigger_provider.use_cases.ports.messaging import Outcomes


def delivery_policy(settings: PatienceSettings) -> DeliveryPolicy:
    """Return the numbers that decisions about delivery depend on."""
    return DeliveryPolicy(
        settle_delay=settings.settle_delay_seconds * SECOND,
        give_up_after=settings.give_up_after_hours * HOUR,
        retention=settings.retention_days * DAY,
    )


def ledger_of(table_name: str, read_timeout: int, most_at_once: int = MOST_AT_ONCE) -> DynamoDbLedger:
    """Construct the ledger. Each attempt of a call waits for `read_timeout` seconds."""
    return DynamoDbLedger(client("dynamodb", calls(read_timeout)), table_name, most_at_once=most_at_once)


def sites_of(settings: LedgerSettings) -> DynamoDbSites:
    """Construct the store of the sites' rows."""
    return DynamoDbSites(client("dynamodb", calls(settings.read_timeout_seconds)), settings.table_name)


def outbox_of(settings: LedgerSettings, most_at_once: int = MOST_AT_ONCE) -> SqsDeliveryQueue:
    """Construct the delivery queue."""
    sqs = client("sqs", calls(settings.read_timeout_seconds))
    return SqsDeliveryQueue(sqs, settings.delivery_queue_url, most_at_once=most_at_once)


def outcomes_of(bus_name: str, read_timeout: int) -> Outcomes:
    """Construct the outcome bus, if one is named."""
    return EventBridgeOutcomes(client("events", calls(read_timeout)), bus_name) if bus_name else NullOutcomes()
