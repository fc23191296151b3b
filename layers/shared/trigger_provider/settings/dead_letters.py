"""The settings of `dead_letters`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trigger_provider.settings.environment import number, optional, text
from trigger_provider.settings.ledger import retention_days

if TYPE_CHECKING:
    from collections.abc import Mapping


class DeadLetterSettings(NamedTuple):
    """The settings of `dead_letters`."""

    table_name: str
    retention_days: int
    outcome_bus_name: str
    read_timeout_seconds: int

    @classmethod
    def read(cls, env: Mapping[str, str]) -> DeadLetterSettings:
        """Return the settings, or raise `UnusableSetting`."""
        return cls(
            table_name=text(env, "LEDGER_TABLE_NAME"),
            retention_days=retention_days(env),
            outcome_bus_name=optional(env, "OUTCOME_BUS_NAME"),
            read_timeout_seconds=number(env, "AWS_READ_TIMEOUT_SECONDS"),
        )
