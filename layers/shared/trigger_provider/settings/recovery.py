"""The settings of `recover`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trigger_provider.domain.delivery.policy import RECOVERY_RESERVE
from trigger_provider.domain.durations import MINUTE, SECOND
from trigger_provider.settings.environment import number, require
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
        """Return the settings. Raise `UnusableSetting` if one is missing, or if they break the protocol."""
        timeout_seconds = number(env, "INTAKE_TIMEOUT_SECONDS")
        require(
            f"INTAKE_TIMEOUT_SECONDS must be more than {RECOVERY_RESERVE // SECOND} and less than 60, "
            "or recovery begins nothing, or runs into the next run",
            holds=RECOVERY_RESERVE < timeout_seconds * SECOND < MINUTE,
        )
        return cls(LedgerSettings.read(env), PatienceSettings.read(env), timeout_seconds)
