"""The settings of all functions that load and save rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from trigger_provider.domain.delivery.policy import IDEMPOTENCY_KEY_TTL
from trigger_provider.domain.durations import DAY
from trigger_provider.settings.environment import number, require, text

if TYPE_CHECKING:
    from collections.abc import Mapping

_KEY_DAYS: Final = IDEMPOTENCY_KEY_TTL // DAY
_MOST_HOURS: Final = 7 * 24


class LedgerSettings(NamedTuple):
    """The ledger's table, and the delivery queue for functions that send messages.

    `read_timeout_seconds` says how long each attempt of a call to AWS waits for its answer.
    """

    table_name: str
    delivery_queue_url: str
    read_timeout_seconds: int

    @classmethod
    def read(cls, env: Mapping[str, str]) -> LedgerSettings:
        """Return the settings, or raise `UnusableSetting`."""
        read_timeout = number(env, "AWS_READ_TIMEOUT_SECONDS")
        return cls(text(env, "LEDGER_TABLE_NAME"), text(env, "DELIVERY_QUEUE_URL"), read_timeout)


class PatienceSettings(NamedTuple):
    """The times after which delivery gives up and second cancels follow. The name of a time has its unit."""

    settle_delay_seconds: int
    give_up_after_hours: int
    retention_days: int

    @classmethod
    def read(cls, env: Mapping[str, str]) -> PatienceSettings:
        """Return the settings. Raise `UnusableSetting` if one is missing, or if they break the protocol."""
        settings = cls(
            settle_delay_seconds=number(env, "SETTLE_DELAY_SECONDS"),
            give_up_after_hours=number(env, "GIVE_UP_AFTER_HOURS"),
            retention_days=retention_days(env),
        )
        hours = settings.give_up_after_hours
        require(f"GIVE_UP_AFTER_HOURS must be from 1 to {_MOST_HOURS}", holds=1 <= hours <= _MOST_HOURS)
        return settings


def retention_days(env: Mapping[str, str]) -> int:
    """Return for how many days the ledger keeps a row. Raise `UnusableSetting` if Wix remembers a key for longer."""
    days = number(env, "LEDGER_RETENTION_DAYS")
    rule = f"LEDGER_RETENTION_DAYS must be more than {_KEY_DAYS}, for so long Wix remembers a key"
    require(rule, holds=days > _KEY_DAYS)
    return days
