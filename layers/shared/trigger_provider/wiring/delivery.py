"""Puts delivery together, with what calls Wix."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import TYPE_CHECKING

from aws_lambda_powertools.utilities.parameters import SecretsProvider

from trigger_provider.adapters import sqs_outbox
from trigger_provider.adapters.attempts import new_token
from trigger_provider.adapters.aws_clients import SECRET_CALLS, client
from trigger_provider.adapters.system_clock import SystemClock
from trigger_provider.adapters.wix_automations import WixAutomations, session
from trigger_provider.adapters.wix_secret import WixSecret
from trigger_provider.adapters.wix_tokens import WixTokens
from trigger_provider.decisions.policy import DAY, IDEMPOTENCY_KEY_TTL, SECOND
from trigger_provider.entrypoints.delivery import QueueDelivery
from trigger_provider.settings.delivery import DeliverSettings
from trigger_provider.use_cases.admission import Admission
from trigger_provider.use_cases.deliver import Deliver
from trigger_provider.use_cases.spreading import MOST_AT_ONCE
from trigger_provider.wiring.parts import delivery_policy, ledger_of, outbox_of, outcomes_of, sites_of
from trigger_provider.wix_calls import UNCOUNTED

if TYPE_CHECKING:
    from trigger_provider.wix_ports import Permits

_INTAKE_MARGIN = 5 * SECOND
_SETTLE_RESERVE = 1_500


def queue_delivery(env: Mapping[str, str]) -> QueueDelivery:
    """Make the delivery of the delivery queue's batches."""
    settings, clock = DeliverSettings.read(env), SystemClock()
    outbox, retention = outbox_of(settings.ledger), settings.patience.retention_days * DAY
    sites = sites_of(settings.ledger.table_name)
    admission = Admission(sites, clock, new_token, settings.site_calls_per_minute, retention)
    deliver = Deliver(
        ledger=ledger_of(settings.ledger.table_name),
        automations=_automations(settings, clock, admission.purse),
        clock=clock,
        jitter=random.random,
        new_token=new_token,
        policy=delivery_policy(settings.patience),
        app_id=settings.app_id,
        intake_window=settings.intake_timeout_seconds * SECOND + _INTAKE_MARGIN,
        admission=admission,
        outcomes=outcomes_of(settings.outcome_bus_name),
    )
    return QueueDelivery(deliver, sqs_outbox.decode, outbox, clock, _SETTLE_RESERVE, clock.pause)


def _automations(settings: DeliverSettings, clock: SystemClock, permits: Permits) -> WixAutomations:
    http = session(MOST_AT_ONCE)
    timeouts = (settings.connect_timeout_seconds, settings.read_timeout_seconds)
    secrets = SecretsProvider(boto3_client=client("secretsmanager", SECRET_CALLS))
    secret = WixSecret(secrets, settings.secret_id, settings.app_id, clock)
    token_permits = permits if settings.token_calls_count else UNCOUNTED
    tokens = WixTokens(http, settings.base_url, secret, clock, timeouts, token_permits)
    return WixAutomations(http, settings.base_url, tokens, clock, timeouts, IDEMPOTENCY_KEY_TTL, permits)
