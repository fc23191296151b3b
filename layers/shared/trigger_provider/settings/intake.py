"""The settings of the three intake functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trigger_provider.settings.environment import text
from trigger_provider.settings.ledger import LedgerSettings, retention_days

if TYPE_CHECKING:
    from collections.abc import Mapping


class IntakeSettings(NamedTuple):
    """The settings of the three intake functions."""

    ledger: LedgerSettings
    app_id: str
    retention_days: int

    @classmethod
    def read(cls, env: Mapping[str, str]) -> IntakeSettings:
        """Return the settings, or raise `UnusableSetting`."""
        return cls(LedgerSettings.read(env), text(env, "WIX_APP_ID"), retention_days(env))


def refused_queue_url(env: Mapping[str, str]) -> str:
    """Return the URL of the RefusedQueue, or raise `UnusableSetting`. Direct invocations don't need it."""
    return text(env, "REFUSED_QUEUE_URL")
