"""Wix's plugin caller and our entry point over real HTTP, and what an answer of another shape is taken for."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.sandbox.wix import App, AppDriver, Site, WixSandbox
from tests.sandbox.wix.engine.activation_states import Activation, Status
from tests.sandbox.wix.engine.refreshing import CalledOff, NotRefreshed, Refreshed
from tests.sandbox.wix.plugin import ServicePlugin
from tests.sandbox.wix.samples import ManualClock
from tests.sandbox.wix.signer import Signer
from tests.sandbox.wix.switches import Switches
from tests.support.builders import OTHER_PAYLOAD, a_reported_row
from tests.support.function_url import served
from tests.support.gate import GateHandler
from tests.support.rows import APP, SITE, TRIGGER
from tests.support.signatures import WIX
from tests.support.waiting import PATIENCE_SECONDS
from trigger_provider.domain.ledger.ids import event_id, generation_id

ROW = a_reported_row(generation=2, payload=OTHER_PAYLOAD)
OLD: dict[str, Any] = {"amount": 1}


@pytest.fixture
def handler() -> GateHandler:
    handler = GateHandler()
    handler.put(ROW)
    return handler


@pytest.fixture
def plugin(handler: GateHandler) -> Iterator[ServicePlugin]:
    with served(handler.handle.handle) as url:
        yield a_plugin(url)


def a_plugin(url: str, signer: Signer = WIX) -> ServicePlugin:
    return ServicePlugin(signer, APP, url, waits_seconds=PATIENCE_SECONDS)


def test_wix_is_given_the_newest_payload(plugin: ServicePlugin) -> None:
    assert plugin.refresh(SITE, TRIGGER, event_id(ROW), OLD) == Refreshed(json.loads(OTHER_PAYLOAD))
    assert [(query.site, query.status) for query in plugin.asked] == [(SITE, 200)]


@pytest.mark.parametrize("event", [generation_id(ROW.key, 1), "2f1a0273-9d0c-5d0a-8f5e-000000000003", None])
def test_what_is_no_longer_so_and_what_is_not_known_is_called_off(plugin: ServicePlugin, event: str | None) -> None:
    assert plugin.refresh(SITE, TRIGGER, event, OLD) == CalledOff()


def test_without_the_ledger_wix_goes_on_without_an_answer(plugin: ServicePlugin, handler: GateHandler) -> None:
    handler.ledger.down = True

    assert plugin.refresh(SITE, TRIGGER, event_id(ROW), OLD) == NotRefreshed("answered 503")


def test_a_stranger_gets_no_answer(handler: GateHandler) -> None:
    with served(handler.handle.handle) as url:
        stranger = a_plugin(url, Signer())

        assert stranger.refresh(SITE, TRIGGER, event_id(ROW), OLD) == NotRefreshed("answered 401")


def test_the_other_questions_are_answered(plugin: ServicePlugin) -> None:
    assert plugin.validate_configuration(SITE, "invoice_due").answer == {"valid": True, "configurationErrors": []}
    schema = plugin.dynamic_schema(SITE, "invoice_due")
    assert (schema.status, isinstance(schema.answer, dict) and set(schema.answer)) == (200, {"dynamicSchema"})


@pytest.mark.parametrize(
    "body, taken_for",
    [
        ('{"payload": {"a": 1}}', Refreshed({"a": 1})),
        ('{"payload": {"a": 1}, "cancelActivation": null}', Refreshed({"a": 1})),
        ('{"payload": {"a": 1}, "cancelActivation": true}', CalledOff()),
        ('{"cancelActivation": false}', None),
        ('{"payload": null}', None),
        ('{"payload": {}, "cancelActivation": "true"}', None),
        ("[]", None),
        ("not JSON", None),
    ],
)
def test_only_an_answer_of_the_documented_shape_counts(body: str, taken_for: object) -> None:
    with served(lambda _: {"statusCode": 200, "headers": {}, "body": body}) as url:
        answer = a_plugin(url).refresh(SITE, TRIGGER, event_id(ROW), OLD)

    assert answer == taken_for if taken_for else isinstance(answer, NotRefreshed)


def test_a_provider_that_is_silent_is_not_waited_for() -> None:
    gone = threading.Event()
    with served(lambda _: {"statusCode": 200, "headers": {}, "body": str(gone.wait())}) as url:
        plugin = ServicePlugin(WIX, APP, url, waits_seconds=0.05)
        answer = plugin.refresh(SITE, TRIGGER, event_id(ROW), OLD)
        gone.set()

    assert answer == NotRefreshed("ReadTimeout")


def test_a_provider_that_is_not_there_gives_no_answer() -> None:
    plugin = a_plugin("http://127.0.0.1:9/")

    assert plugin.refresh(SITE, TRIGGER, event_id(ROW), OLD) == NotRefreshed("ConnectionError")


# Wix's automations, which ask before they act

DUE = datetime(2030, 3, 1, 8, tzinfo=UTC)
SCHEMA = {
    "type": "object",
    "properties": {"due": {"type": "string", "format": "date-time", "futureDate": True, "title": "Due"}},
}


def acted(handler: GateHandler, event: str, switches: Switches | None = None) -> Activation:
    """Report an event to a local Wix, turn its clock past the date, and give what has become of the activation."""
    app = App(APP, "a made-up secret", {TRIGGER: SCHEMA})
    with served(handler.handle.handle) as url, WixSandbox([app], [Site(SITE)], switches, ManualClock()) as wix:
        wix.set_refresher(APP, a_plugin(url))
        driver = AppDriver(wix.url, app, SITE)
        driver.fetch_token()
        assert driver.report(TRIGGER, externalEntityId=event, payload={"due": DUE.isoformat()}).ok
        wix.runner.turn(SITE, (DUE + timedelta(hours=1)).timestamp())
        (activation,) = wix.engine(SITE).activations.all.values()
    return activation


def test_wix_acts_on_the_newest_payload(handler: GateHandler) -> None:
    activation = acted(handler, event_id(ROW))

    assert (activation.status, activation.payload) == (Status.ENDED, json.loads(OTHER_PAYLOAD))


def test_wix_does_not_act_on_what_is_called_off(handler: GateHandler) -> None:
    activation = acted(handler, generation_id(ROW.key, 1))

    assert (activation.status, activation.reason) == (Status.CANCELLED, "CANCELLED_BY_REFRESH_PAYLOAD")


@pytest.mark.parametrize("fails_open, status", [(True, Status.ENDED), (False, Status.FAILED)])
def test_what_wix_does_without_an_answer_is_a_switch(handler: GateHandler, fails_open: bool, status: Status) -> None:  # noqa: FBT001 - pytest gives it
    """By its default Wix acts on what it has, though the event was superseded: the gate is a second line."""
    handler.ledger.down = True
    activation = acted(handler, generation_id(ROW.key, 1), Switches(refresh_fails_open=fails_open))

    assert (activation.status, activation.payload) == (status, {"due": DUE.isoformat()})
