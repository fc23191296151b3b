"""Puts together what Wix calls and waits for: apart from `wiring`, whose imports such a call has no time for."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from trigger_provider.adapters.aws_clients import client
from trigger_provider.adapters.dynamodb_sites import DynamoDbSites
from trigger_provider.adapters.system_clock import SystemClock
from trigger_provider.adapters.wix_jwt import WixJwt
from trigger_provider.decisions.policy import DAY
from trigger_provider.entrypoints.webhooks import Webhooks
from trigger_provider.settings import WebhookSettings
from trigger_provider.use_cases.installs import Installs


def app_webhooks(env: Mapping[str, str]) -> Webhooks:
    """Make the doorway of Wix's webhooks."""
    settings = WebhookSettings.read(env)
    sites = DynamoDbSites(client("dynamodb"), settings.table_name)
    installs = Installs(sites, SystemClock(), lambda: uuid.uuid4().hex, settings.retention_days * DAY)
    return Webhooks(WixJwt(settings.public_key, settings.app_id), installs, settings.app_id)
