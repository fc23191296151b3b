"""Constructs `deliver`, with its calls to Wix."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from aws_lambda_powertools.utilities.parameters import SecretsProvider

from trigger_provider.adapters.aws.clients import SECRET_CALLS, client
from trigger_provider.adapters.sqs import delivery_queue
from trigger_provider.adapters.system.attempt_token import new_token
from trigger_provider.adapters.system.clock import SystemClock
from trigger_provider.adapters.wix.automations import WixAutomations, session
from trigger_provider.adapters.wix.secret import WixSecret
from trigger_provider.adapters.wix.token_cache import TokenCache
from trigger_provider.domain.delivery.policy import IDEMPOTENCY_KEY_TTL
from trigger_provider.domain.durations import DAY, SECOND
from trigger_provider.entrypoints.deliver import DeliveryHandler
from trigger_provider.settings.delivery import DeliverSettings
from trigger_provider.use_cases.concurrency import MOST_AT_ONCE
from trigger_provider.use_cases.delivery.admission import Admission
from trigger_provider.use_cases.delivery.deliver import Deliver
from trigger_provider.wiring.parts import delivery_policy, ledger_of, outbox_of, outcomes_of, sites_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trigger_provider.use_cases.ports.wix import Permits

_INTAKE_MARGIN = 5 * SECOND
_SETTLE_RESERVE = 1_500


def queue_delivery(env: Mapping[str, str]) -> DeliveryHandler:
    """Construct the handler of the delivery queue."""
    settings, clock = DeliverSettings.read(env), SystemClock()
    outbox, retention = outbox_of(settings.ledger), settings.patience.retention_days * DAY
    sites = sites_of(settings.ledger)
    admission = Admission(sites, clock, new_token, settings.site_calls_per_minute, retention)
    deliver = Deliver(
        ledger=ledger_of(settings.ledger.table_name, settings.ledger.read_timeout_seconds),
        automations=_automations(settings, clock, admission.permits),
        clock=clock,
        jitter=random.random,
        new_token=new_token,
        policy=delivery_policy(settings.patience),
        app_id=settings.app_id,
        intake_window=settings.intake_timeout_seconds * SECOND + _INTAKE_MARGIN,
        admission=admission,
        outcomes=outcomes_of(settings.outcome_bus_name, settings.ledger.read_timeout_seconds),
    )
    return DeliveryHandler(deliver, delivery_queue.decode, outbox, clock, _SETTLE_RESERVE, clock.pause)


def _automations(settings: DeliverSettings, clock: SystemClock, permits: Permits) -> WixAutomations:
    http = session(MOST_AT_ONCE)
    timeouts = (settings.connect_timeout_seconds, settings.read_timeout_seconds)
    secrets = SecretsProvider(boto3_client=client("secretsmanager", SECRET_CALLS))
    secret = WixSecret(secrets, settings.secret_id, settings.app_id, clock)
    tokens = TokenCache(http, settings.base_url, secret, clock, timeouts, permits)
    return WixAutomations(http, settings.base_url, tokens, clock, timeouts, IDEMPOTENCY_KEY_TTL, permits)
