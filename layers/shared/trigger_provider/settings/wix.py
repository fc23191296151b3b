"""The settings of the functions that Wix calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from trigger_provider.settings.environment import choice, number, require, text

if TYPE_CHECKING:
    from collections.abc import Mapping

_CONNECT_SECONDS: Final = 1


class SignatureSettings(NamedTuple):
    """How to check that Wix has signed a token for this app. The public key is PEM, or the base64 of that."""

    public_key: str
    app_id: str

    @classmethod
    def read(cls, env: Mapping[str, str]) -> SignatureSettings:
        """Return the settings, or raise `UnusableSetting`."""
        return cls(text(env, "WIX_PUBLIC_KEY"), text(env, "WIX_APP_ID"))


class WebhookSettings(NamedTuple):
    """The settings of `app_webhooks`."""

    table_name: str
    signatures: SignatureSettings
    retention_days: int
    read_timeout_seconds: int

    @classmethod
    def read(cls, env: Mapping[str, str]) -> WebhookSettings:
        """Return the settings, or raise `UnusableSetting`."""
        return cls(
            table_name=text(env, "LEDGER_TABLE_NAME"),
            signatures=SignatureSettings.read(env),
            retention_days=number(env, "LEDGER_RETENTION_DAYS"),
            read_timeout_seconds=number(env, "AWS_READ_TIMEOUT_SECONDS"),
        )


class GateSettings(NamedTuple):
    """The settings of `refresh_payload`.

    `passes_unknown` says whether Wix goes on with an event that the ledger does not know. `read_timeout` is in seconds.
    """

    table_name: str
    signatures: SignatureSettings
    passes_unknown: bool
    read_timeout: int

    @classmethod
    def read(cls, env: Mapping[str, str]) -> GateSettings:
        """Return the settings. Raise `UnusableSetting` if one is missing, or if they break the protocol."""
        passes_unknown = choice(env, "GATE_UNKNOWN_EVENTS", "cancel", "run") == "run"
        read_timeout = number(env, "GATE_READ_TIMEOUT_SECONDS")
        require(
            "GATE_TIMEOUT_SECONDS must leave time for two attempts of GATE_READ_TIMEOUT_SECONDS, each a second longer",
            holds=read_timeout > 0 and 2 * (read_timeout + _CONNECT_SECONDS) < number(env, "GATE_TIMEOUT_SECONDS"),
        )
        return cls(text(env, "LEDGER_TABLE_NAME"), SignatureSettings.read(env), passes_unknown, read_timeout)
