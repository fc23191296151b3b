"""The settings of all functions that load and save rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trigger_provider.settings.environment import number, text

if TYPE_CHECKING:
    from collections.abc import Mapping


class LedgerSettings(NamedTuple):
    """The ledger's table, and the delivery queue for functions that send messages.

    `read_timeout_seconds` says how long each attempt of a call to AWS waits for its answer.
    """

    table_name: str
    delivery_queue_url: str
    read_timeout_seconds: int

    @classmethod
    def read(cls, env: Mapping[str, str]) -> LedgerSettings:
        """Return the settings, or raise `MissingSetting`."""
        read_timeout = number(env, "AWS_READ_TIMEOUT_SECONDS")
        return cls(text(env, "LEDGER_TABLE_NAME"), text(env, "DELIVERY_QUEUE_URL"), read_timeout)


class PatienceSettings(NamedTuple):
    """The times after which delivery gives up and second cancels follow. The name of a time has its unit."""

    settle_delay_seconds: int
    give_up_after_hours: int
    retention_days: int

    @classmethod
    def read(cls, env: Mapping[str, str]) -> PatienceSettings:
        """Return the settings, or raise `MissingSetting`."""
        return cls(
            settle_delay_seconds=number(env, "SETTLE_DELAY_SECONDS"),
            give_up_after_hours=number(env, "GIVE_UP_AFTER_HOURS"),
            retention_days=number(env, "LEDGER_RETENTION_DAYS"),
        )
