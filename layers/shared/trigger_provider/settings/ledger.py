"""The settings of all functions that work on rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trigger_provider.settings.environment import number, text

if TYPE_CHECKING:
    from collections.abc import Mapping


class LedgerSettings(NamedTuple):
    """The ledger's table, and the queue behind it, for those who put rows on their way."""

    table_name: str
    delivery_queue_url: str

    @classmethod
    def read(cls, env: Mapping[str, str]) -> LedgerSettings:
        """Read them, or raise MissingSetting."""
        return cls(text(env, "LEDGER_TABLE_NAME"), text(env, "DELIVERY_QUEUE_URL"))


class PatienceSettings(NamedTuple):
    """For how long a row is looked after. Times are in the unit that their names tell."""

    settle_delay_seconds: int
    give_up_after_hours: int
    retention_days: int

    @classmethod
    def read(cls, env: Mapping[str, str]) -> PatienceSettings:
        """Read them, or raise MissingSetting."""
        return cls(
            settle_delay_seconds=number(env, "SETTLE_DELAY_SECONDS"),
            give_up_after_hours=number(env, "GIVE_UP_AFTER_HOURS"),
            retention_days=number(env, "LEDGER_RETENTION_DAYS"),
        )
