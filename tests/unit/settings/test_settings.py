from __future__ import annotations

import os
from collections.abc import Callable, Mapping

import pytest

from trigger_provider.errors import UnusableSetting
from trigger_provider.settings.dead_letters import DeadLetterSettings
from trigger_provider.settings.delivery import DeliverSettings
from trigger_provider.settings.environment import environment
from trigger_provider.settings.intake import IntakeSettings, refused_queue_url
from trigger_provider.settings.ledger import LedgerSettings, PatienceSettings
from trigger_provider.settings.recovery import RecoverSettings
from trigger_provider.settings.wix import GateSettings, SignatureSettings, WebhookSettings

LEDGER = {
    "LEDGER_TABLE_NAME": "ledger",
    "DELIVERY_QUEUE_URL": "https://sqs.example.com/1/delivery",
    "AWS_READ_TIMEOUT_SECONDS": "3",
}
INTAKE = {**LEDGER, "WIX_APP_ID": "b3a1f9a6-2f7a-4f0e-9d55-0c7a2f6f1e01", "LEDGER_RETENTION_DAYS": "60"}
SIGNATURES = {"WIX_APP_ID": INTAKE["WIX_APP_ID"], "WIX_PUBLIC_KEY": "a public key"}
GATE = {
    **SIGNATURES,
    "LEDGER_TABLE_NAME": "ledger",
    "GATE_UNKNOWN_EVENTS": "cancel",
    "GATE_READ_TIMEOUT_SECONDS": "1",
    "GATE_TIMEOUT_SECONDS": "10",
}
WEBHOOKS = {
    **SIGNATURES,
    "LEDGER_TABLE_NAME": "ledger",
    "LEDGER_RETENTION_DAYS": "60",
    "AWS_READ_TIMEOUT_SECONDS": "3",
}
DELIVER = {
    **INTAKE,
    "WIX_SECRET_ID": "wix-app",
    "WIX_BASE_URL": "https://www.example.com",
    "HTTP_CONNECT_TIMEOUT_SECONDS": "2",
    "HTTP_READ_TIMEOUT_SECONDS": "10",
    "SETTLE_DELAY_SECONDS": "90",
    "DELIVER_TIMEOUT_SECONDS": "60",
    "INTAKE_TIMEOUT_SECONDS": "15",
    "GIVE_UP_AFTER_HOURS": "72",
    "SITE_CALLS_PER_MINUTE": "150",
    "OUTCOME_BUS_NAME": "outcomes",
}
RECOVER = {
    **LEDGER,
    **{name: DELIVER[name] for name in ("SETTLE_DELAY_SECONDS", "GIVE_UP_AFTER_HOURS", "LEDGER_RETENTION_DAYS")},
    "INTAKE_TIMEOUT_SECONDS": "15",
}
DEAD_LETTERS = {
    "LEDGER_TABLE_NAME": "ledger",
    "LEDGER_RETENTION_DAYS": "60",
    "OUTCOME_BUS_NAME": "outcomes",
    "AWS_READ_TIMEOUT_SECONDS": "3",
}
REFUSED = {"REFUSED_QUEUE_URL": "https://sqs.example.com/1/refused"}
NUMBERS = sorted(name for name in DELIVER if name.endswith(("_SECONDS", "_HOURS", "_DAYS")))

Read = Callable[[Mapping[str, str]], object]
READERS: list[tuple[Read, Mapping[str, str]]] = [
    (LedgerSettings.read, LEDGER),
    (SignatureSettings.read, SIGNATURES),
    (IntakeSettings.read, INTAKE),
    (DeliverSettings.read, DELIVER),
    (RecoverSettings.read, RECOVER),
    (DeadLetterSettings.read, DEAD_LETTERS),
    (refused_queue_url, REFUSED),
    (WebhookSettings.read, WEBHOOKS),
    (GateSettings.read, GATE),
]
EVERY_SETTING = [
    pytest.param(read, env, name, id=f"{getattr(read, '__qualname__', '')}: {name}")
    for read, env in READERS
    for name in env
]


def test_the_settings_of_the_ledger_are_read() -> None:
    assert LedgerSettings.read(LEDGER) == LedgerSettings("ledger", "https://sqs.example.com/1/delivery", 3)


def test_the_settings_of_intake_are_read() -> None:
    expected = IntakeSettings(LedgerSettings.read(LEDGER), "b3a1f9a6-2f7a-4f0e-9d55-0c7a2f6f1e01", 60)
    assert IntakeSettings.read(INTAKE) == expected


def test_the_settings_of_webhooks_are_read() -> None:
    signatures = SignatureSettings("a public key", INTAKE["WIX_APP_ID"])
    assert WebhookSettings.read(WEBHOOKS) == WebhookSettings("ledger", signatures, 60, 3)


@pytest.mark.parametrize("choice, passes", [("cancel", False), ("run", True)])
def test_the_settings_of_the_gate_are_read(choice: str, passes: bool) -> None:  # noqa: FBT001 - pytest gives it
    read = GateSettings.read({**GATE, "GATE_UNKNOWN_EVENTS": choice})
    assert read == GateSettings("ledger", SignatureSettings("a public key", INTAKE["WIX_APP_ID"]), passes, 1)


def test_a_choice_that_is_none_is_told_which_there_are() -> None:
    with pytest.raises(UnusableSetting, match="must be one of cancel, run"):
        GateSettings.read({**GATE, "GATE_UNKNOWN_EVENTS": "ask"})


def test_the_settings_of_delivery_are_read() -> None:
    assert DeliverSettings.read(DELIVER) == DeliverSettings(
        ledger=LedgerSettings.read(LEDGER),
        app_id="b3a1f9a6-2f7a-4f0e-9d55-0c7a2f6f1e01",
        secret_id="wix-app",
        base_url="https://www.example.com",
        connect_timeout_seconds=2,
        read_timeout_seconds=10,
        patience=PatienceSettings(settle_delay_seconds=90, give_up_after_hours=72, retention_days=60),
        timeout_seconds=60,
        intake_timeout_seconds=15,
        site_calls_per_minute=150,
        outcome_bus_name="outcomes",
    )


def test_the_settings_of_recovery_are_read() -> None:
    patience = PatienceSettings(90, 72, 60)
    assert RecoverSettings.read(RECOVER) == RecoverSettings(LedgerSettings.read(LEDGER), patience, 15)


def test_the_settings_of_dead_letters_are_read() -> None:
    assert DeadLetterSettings.read(DEAD_LETTERS) == DeadLetterSettings("ledger", 60, "outcomes", 3)


def test_no_outcome_bus_is_an_empty_name_but_not_a_missing_one() -> None:
    assert DeliverSettings.read({**DELIVER, "OUTCOME_BUS_NAME": ""}).outcome_bus_name == ""


def test_the_refused_queue_is_read() -> None:
    assert refused_queue_url(REFUSED) == "https://sqs.example.com/1/refused"


@pytest.mark.parametrize("read, env, name", EVERY_SETTING)
def test_a_setting_that_is_missing_is_named(read: Read, env: Mapping[str, str], name: str) -> None:
    with pytest.raises(UnusableSetting, match=f"^{name}$"):
        read({other: value for other, value in env.items() if other != name})


@pytest.mark.parametrize("read, env, name", [case for case in EVERY_SETTING if case.values[2] != "OUTCOME_BUS_NAME"])
def test_a_setting_that_is_empty_is_missing(read: Read, env: Mapping[str, str], name: str) -> None:
    with pytest.raises(UnusableSetting, match=f"^{name}$"):
        read({**env, name: ""})


@pytest.mark.parametrize("value", ["planted", "-1", "1.5", " 1", "1e3", "²"])
@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_that_is_none_is_named_and_not_shown(name: str, value: str) -> None:
    with pytest.raises(UnusableSetting) as missing:
        DeliverSettings.read({**DELIVER, name: value})
    assert str(missing.value) == f"{name} must be a whole number"


DELIVER_TIMEOUT = "DELIVER_TIMEOUT_SECONDS must be more than twice both HTTP timeouts"
SETTLE_DELAY = "SETTLE_DELAY_SECONDS must be more than DELIVER_TIMEOUT_SECONDS and both HTTP timeouts"


@pytest.mark.parametrize(
    "read, env, changes, rule",
    [
        (DeliverSettings.read, DELIVER, {"DELIVER_TIMEOUT_SECONDS": "300"}, SETTLE_DELAY),
        (DeliverSettings.read, DELIVER, {"SETTLE_DELAY_SECONDS": "72"}, SETTLE_DELAY),
        (DeliverSettings.read, DELIVER, {"DELIVER_TIMEOUT_SECONDS": "5"}, DELIVER_TIMEOUT),
        (DeliverSettings.read, DELIVER, {"HTTP_READ_TIMEOUT_SECONDS": "28"}, DELIVER_TIMEOUT),
        (DeliverSettings.read, DELIVER, {"HTTP_READ_TIMEOUT_SECONDS": "0"}, "HTTP_READ_TIMEOUT_SECONDS must be"),
        (DeliverSettings.read, DELIVER, {"HTTP_CONNECT_TIMEOUT_SECONDS": "0"}, "HTTP_CONNECT_TIMEOUT_SECONDS must be"),
        (DeliverSettings.read, DELIVER, {"SITE_CALLS_PER_MINUTE": "3"}, "SITE_CALLS_PER_MINUTE must be at least 4"),
        (DeliverSettings.read, DELIVER, {"GIVE_UP_AFTER_HOURS": "169"}, "GIVE_UP_AFTER_HOURS must be from 1 to 168"),
        (RecoverSettings.read, RECOVER, {"GIVE_UP_AFTER_HOURS": "0"}, "GIVE_UP_AFTER_HOURS must be from 1 to 168"),
        (RecoverSettings.read, RECOVER, {"INTAKE_TIMEOUT_SECONDS": "3"}, "INTAKE_TIMEOUT_SECONDS must be more than 3"),
        (RecoverSettings.read, RECOVER, {"INTAKE_TIMEOUT_SECONDS": "60"}, "INTAKE_TIMEOUT_SECONDS must be more than 3"),
        (IntakeSettings.read, INTAKE, {"LEDGER_RETENTION_DAYS": "30"}, "LEDGER_RETENTION_DAYS must be more than 30"),
        (DeadLetterSettings.read, DEAD_LETTERS, {"LEDGER_RETENTION_DAYS": "30"}, "LEDGER_RETENTION_DAYS must be"),
        (GateSettings.read, GATE, {"GATE_READ_TIMEOUT_SECONDS": "4"}, "GATE_TIMEOUT_SECONDS must leave time"),
        (GateSettings.read, GATE, {"GATE_READ_TIMEOUT_SECONDS": "0"}, "GATE_TIMEOUT_SECONDS must leave time"),
    ],
)
def test_settings_that_break_the_protocol_are_refused_at_the_start_by_name(
    read: Read, env: Mapping[str, str], changes: Mapping[str, str], rule: str
) -> None:
    assert read(env)
    with pytest.raises(UnusableSetting, match=f"^{rule}"):
        read({**env, **changes})


def test_what_else_the_environment_holds_does_not_matter() -> None:
    assert LedgerSettings.read({**DELIVER, "LANG": "C"}) == LedgerSettings.read(LEDGER)


def test_the_environment_is_that_of_the_process() -> None:
    assert environment() is os.environ  # noqa: TID251 # only to compare
