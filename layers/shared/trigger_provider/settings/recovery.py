"""The settings of `recover`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trigger_provider.settings.environment import number
from trigger_provider.settings.ledger import LedgerSettings, PatienceSettings

if TYPE_CHECKING:
    from collections.abc import Mapping


class RecoverSettings(NamedTuple):
    """The settings of `recover`. It has the timeout of intake."""

    ledger: LedgerSettings
    patience: PatienceSettings
    timeout_seconds: int

    @classmethod
    def read(cls, env: Mapping[str, str]) -> RecoverSettings:
        """Return the settings, or raise `MissingSetting`."""
        timeout_seconds = number(env, "INTAKE_TIMEOUT_SECONDS")
        return cls(LedgerSettings.read(env), PatienceSettings.read(env), timeout_seconds)
