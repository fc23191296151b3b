"""The settings of `dead_letters`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trigger_provider.settings.environment import number, optional, text

if TYPE_CHECKING:
    from collections.abc import Mapping


class DeadLetterSettings(NamedTuple):
    """The settings of `dead_letters`."""

    table_name: str
    retention_days: int
    outcome_bus_name: str

    @classmethod
    def read(cls, env: Mapping[str, str]) -> DeadLetterSettings:
        """Return the settings, or raise `MissingSetting`."""
        return cls(
            text(env, "LEDGER_TABLE_NAME"), number(env, "LEDGER_RETENTION_DAYS"), optional(env, "OUTCOME_BUS_NAME")
        )
