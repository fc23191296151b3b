"""The settings of each function: the only reader of the environment. Names of things have no defaults.

Each function has a class of its own, and reads what it needs and no more: so none of them lacks, or is told, what only
another one uses.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from trigger_provider.errors import MissingSetting

_OUTCOME_BUS: Final = "OUTCOME_BUS_NAME"


def environment() -> Mapping[str, str]:
    """Give the environment of this process."""
    return os.environ


@dataclass(frozen=True, slots=True)
class LedgerSettings:
    """The ledger's table, and the queue behind it, for those who put rows on their way."""

    table_name: str
    delivery_queue_url: str

    @classmethod
    def read(cls, env: Mapping[str, str]) -> LedgerSettings:
        """Read them, or raise MissingSetting."""
        return cls(_text(env, "LEDGER_TABLE_NAME"), _text(env, "DELIVERY_QUEUE_URL"))


@dataclass(frozen=True, slots=True)
class IntakeSettings:
    """What the functions that take requests need."""

    ledger: LedgerSettings
    app_id: str
    retention_days: int

    @classmethod
    def read(cls, env: Mapping[str, str]) -> IntakeSettings:
        """Read them, or raise MissingSetting."""
        return cls(LedgerSettings.read(env), _text(env, "WIX_APP_ID"), _number(env, "LEDGER_RETENTION_DAYS"))


def refused_queue_url(env: Mapping[str, str]) -> str:
    """Give the queue for refused requests, which a direct invocation doesn't need; or raise MissingSetting."""
    return _text(env, "REFUSED_QUEUE_URL")


@dataclass(frozen=True, slots=True)
class DeadLetterSettings:
    """What the burial of dead letters needs."""

    table_name: str
    retention_days: int
    outcome_bus_name: str

    @classmethod
    def read(cls, env: Mapping[str, str]) -> DeadLetterSettings:
        """Read them, or raise MissingSetting."""
        return cls(_text(env, "LEDGER_TABLE_NAME"), _number(env, "LEDGER_RETENTION_DAYS"), _optional(env, _OUTCOME_BUS))


@dataclass(frozen=True, slots=True)
class SignatureSettings:
    """How it is known that Wix has signed something for this app. The public key is PEM, or the base64 of that."""

    public_key: str
    app_id: str

    @classmethod
    def read(cls, env: Mapping[str, str]) -> SignatureSettings:
        """Read them, or raise MissingSetting."""
        return cls(_text(env, "WIX_PUBLIC_KEY"), _text(env, "WIX_APP_ID"))


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """What the webhooks of Wix need."""

    table_name: str
    signatures: SignatureSettings
    retention_days: int

    @classmethod
    def read(cls, env: Mapping[str, str]) -> WebhookSettings:
        """Read them, or raise MissingSetting."""
        signatures = SignatureSettings.read(env)
        return cls(_text(env, "LEDGER_TABLE_NAME"), signatures, _number(env, "LEDGER_RETENTION_DAYS"))


@dataclass(frozen=True, slots=True)
class GateSettings:
    """What the gate needs. `passes_unknown` tells whether Wix goes on with events that the ledger does not know."""

    table_name: str
    signatures: SignatureSettings
    passes_unknown: bool

    @classmethod
    def read(cls, env: Mapping[str, str]) -> GateSettings:
        """Read them, or raise MissingSetting."""
        passes_unknown = _choice(env, "GATE_UNKNOWN_EVENTS", "cancel", "run") == "run"
        return cls(_text(env, "LEDGER_TABLE_NAME"), SignatureSettings.read(env), passes_unknown)


@dataclass(frozen=True, slots=True)
class PatienceSettings:
    """For how long a row is looked after. Times are in the unit that their names tell."""

    settle_delay_seconds: int
    give_up_after_hours: int
    retention_days: int

    @classmethod
    def read(cls, env: Mapping[str, str]) -> PatienceSettings:
        """Read them, or raise MissingSetting."""
        return cls(
            settle_delay_seconds=_number(env, "SETTLE_DELAY_SECONDS"),
            give_up_after_hours=_number(env, "GIVE_UP_AFTER_HOURS"),
            retention_days=_number(env, "LEDGER_RETENTION_DAYS"),
        )


@dataclass(frozen=True, slots=True)
class RecoverSettings:
    """What recovery needs. It has the timeout of intake."""

    ledger: LedgerSettings
    patience: PatienceSettings
    timeout_seconds: int

    @classmethod
    def read(cls, env: Mapping[str, str]) -> RecoverSettings:
        """Read them, or raise MissingSetting."""
        timeout_seconds = _number(env, "INTAKE_TIMEOUT_SECONDS")
        return cls(LedgerSettings.read(env), PatienceSettings.read(env), timeout_seconds)


@dataclass(frozen=True, slots=True)
class DeliverSettings:
    """What delivery needs. Times are in the unit that their names tell; no outcome bus is an empty name."""

    ledger: LedgerSettings
    app_id: str
    secret_id: str
    base_url: str
    connect_timeout_seconds: int
    read_timeout_seconds: int
    patience: PatienceSettings
    intake_timeout_seconds: int
    site_calls_per_minute: int
    token_calls_count: bool
    outcome_bus_name: str

    @classmethod
    def read(cls, env: Mapping[str, str]) -> DeliverSettings:
        """Read them, or raise MissingSetting."""
        return cls(
            ledger=LedgerSettings.read(env),
            app_id=_text(env, "WIX_APP_ID"),
            secret_id=_text(env, "WIX_SECRET_ID"),
            base_url=_text(env, "WIX_BASE_URL"),
            connect_timeout_seconds=_number(env, "HTTP_CONNECT_TIMEOUT_SECONDS"),
            read_timeout_seconds=_number(env, "HTTP_READ_TIMEOUT_SECONDS"),
            patience=PatienceSettings.read(env),
            intake_timeout_seconds=_number(env, "INTAKE_TIMEOUT_SECONDS"),
            site_calls_per_minute=_number(env, "SITE_CALLS_PER_MINUTE"),
            token_calls_count=_choice(env, "TOKEN_CALLS_COUNT", "true", "false") == "true",
            outcome_bus_name=_optional(env, _OUTCOME_BUS),
        )


def _optional(env: Mapping[str, str], name: str) -> str:
    if name in env:
        return env[name]
    raise MissingSetting(name)


def _text(env: Mapping[str, str], name: str) -> str:
    if value := env.get(name):
        return value
    raise MissingSetting(name)


def _choice(env: Mapping[str, str], name: str, *choices: str) -> str:
    if (text := _text(env, name)) in choices:
        return text
    raise MissingSetting(f"{name} must be one of {', '.join(choices)}")


def _number(env: Mapping[str, str], name: str) -> int:
    text = _text(env, name)
    if not text.isdecimal():
        raise MissingSetting(f"{name} must be a whole number")
    return int(text)
