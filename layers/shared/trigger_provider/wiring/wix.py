"""Constructs the functions that Wix calls and waits for. They don't import `parts`, which would take too long."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from trigger_provider.adapters.aws.clients import calls, calls_within, client
from trigger_provider.adapters.dynamodb.event_finder import DynamoDbEventFinder
from trigger_provider.adapters.dynamodb.sites import DynamoDbSites
from trigger_provider.adapters.system.attempt_token import new_token
from trigger_provider.adapters.system.clock import SystemClock
from trigger_provider.adapters.wix.jwt import WixJwt
from trigger_provider.domain.durations import DAY
from trigger_provider.entrypoints.app_webhooks import WebhookHandler
from trigger_provider.entrypoints.refresh_payload import ServicePluginHandler
from trigger_provider.settings.wix import GateSettings, SignatureSettings, WebhookSettings
from trigger_provider.use_cases.gate import RefreshPayload
from trigger_provider.use_cases.sites.installation import Installation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trigger_provider.domain.catalogue.trigger import Catalogue


def app_webhooks(env: Mapping[str, str]) -> WebhookHandler:
    """Construct the handler of Wix's webhooks."""
    settings = WebhookSettings.read(env)
    sites = DynamoDbSites(client("dynamodb", calls(settings.read_timeout_seconds)), settings.table_name)
    installation = Installation(sites, SystemClock(), new_token, settings.retention_days * DAY)
    return WebhookHandler(_signatures(settings.signatures), installation, settings.signatures.app_id)


def refresh_payload(env: Mapping[str, str]) -> ServicePluginHandler:
    """Construct the handler of Wix's service plugin."""
    settings = GateSettings.read(env)
    events = DynamoDbEventFinder(client("dynamodb", calls_within(settings.read_timeout)), settings.table_name)
    return ServicePluginHandler(
        _signatures(settings.signatures), RefreshPayload(events), _catalogue, settings.passes_unknown
    )


def _signatures(settings: SignatureSettings) -> WixJwt:
    return WixJwt(settings.public_key, settings.app_id)


@cache
def _catalogue() -> Catalogue:
    from trigger_provider.adapters.catalogue_files import load_catalogue  # noqa: PLC0415 - seldom needed, and slow to import

    return load_catalogue(files("triggers"))
