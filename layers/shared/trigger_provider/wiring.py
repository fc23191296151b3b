"""Puts objects together: once for each function, when Lambda starts it.

Whatever is imported is loaded at each cold start. So a function that needs much has a room of its own beside this one.
"""

from __future__ import annotations

from collections.abc import Mapping

from trigger_provider.adapters import sqs_outbox
from trigger_provider.adapters.attempts import new_token
from trigger_provider.adapters.aws_clients import client as _client
from trigger_provider.adapters.dynamodb_ledger import DynamoDbLedger
from trigger_provider.adapters.dynamodb_sites import DynamoDbSites
from trigger_provider.adapters.eventbridge_outcomes import EventBridgeOutcomes
from trigger_provider.adapters.sqs_outbox import SqsOutbox
from trigger_provider.adapters.system_clock import SystemClock
from trigger_provider.decisions.policy import DAY, HOUR, MINUTE, SECOND, DeliveryPolicy
from trigger_provider.entrypoints.dead_letters import DeadLetters
from trigger_provider.entrypoints.schedule import ScheduledRecovery
from trigger_provider.ports import NoOutcomes, Outcomes
from trigger_provider.settings import (
    DeadLetterSettings,
    LedgerSettings,
    PatienceSettings,
    RecoverSettings,
)
from trigger_provider.use_cases.bury import Bury
from trigger_provider.use_cases.put_back import PutBack
from trigger_provider.use_cases.recover import Recover
from trigger_provider.use_cases.wake_sites import WakeSites

# All in all what one site may be told in a minute, or more; how much of it a run does is a matter of time.
_MOST_WAITING_PER_SHARD = 3_000
_MOST_PARKED_PER_SITE = 20_000
RECOVERY_RESERVE = 3 * SECOND
"""What the last portion of a run may take, before the function's timeout."""


def scheduled_recovery(env: Mapping[str, str]) -> ScheduledRecovery:
    """Make the recovery of what waits."""
    settings = RecoverSettings.read(env)
    ledger, outbox = ledger_of(settings.ledger.table_name), outbox_of(settings.ledger)
    put_back = PutBack(ledger, outbox, SystemClock(), new_token)
    sites = sites_of(settings.ledger.table_name)
    wake_sites = WakeSites(put_back, sites, delivery_policy(settings.patience), _MOST_PARKED_PER_SITE)
    patience = settings.timeout_seconds * SECOND - RECOVERY_RESERVE
    return ScheduledRecovery(Recover(put_back, wake_sites, _MOST_WAITING_PER_SHARD, patience, MINUTE))


def dead_letters(env: Mapping[str, str]) -> DeadLetters:
    """Make the burial of what workers died on."""
    settings = DeadLetterSettings.read(env)
    ledger, outcomes = ledger_of(settings.table_name), outcomes_of(settings.outcome_bus_name)
    bury = Bury(ledger, SystemClock(), new_token, settings.retention_days * DAY, outcomes)
    return DeadLetters(bury, sqs_outbox.decode)


def delivery_policy(settings: PatienceSettings) -> DeliveryPolicy:
    """Give the numbers that decisions about delivery depend on."""
    return DeliveryPolicy(
        settle_delay=settings.settle_delay_seconds * SECOND,
        give_up_after=settings.give_up_after_hours * HOUR,
        retention=settings.retention_days * DAY,
    )


def ledger_of(table_name: str) -> DynamoDbLedger:
    """Make the ledger."""
    return DynamoDbLedger(_client("dynamodb"), table_name)


def sites_of(table_name: str) -> DynamoDbSites:
    """Make the rows of sites."""
    return DynamoDbSites(_client("dynamodb"), table_name)


def outbox_of(settings: LedgerSettings) -> SqsOutbox:
    """Make the delivery queue."""
    return SqsOutbox(_client("sqs"), settings.delivery_queue_url)


def outcomes_of(bus_name: str) -> Outcomes:
    """Make the bus on which ends are published, if there is one."""
    return EventBridgeOutcomes(_client("events"), bus_name) if bus_name else NoOutcomes()
