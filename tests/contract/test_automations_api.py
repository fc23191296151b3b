"""What we rely on from Wix's Triggered Events API, asked of the client (with a Wix on loopback) and of its fake."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Protocol

import pytest
from aws_lambda_powertools.utilities.parameters import SecretsProvider

from tests.sandbox.wix import BadItem, Route, Trouble, WixSandbox
from tests.sandbox.wix.samples import APP, OTHER_SITE, SITE, guid
from tests.support.memory_automations import MemoryAutomations
from tests.support.permits import UNLIMITED_PERMITS
from tests.support.wix_harness import Clock, patient_session
from trigger_provider.adapters.wix.automations import WixAutomations
from trigger_provider.adapters.wix.secret import WixSecret
from trigger_provider.adapters.wix.token_cache import TokenCache
from trigger_provider.domain.delivery.results import EventReport, ItemResult, ResultKind
from trigger_provider.use_cases.ports.wix import AutomationsApi

HERE, ELSEWHERE = SITE.instance_id, OTHER_SITE.instance_id
TRIGGER, OTHER_TRIGGER = "page_visited", "invoice_due"
DONE, REFUSED, RETRY, NOT_TRIED = ResultKind.DONE, ResultKind.REFUSED, ResultKind.RETRY, ResultKind.SKIPPED
TIMEOUTS = (1.0, 2.0)
WEEK_MS = 7 * 24 * 60 * 60 * 1000


class Subject(Protocol):
    """An implementation, and how to look behind it."""

    api: AutomationsApi

    def live(self, site: str = HERE) -> list[str | None]: ...
    def refuse_report(self, event_id: str) -> None: ...
    def lose_next_answer(self, operation: str) -> None: ...


class Fake:
    def __init__(self) -> None:
        self.memory = MemoryAutomations(Clock())
        self.api: AutomationsApi = self.memory

    def live(self, site: str = HERE) -> list[str | None]:
        return [report.event_id for report in self.memory.live(site, TRIGGER)]

    def refuse_report(self, event_id: str) -> None:
        self.memory.script("report", ItemResult(REFUSED, "wix item SCHEMA_VALIDATION_FAILED"), event_id=event_id)

    def lose_next_answer(self, operation: str) -> None:
        self.memory.script(operation, ItemResult(RETRY, "wix connection fault"), takes_effect=True)


class Client:
    def __init__(self, wix: WixSandbox, api: AutomationsApi) -> None:
        self.wix = wix
        self.api = api

    def live(self, site: str = HERE) -> list[str | None]:
        return [event.external_entity_id for event in self.wix.live_events(site, TRIGGER)]

    def refuse_report(self, event_id: str) -> None:
        bad = BadItem("SCHEMA_VALIDATION_FAILED", external_entity_id=event_id)
        self.wix.faults.script(Route.BULK_REPORT, Trouble.failed_items(bad))

    def lose_next_answer(self, operation: str) -> None:
        self.wix.faults.script(operation, Trouble.answer_cut())


class Secrets:
    def get_secret_value(self, **_: str) -> dict[str, str]:
        return {"SecretString": json.dumps({"appId": APP.app_id, "appSecret": APP.secret})}


@pytest.fixture(params=["fake", "client"])
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    if request.param == "fake":
        yield Fake()
        return
    client: Any = Secrets()
    clock = Clock()
    secret = WixSecret(SecretsProvider(boto3_client=client), "a secret", APP.app_id, clock)
    with WixSandbox([APP], [SITE, OTHER_SITE]) as wix, patient_session(4) as http:
        tokens = TokenCache(http, wix.url, secret, clock, TIMEOUTS, UNLIMITED_PERMITS)
        yield Client(wix, WixAutomations(http, wix.url, tokens, clock, TIMEOUTS, WEEK_MS, UNLIMITED_PERMITS))


def soon() -> int:
    return Clock().now() + 60_000


def a_report(event: str = "an event", key: str | None = None) -> EventReport:
    return EventReport(guid(event), key or f"key of {event}", '{"page": "home"}')


def report(subject: Subject, *reports: EventReport, site: str = HERE, trigger: str = TRIGGER) -> list[ResultKind]:
    return [answer.kind for answer in subject.api.report(site, trigger, reports, soon())]


def cancel(subject: Subject, *events: str, site: str = HERE, trigger: str = TRIGGER) -> list[ResultKind]:
    return [answer.kind for answer in subject.api.cancel(site, trigger, [guid(event) for event in events], soon())]


def test_a_reported_event_is_live_and_starts_an_activation(subject: Subject) -> None:
    [answer] = subject.api.report(HERE, TRIGGER, [a_report()], soon())
    assert answer.kind is DONE
    assert len(answer.activation_ids) == 1
    assert subject.live() == [guid("an event")]


def test_events_reported_together_are_answered_in_their_order(subject: Subject) -> None:
    subject.refuse_report(guid("second"))
    assert report(subject, a_report("first"), a_report("second"), a_report("third")) == [DONE, REFUSED, DONE]
    assert subject.live() == [guid("first"), guid("third")]


def test_a_key_is_taken_once(subject: Subject) -> None:
    assert report(subject, a_report()) == [DONE]
    assert report(subject, a_report()) == [DONE]
    assert report(subject, a_report(), a_report("another")) == [DONE, DONE]
    assert subject.live() == [guid("an event"), guid("another")]


def test_a_key_used_on_one_site_is_used_on_all(subject: Subject) -> None:
    report(subject, a_report())
    assert report(subject, a_report(), site=ELSEWHERE) == [DONE]
    assert subject.live(ELSEWHERE) == []


def test_a_cancel_does_not_free_the_key(subject: Subject) -> None:
    report(subject, a_report())
    assert cancel(subject, "an event") == [DONE]
    assert report(subject, a_report()) == [DONE]
    assert subject.live() == []


def test_a_cancel_takes_all_events_of_an_id(subject: Subject) -> None:
    report(subject, a_report(key="one"), a_report(key="two"))
    assert subject.live() == [guid("an event")] * 2
    assert cancel(subject, "an event") == [DONE]
    assert subject.live() == []


def test_a_cancel_leaves_other_sites_and_triggers_alone(subject: Subject) -> None:
    report(subject, a_report())
    assert cancel(subject, "an event", site=ELSEWHERE) == [DONE]
    assert cancel(subject, "an event", trigger=OTHER_TRIGGER) == [DONE]
    assert subject.live() == [guid("an event")]


def test_a_cancel_of_an_unknown_event_is_done(subject: Subject) -> None:
    assert cancel(subject, "never reported") == [DONE]
    assert cancel(subject, "never reported", "neither") == [DONE, DONE]


def test_a_report_whose_answer_was_lost_can_be_repeated(subject: Subject) -> None:
    subject.lose_next_answer("report")
    assert report(subject, a_report()) == [RETRY]
    assert report(subject, a_report()) == [DONE]
    assert subject.live() == [guid("an event")]


def test_a_cancel_whose_answer_was_lost_can_be_repeated(subject: Subject) -> None:
    report(subject, a_report())
    subject.lose_next_answer("cancel")
    assert cancel(subject, "an event") == [RETRY]
    assert subject.live() == []
    assert cancel(subject, "an event") == [DONE]


def test_any_number_of_items_is_answered_one_by_one(subject: Subject) -> None:
    events = [f"event {number}" for number in range(101)]
    assert report(subject, *map(a_report, events)) == [DONE] * 101
    assert len(subject.live()) == 101
    assert cancel(subject, *events) == [DONE] * 101
    assert subject.live() == []


def test_nothing_to_do_needs_no_answer(subject: Subject) -> None:
    assert report(subject) == []
    assert cancel(subject) == []


def test_after_its_deadline_nothing_is_sent(subject: Subject) -> None:
    report(subject, a_report())
    past = Clock().now()
    [cancelled] = subject.api.cancel(HERE, TRIGGER, [guid("an event")], past)
    reported = subject.api.report(HERE, TRIGGER, [a_report("late"), a_report("later")], past)
    assert [cancelled.kind, *(answer.kind for answer in reported)] == [NOT_TRIED] * 3
    assert subject.live() == [guid("an event")]
