"""The settings of `deliver`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from trigger_provider.settings.environment import number, optional, require, text
from trigger_provider.settings.ledger import LedgerSettings, PatienceSettings

if TYPE_CHECKING:
    from collections.abc import Mapping


_FEWEST_CALLS: Final = 4


class DeliverSettings(NamedTuple):
    """The settings of `deliver`. The name of a time has its unit. An empty name means that there is no outcome bus."""

    ledger: LedgerSettings
    app_id: str
    secret_id: str
    base_url: str
    connect_timeout_seconds: int
    read_timeout_seconds: int
    patience: PatienceSettings
    timeout_seconds: int
    intake_timeout_seconds: int
    site_calls_per_minute: int
    outcome_bus_name: str

    @classmethod
    def read(cls, env: Mapping[str, str]) -> DeliverSettings:
        """Return the settings. Raise `UnusableSetting` if one is missing, or if they break the protocol."""
        settings = cls(
            ledger=LedgerSettings.read(env),
            app_id=text(env, "WIX_APP_ID"),
            secret_id=text(env, "WIX_SECRET_ID"),
            base_url=text(env, "WIX_BASE_URL"),
            connect_timeout_seconds=number(env, "HTTP_CONNECT_TIMEOUT_SECONDS"),
            read_timeout_seconds=number(env, "HTTP_READ_TIMEOUT_SECONDS"),
            patience=PatienceSettings.read(env),
            timeout_seconds=number(env, "DELIVER_TIMEOUT_SECONDS"),
            intake_timeout_seconds=number(env, "INTAKE_TIMEOUT_SECONDS"),
            site_calls_per_minute=number(env, "SITE_CALLS_PER_MINUTE"),
            outcome_bus_name=optional(env, "OUTCOME_BUS_NAME"),
        )
        settings.check()
        return settings

    def check(self) -> None:
        """Raise `UnusableSetting` if a call may still be on its way at the second cancel, or if none can be made."""
        call = self.connect_timeout_seconds + self.read_timeout_seconds
        require("HTTP_CONNECT_TIMEOUT_SECONDS must be at least 1", holds=self.connect_timeout_seconds > 0)
        require("HTTP_READ_TIMEOUT_SECONDS must be at least 1", holds=self.read_timeout_seconds > 0)
        require(
            "DELIVER_TIMEOUT_SECONDS must be more than twice both HTTP timeouts together, or no call is begun",
            holds=self.timeout_seconds > 2 * call,
        )
        require(
            "SETTLE_DELAY_SECONDS must be more than DELIVER_TIMEOUT_SECONDS and both HTTP timeouts together, "
            "or a second cancel comes before a late report",
            holds=self.patience.settle_delay_seconds > self.timeout_seconds + call,
        )
        require(
            "SITE_CALLS_PER_MINUTE must be at least 4, or a site's token takes all calls",
            holds=self.site_calls_per_minute >= _FEWEST_CALLS,
        )
