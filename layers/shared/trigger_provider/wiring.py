"""Puts objects together: once for each function, when Lambda starts it."""

from __future__ import annotations

import random
import uuid
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from aws_lambda_powertools.utilities.parameters import SecretsProvider
from botocore.config import Config

from trigger_provider.adapters import sqs_outbox
from trigger_provider.adapters.aws_clients import CALLS as _CALLS
from trigger_provider.adapters.aws_clients import client as _client
from trigger_provider.adapters.dynamodb_ledger import DynamoDbLedger
from trigger_provider.adapters.dynamodb_sites import DynamoDbSites
from trigger_provider.adapters.eventbridge_outcomes import EventBridgeOutcomes
from trigger_provider.adapters.sqs_outbox import SqsOutbox
from trigger_provider.adapters.sqs_refusals import SqsRefusals
from trigger_provider.adapters.system_clock import SystemClock
from trigger_provider.adapters.trigger_files import load_catalogue
from trigger_provider.adapters.wix_automations import WixAutomations, session
from trigger_provider.adapters.wix_secret import WixSecret
from trigger_provider.adapters.wix_tokens import WixTokens
from trigger_provider.decisions.policy import DAY, HOUR, IDEMPOTENCY_KEY_TTL, MINUTE, SECOND, DeliveryPolicy
from trigger_provider.entrypoints.dead_letters import DeadLetters
from trigger_provider.entrypoints.delivery import QueueDelivery
from trigger_provider.entrypoints.direct import DirectIntake
from trigger_provider.entrypoints.eventbridge import EventBridgeIntake
from trigger_provider.entrypoints.messages import MessageReader
from trigger_provider.entrypoints.sqs import SqsIntake
from trigger_provider.ports import UNCOUNTED, NoOutcomes, Outcomes, Permits
from trigger_provider.request_checks import RequestChecker
from trigger_provider.settings import (
    DeadLetterSettings,
    DeliverSettings,
    IntakeSettings,
    LedgerSettings,
    PatienceSettings,
    RecoverSettings,
    refused_queue_url,
)
from trigger_provider.use_cases.accept import Accept
from trigger_provider.use_cases.admission import Admission
from trigger_provider.use_cases.bury import Bury
from trigger_provider.use_cases.deliver import Deliver
from trigger_provider.use_cases.inspect import Inspect
from trigger_provider.use_cases.intake import Intake
from trigger_provider.use_cases.put_back import PutBack
from trigger_provider.use_cases.recover import Recover
from trigger_provider.use_cases.spreading import MOST_AT_ONCE
from trigger_provider.use_cases.wake_sites import WakeSites

# Shorter: the secret is read inside a delivery's deadline, but without knowing it, and time must be left to settle.
_SECRET_CALLS: Any = _CALLS.merge(Config(read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2}))
# All in all what one site may be told in a minute, or more; how much of it a run does is a matter of time.
_MOST_WAITING_PER_SHARD = 3_000
_MOST_PARKED_PER_SITE = 20_000
_RECOVERY_LASTS = 7 * SECOND
_INTAKE_MARGIN = 5 * SECOND
_SETTLE_RESERVE = 1_500


def eventbridge_intake(env: Mapping[str, str]) -> EventBridgeIntake:
    """Make the intake of EventBridge's events."""
    checker, accept = _checker_and_accept(env)
    return EventBridgeIntake(MessageReader(checker), Intake(accept, _refusals(env)))


def sqs_intake(env: Mapping[str, str]) -> SqsIntake:
    """Make the intake of the inbox queue."""
    checker, accept = _checker_and_accept(env)
    return SqsIntake(MessageReader(checker), Intake(accept, _refusals(env)))


def direct_intake(env: Mapping[str, str]) -> DirectIntake:
    """Make the intake of direct invocations."""
    checker, accept = _checker_and_accept(env)
    return DirectIntake(checker, accept, Inspect(accept.ledger))


def queue_delivery(env: Mapping[str, str]) -> QueueDelivery:
    """Make the delivery of the delivery queue's batches."""
    settings, clock = DeliverSettings.read(env), SystemClock()
    outbox, retention = _outbox(settings.ledger), settings.patience.retention_days * DAY
    sites = _sites(settings.ledger.table_name)
    admission = Admission(sites, clock, _new_token, settings.site_calls_per_minute, retention)
    deliver = Deliver(
        ledger=_ledger(settings.ledger.table_name),
        automations=_automations(settings, clock, admission.purse),
        clock=clock,
        jitter=random.random,
        new_token=_new_token,
        policy=_policy(settings.patience),
        app_id=settings.app_id,
        intake_window=settings.intake_timeout_seconds * SECOND + _INTAKE_MARGIN,
        admission=admission,
        outcomes=_outcomes(settings.outcome_bus_name),
    )
    return QueueDelivery(deliver, sqs_outbox.decode, outbox, clock, _SETTLE_RESERVE, clock.pause)


def recover(env: Mapping[str, str]) -> Recover:
    """Make the recovery of what waits."""
    settings = RecoverSettings.read(env)
    ledger, outbox = _ledger(settings.ledger.table_name), _outbox(settings.ledger)
    put_back = PutBack(ledger, outbox, SystemClock(), _new_token)
    sites = _sites(settings.ledger.table_name)
    wake_sites = WakeSites(put_back, sites, _policy(settings.patience), _MOST_PARKED_PER_SITE)
    return Recover(put_back, wake_sites, _MOST_WAITING_PER_SHARD, _RECOVERY_LASTS, MINUTE)


def dead_letters(env: Mapping[str, str]) -> DeadLetters:
    """Make the burial of what workers died on."""
    settings = DeadLetterSettings.read(env)
    ledger, outcomes = _ledger(settings.table_name), _outcomes(settings.outcome_bus_name)
    bury = Bury(ledger, SystemClock(), _new_token, settings.retention_days * DAY, outcomes)
    return DeadLetters(bury, sqs_outbox.decode)


def _checker_and_accept(env: Mapping[str, str]) -> tuple[RequestChecker, Accept]:
    settings = IntakeSettings.read(env)
    checker = RequestChecker(load_catalogue(files("triggers")), settings.app_id)
    ledger, outbox = _ledger(settings.ledger.table_name), _outbox(settings.ledger)
    return checker, Accept(ledger, outbox, SystemClock(), _new_token, settings.retention_days * DAY)


def _automations(settings: DeliverSettings, clock: SystemClock, permits: Permits) -> WixAutomations:
    http = session(MOST_AT_ONCE)
    timeouts = (settings.connect_timeout_seconds, settings.read_timeout_seconds)
    secrets = SecretsProvider(boto3_client=_client("secretsmanager", _SECRET_CALLS))
    secret = WixSecret(secrets, settings.secret_id, settings.app_id, clock)
    token_permits = permits if settings.token_calls_count else UNCOUNTED
    tokens = WixTokens(http, settings.base_url, secret, clock, timeouts, token_permits)
    return WixAutomations(http, settings.base_url, tokens, clock, timeouts, IDEMPOTENCY_KEY_TTL, permits)


def _policy(settings: PatienceSettings) -> DeliveryPolicy:
    return DeliveryPolicy(
        settle_delay=settings.settle_delay_seconds * SECOND,
        give_up_after=settings.give_up_after_hours * HOUR,
        retention=settings.retention_days * DAY,
    )


def _ledger(table_name: str) -> DynamoDbLedger:
    return DynamoDbLedger(_client("dynamodb"), table_name)


def _sites(table_name: str) -> DynamoDbSites:
    return DynamoDbSites(_client("dynamodb"), table_name)


def _outbox(settings: LedgerSettings) -> SqsOutbox:
    return SqsOutbox(_client("sqs"), settings.delivery_queue_url)


def _outcomes(bus_name: str) -> Outcomes:
    return EventBridgeOutcomes(_client("events"), bus_name) if bus_name else NoOutcomes()


def _refusals(env: Mapping[str, str]) -> SqsRefusals:
    return SqsRefusals(_client("sqs"), refused_queue_url(env))


def _new_token() -> str:
    return uuid.uuid4().hex
