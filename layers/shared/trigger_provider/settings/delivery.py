"""The settings of `deliver`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trigger_provider.settings.environment import number, optional, text
from trigger_provider.settings.ledger import LedgerSettings, PatienceSettings

if TYPE_CHECKING:
    from collections.abc import Mapping


class DeliverSettings(NamedTuple):
    """The settings of `deliver`. The name of a time has its unit. An empty name means that there is no outcome bus."""

    ledger: LedgerSettings
    app_id: str
    secret_id: str
    base_url: str
    connect_timeout_seconds: int
    read_timeout_seconds: int
    patience: PatienceSettings
    intake_timeout_seconds: int
    site_calls_per_minute: int
    outcome_bus_name: str

    @classmethod
    def read(cls, env: Mapping[str, str]) -> DeliverSettings:
        """Return the settings, or raise `MissingSetting`."""
        return cls(
            ledger=LedgerSettings.read(env),
            app_id=text(env, "WIX_APP_ID"),
            secret_id=text(env, "WIX_SECRET_ID"),
            base_url=text(env, "WIX_BASE_URL"),
            connect_timeout_seconds=number(env, "HTTP_CONNECT_TIMEOUT_SECONDS"),
            read_timeout_seconds=number(env, "HTTP_READ_TIMEOUT_SECONDS"),
            patience=PatienceSettings.read(env),
            intake_timeout_seconds=number(env, "INTAKE_TIMEOUT_SECONDS"),
            site_calls_per_minute=number(env, "SITE_CALLS_PER_MINUTE"),
            outcome_bus_name=optional(env, "OUTCOME_BUS_NAME"),
        )
