"""What the burial of dead letters needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from trigger_provider.settings.environment import number, optional, text


class DeadLetterSettings(NamedTuple):
    """What the burial of dead letters needs."""

    table_name: str
    retention_days: int
    outcome_bus_name: str

    @classmethod
    def read(cls, env: Mapping[str, str]) -> DeadLetterSettings:
        """Read them, or raise MissingSetting."""
        return cls(
            text(env, "LEDGER_TABLE_NAME"), number(env, "LEDGER_RETENTION_DAYS"), optional(env, "OUTCOME_BUS_NAME")
        )
