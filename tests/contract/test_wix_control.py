"""The sandbox's own routes, over real HTTP: what an owner does, what was sent, and the clock of each site."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from tests.sandbox.third_party import ThirdParty
from tests.sandbox.wix import AppDriver, Owner, Site, WixSandbox
from tests.sandbox.wix.engine.automations import Kind
from tests.sandbox.wix.engine.effect_executor import post
from tests.sandbox.wix.engine.effects import Done, Send
from tests.sandbox.wix.engine.loopback import is_loopback
from tests.sandbox.wix.engine.refreshing import CalledOff, Refreshed, Refreshing
from tests.sandbox.wix.samples import APP, NEIGHBOUR, OTHER_SITE, PAYLOAD, SITE, ManualClock, guid
from tests.support.waiting import PATIENCE_SECONDS
from tests.support.wix_site import A_NOTE, AN_EMAIL, CONTACTS

DAY = 86_400.0
CONTROL = "/_sandbox"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp())


@pytest.fixture
def wix(clock: ManualClock) -> Iterator[WixSandbox]:
    sites = [Site(SITE.instance_id, automations={"invoice_due": 0, "page_visited": 0}, contacts=CONTACTS), OTHER_SITE]
    with WixSandbox(apps=[APP, NEIGHBOUR], sites=sites, clock=clock) as wix:
        yield wix


@pytest.fixture
def owner(wix: WixSandbox) -> Owner:
    return Owner(wix.url, SITE.instance_id)


@pytest.fixture
def third_party() -> Iterator[ThirdParty]:
    with ThirdParty() as third_party:
        yield third_party


def a_date(clock: ManualClock, days: float) -> str:
    return (datetime.fromtimestamp(clock.now, UTC) + timedelta(days=days)).isoformat()


def report(driver: AppDriver, clock: ManualClock, days: float = 30, **payload: object) -> list[str]:
    event = {**PAYLOAD, "due_date": a_date(clock, days), **payload}
    answer = driver.report("invoice_due", externalEntityId=guid("an invoice"), payload=event)
    return list(answer.json().get("activationIds", []))


def errors(answer: requests.Response) -> list[tuple[str, str]]:
    return [(each["pointer"], each["rule"]) for each in answer.json()["errors"]]


# Automations


def test_an_automation_is_written_switched_and_removed(owner: Owner) -> None:
    written = owner.add(name="Remind", triggerKey="invoice_due", actions=[AN_EMAIL])

    assert written["status"] == "ACTIVE"
    assert written["appId"] == APP.app_id
    owner.switch(written["id"], "INACTIVE")
    [known] = [each for each in owner.automations() if each["id"] == written["id"]]
    assert known == {**written, "status": "INACTIVE"}
    owner.delete(written["id"])
    assert written["id"] not in [each["id"] for each in owner.automations()]


WRITTEN: Mapping[str, Any] = {"name": "A name", "triggerKey": "page_visited", "actions": [A_NOTE]}


@pytest.mark.parametrize(
    "changes, error",
    [
        ({"name": ""}, ("/name", "minLength")),
        ({"triggerKey": "unheard_of"}, ("/triggerKey", "unknown-trigger")),
        ({"appId": NEIGHBOUR.app_id}, ("/triggerKey", "unknown-trigger")),
        ({"status": "ON"}, ("/status", "enum")),
        ({"colour": "red"}, ("", "additionalProperties")),
        ({"actions": []}, ("/actions", "minItems")),
        ({"actions": [{}]}, ("/actions/0/kind", "required")),
        ({"actions": [{"kind": "fax"}]}, ("/actions/0/kind", "enum")),
        ({"actions": [{"kind": "notification", "title": "a"}]}, ("/actions/0/text", "required")),
        ({"actions": [{**A_NOTE, "text": "{{page}}"}]}, ("/actions/0/text", "placeholder")),
        ({"actions": [{**A_NOTE, "delay": {"amount": 366, "unit": "DAYS"}}]}, ("/actions/0/delay/amount", "maximum")),
        ({"actions": [{"kind": "webhook", "url": "http://192.0.2.1/"}]}, ("/actions/0/url", "loopback")),
        ({"filters": [{"fieldKey": "page", "values": []}]}, ("/filters/0/values", "minItems")),
        ({"scheduledEventOffset": {"amount": 1, "unit": "DAYS"}}, ("/scheduledEventOffset", "scheduled-trigger-only")),
        ({"rateLimit": {"maxActivations": 0}}, ("/rateLimit/maxActivations", "minimum")),
    ],
)
def test_what_is_no_automation_is_refused_by_place_and_rule(
    owner: Owner, changes: Mapping[str, Any], error: tuple[str, str]
) -> None:
    answer = owner.ask("POST", "automations", {**WRITTEN, **changes})

    assert answer.status_code == 400
    assert errors(answer) == [error]


def test_apps_bring_their_own_automations_and_take_them_along(wix: WixSandbox) -> None:
    owner = Owner(wix.url, OTHER_SITE.instance_id)
    preinstalled = {each["triggerKey"] for each in owner.automations()}
    assert preinstalled == {"invoice_due", "page_visited", "course_started"}
    assert {each["origin"] for each in owner.automations()} == {"PREINSTALLED"}
    own = owner.add(name="Remind", triggerKey="invoice_due", actions=[AN_EMAIL])

    wix.remove_app(APP.app_id, OTHER_SITE.instance_id)
    assert {each["triggerKey"] for each in owner.automations() if each["id"] != own["id"]} == {"course_started"}
    wix.install_app(APP.app_id, OTHER_SITE.instance_id)
    wix.install_app(APP.app_id, OTHER_SITE.instance_id)

    assert len(owner.automations()) == 4


# From the report to the action


def test_a_report_is_answered_with_the_activations_that_it_began(
    driver: AppDriver, owner: Owner, clock: ManualClock
) -> None:
    automation = owner.add(name="Remind", triggerKey="invoice_due", actions=[AN_EMAIL])
    owner.add(
        name="Never", triggerKey="invoice_due", actions=[AN_EMAIL], filters=[{"fieldKey": "amount", "values": [0]}]
    )

    [activation_id] = report(driver, clock)

    [activation] = owner.activations(automation["id"])
    assert activation["id"] == activation_id
    assert (activation["status"], activation["target"]) == ("SCHEDULED", "SCHEDULE")
    assert activation["runsAt"] == "2026-12-24T12:00:00.000Z"
    assert [each["status"] for each in activation["history"]] == ["INITIATED", "SCHEDULED"]


def test_the_clock_is_turned_and_the_email_goes_out_a_week_before(
    driver: AppDriver, owner: Owner, clock: ManualClock
) -> None:
    week = {"amount": 1, "unit": "WEEKS"}
    owner.add(name="Remind", triggerKey="invoice_due", actions=[AN_EMAIL], scheduledEventOffset=week)
    report(driver, clock)

    assert owner.turn(advance=22 * DAY)["nextDue"] == "2026-12-17T12:00:00.000Z"
    assert owner.actions() == []
    assert owner.turn(toNextAction=True)["now"] == "2026-12-17T12:00:00.000Z"

    [email] = owner.actions()
    assert email["at"] == "2026-12-17T12:00:00.000Z"
    assert email["content"] == {"to": "ada@example.com", "subject": "Due", "body": f"By {a_date(clock, 30)}"}


def test_a_cancel_ends_what_is_pending(driver: AppDriver, owner: Owner, clock: ManualClock) -> None:
    owner.add(name="Remind", triggerKey="invoice_due", actions=[AN_EMAIL])
    report(driver, clock)

    driver.cancel("invoice_due", guid("an invoice"))
    owner.turn(advance=60 * DAY)

    assert owner.actions() == []
    assert owner.activations()[0]["reason"] == "EVENT_CANCELLED"


def test_a_repeated_key_is_an_activation_that_was_skipped(driver: AppDriver, owner: Owner, clock: ManualClock) -> None:
    owner.add(name="Remind", triggerKey="invoice_due", actions=[AN_EMAIL])
    event = {"payload": {**PAYLOAD, "due_date": a_date(clock, 30)}, "idempotency": {"key": "once"}}

    for _ in range(2):
        driver.report("invoice_due", **event)

    ends = [(each["status"], each["reason"]) for each in owner.activations()]
    assert ends == [("SCHEDULED", None), ("SKIPPED", "EVENT_ALREADY_PROCESSED")]


def test_an_immediate_action_runs_without_anybody_turning_the_clock(
    wix: WixSandbox, driver: AppDriver, owner: Owner
) -> None:
    owner.add(name="Greet", triggerKey="page_visited", actions=[A_NOTE])

    driver.report("page_visited", payload={"page": "/pottery"})

    sent = wix.engine(SITE.instance_id).activations.sent
    assert wix.changes.wait_until(lambda: sent, PATIENCE_SECONDS)
    assert owner.actions()[0]["content"]["text"] == "On /pottery"


def test_an_event_of_the_next_millennium_holds_up_nobody(
    wix: WixSandbox, driver: AppDriver, owner: Owner, clock: ManualClock
) -> None:
    owner.add(name="Remind", triggerKey="invoice_due", actions=[AN_EMAIL])
    owner.add(name="Greet", triggerKey="page_visited", actions=[A_NOTE])

    report(driver, clock, due_date="8999-12-31T23:59:59Z")
    driver.report("page_visited", payload={"page": "/pottery"})

    sent = wix.engine(SITE.instance_id).activations.sent
    assert wix.changes.wait_until(lambda: sent, PATIENCE_SECONDS)


def test_a_clock_is_turned_even_when_nothing_is_served_any_more(
    wix: WixSandbox, driver: AppDriver, owner: Owner, clock: ManualClock
) -> None:
    owner.add(name="Remind", triggerKey="invoice_due", actions=[AN_EMAIL])
    report(driver, clock, days=1)
    wix.stop()

    wix.runner.turn(SITE.instance_id, clock.now + 2 * DAY)

    assert wix.engine(SITE.instance_id).activations.sent == []


def test_a_webhook_is_a_post_of_json(driver: AppDriver, owner: Owner, third_party: ThirdParty) -> None:
    body = {"where": '{{var("page")}}', "text": 'At {{var("page")}}'}
    whole = {"kind": "webhook", "url": third_party.url}
    owner.add(name="Tell them", triggerKey="page_visited", actions=[whole, {**whole, "body": body}])

    driver.report("page_visited", payload={"page": "/pottery", "count": 3})
    owner.turn(advance=0)

    assert third_party.received == [
        {"page": "/pottery", "count": 3},
        {"where": "/pottery", "text": "At /pottery"},
    ]
    assert [(each["error"], each["answered"]) for each in owner.actions()] == [(None, 200)] * 2


def test_a_webhook_that_is_refused_has_failed_and_is_not_repeated(
    driver: AppDriver, owner: Owner, third_party: ThirdParty
) -> None:
    third_party.status = 503
    owner.add(name="Tell them", triggerKey="page_visited", actions=[{"kind": "webhook", "url": third_party.url}])

    driver.report("page_visited", payload={})
    owner.turn(advance=0)

    assert len(third_party.received) == 1
    assert [(each["error"], each["answered"]) for each in owner.actions()] == [("answered 503", 503)]
    assert owner.activations()[0]["withFailedActions"]


def test_a_webhook_whose_address_a_payload_leads_off_this_machine_is_not_sent(driver: AppDriver, owner: Owner) -> None:
    url = 'http://127.0.0.1:80{{var("page")}}/'
    owner.add(name="Tell them", triggerKey="page_visited", actions=[{"kind": "webhook", "url": url}])

    driver.report("page_visited", payload={"page": "@example.com"})
    owner.turn(advance=0)

    assert owner.actions()[0]["error"] == "a webhook of the sandbox goes to this machine only"


def test_a_webhook_takes_no_proxy(third_party: ThirdParty, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)

    done = post(Send("an activation", 0.0, Kind.WEBHOOK, {"url": third_party.url, "body": {}}))

    assert done == Done(status=200)


def test_an_email_to_nobody_has_failed(driver: AppDriver, owner: Owner, clock: ManualClock) -> None:
    owner.add(name="Remind", triggerKey="invoice_due", actions=[AN_EMAIL])
    report(driver, clock, contact_id=guid("nobody"))

    owner.turn(toNextAction=True)

    assert owner.actions()[0]["error"] == "there is no address to send it to"


@pytest.mark.parametrize(
    "url, stays",
    [
        ("http://127.0.0.1:8080/hook", True),
        ("http://localhost/hook", True),
        ("http://[::1]/hook", True),
        ("https://127.0.0.1/hook", False),
        ("http://127.0.0.1.example.com/", False),
        ("http://127.0.0.1@example.com/", False),
        ("http://0.0.0.0/", False),
        ("http://[/", False),
        ("file:///etc/passwd", False),
    ],
)
def test_only_loopback_is_this_machine(url: str, *, stays: bool) -> None:
    assert is_loopback(url) == stays


class Plugin:
    """An app's plugin that answers the same each time, and keeps what it was asked."""

    def __init__(self, answer: Refreshing) -> None:
        self.answer = answer
        self.asked: list[tuple[object, ...]] = []

    def refresh(
        self, site: str, trigger_key: str, external_entity_id: str | None, payload: Mapping[str, Any]
    ) -> Refreshing:
        self.asked.append((site, trigger_key, external_entity_id, payload["amount"]))
        return self.answer


@pytest.mark.parametrize(
    "answer, end",
    [
        (Refreshed({**PAYLOAD, "amount": 1}), ("ENDED", None)),
        (CalledOff(), ("CANCELLED", "CANCELLED_BY_REFRESH_PAYLOAD")),
    ],
)
def test_the_app_is_asked_for_the_payload_before_a_delayed_action(
    wix: WixSandbox,
    driver: AppDriver,
    owner: Owner,
    clock: ManualClock,
    answer: Refreshing,
    end: tuple[str, str | None],
) -> None:
    plugin = Plugin(answer)
    wix.set_refresher(APP.app_id, plugin)
    owner.add(name="Remind", triggerKey="invoice_due", actions=[AN_EMAIL])
    report(driver, clock)
    assert plugin.asked == []

    owner.turn(toNextAction=True)

    assert plugin.asked == [(SITE.instance_id, "invoice_due", guid("an invoice"), PAYLOAD["amount"])]
    assert (owner.activations()[0]["status"], owner.activations()[0]["reason"]) == end


def test_a_clock_that_is_turned_far_shows_each_due_moment_on_the_way(
    wix: WixSandbox, driver: AppDriver, owner: Owner, clock: ManualClock
) -> None:
    seen: list[float] = []

    class Watch(Plugin):
        def refresh(
            self, site: str, trigger_key: str, external_entity_id: str | None, payload: Mapping[str, Any]
        ) -> Refreshing:
            seen.append(wix.engine(site).moment(clock.now))
            return super().refresh(site, trigger_key, external_entity_id, payload)

    wix.set_refresher(APP.app_id, Watch(CalledOff()))
    owner.add(name="Remind", triggerKey="invoice_due", actions=[AN_EMAIL])
    for days in (20, 10):
        report(driver, clock, days=days)

    owner.turn(advance=60 * DAY)

    assert seen == [clock.now + 10 * DAY, clock.now + 20 * DAY]


def test_a_plugin_that_breaks_is_a_warning(
    wix: WixSandbox, driver: AppDriver, owner: Owner, clock: ManualClock
) -> None:
    wix.set_refresher(APP.app_id, Plugin(CalledOff()))
    owner.add(name="Remind", triggerKey="invoice_due", actions=[AN_EMAIL])
    event = {"contact_id": guid("a contact"), "due_date": a_date(clock, 1)}
    driver.report("invoice_due", payload=event)  # without an amount the plugin above raises

    owner.turn(toNextAction=True)

    assert owner.activations()[0]["warnings"] == ["REFRESH_PAYLOAD_FAILED"]
    assert len(owner.actions()) == 1


def test_what_is_pending_for_a_contact_who_wants_to_be_forgotten_is_cancelled(
    driver: AppDriver, owner: Owner, clock: ManualClock
) -> None:
    owner.add(name="Remind", triggerKey="invoice_due", actions=[AN_EMAIL])
    report(driver, clock)

    assert owner.ask("POST", "forgotten-contacts", {"contactId": guid("a contact")}).ok

    assert owner.activations()[0]["reason"] == "CANCELLED_BY_GDPR_REQUEST"


# The clock


def test_each_site_has_a_clock_of_its_own(wix: WixSandbox, owner: Owner) -> None:
    owner.turn(advance=DAY)

    assert owner.clock()["now"] == "2026-11-25T12:00:00.000Z"
    assert Owner(wix.url, OTHER_SITE.instance_id).clock()["now"] == "2026-11-24T12:00:00.000Z"


def test_a_turned_clock_ends_no_token_and_frees_no_key(driver: AppDriver, owner: Owner, clock: ManualClock) -> None:
    """Both are agreements with a machine that lives in real time, whatever the site's clock shows."""
    event = {"payload": {**PAYLOAD, "due_date": a_date(clock, 90)}, "idempotency": {"key": "once"}}
    owner.add(name="Remind", triggerKey="invoice_due", actions=[AN_EMAIL])
    driver.report("invoice_due", **event)

    owner.turn(advance=30 * DAY)

    assert driver.report("invoice_due", **event).status_code == 200
    assert [each["status"] for each in owner.activations()] == ["SCHEDULED", "SKIPPED"]


def test_what_is_reported_under_a_turned_clock_has_expired_if_its_date_is_past(
    driver: AppDriver, owner: Owner, clock: ManualClock
) -> None:
    owner.add(name="Remind", triggerKey="invoice_due", actions=[AN_EMAIL])
    owner.turn(advance=30 * DAY)

    assert report(driver, clock, days=29) == []
    assert owner.activations()[0]["reason"] == "SCHEDULE_DATE_EXPIRED"


@pytest.mark.parametrize(
    "how, status",
    [
        ({"advance": -1}, 400),
        ({"advance": True}, 400),
        ({"advance": 1e12}, 400),
        ({"to": "tomorrow"}, 400),
        ({}, 400),
        ({"advance": 1, "toNextAction": True}, 400),
        ({"to": "2026-11-24T11:59:59Z"}, 409),
        ({"toNextAction": True}, 409),
    ],
)
def test_a_clock_is_turned_forward_and_never_back(owner: Owner, how: dict[str, object], status: int) -> None:
    answer = owner.ask("POST", "clock", how)

    assert answer.status_code == status
    assert answer.json()["errors"]
    assert owner.clock()["aheadSeconds"] == 0


def test_a_clock_that_goes_on_while_it_is_turned_is_turned_all_the_same(clock: ManualClock) -> None:
    def ticking() -> float:
        clock.now += 0.001
        return clock.now

    with WixSandbox(apps=[APP], sites=[Site(SITE.instance_id)], clock=ticking) as wix:
        driver = AppDriver(wix.url, APP, SITE.instance_id)
        driver.fetch_token()
        report(driver, clock)
        due_at = wix.engine(SITE.instance_id).activations.next_due()
        assert due_at is not None

        assert wix.runner.turn(SITE.instance_id, due_at) > due_at

        assert [each.at for each in wix.engine(SITE.instance_id).activations.sent] == [due_at]


# What happened


def changes(wix: WixSandbox, **query: object) -> dict[str, Any]:
    answer = requests.get(
        f"{wix.url}{CONTROL}/changes", params={k: str(v) for k, v in query.items()}, timeout=PATIENCE_SECONDS
    )
    return dict(answer.json())


def test_changes_are_read_on_from_any_number(
    wix: WixSandbox, driver: AppDriver, owner: Owner, clock: ManualClock
) -> None:
    before = changes(wix, site=SITE.instance_id)["next"]
    owner.add(name="Remind", triggerKey="invoice_due", actions=[AN_EMAIL])
    report(driver, clock)
    owner.turn(toNextAction=True)

    values = changes(wix, after=before, site=SITE.instance_id)

    assert [each["what"] for each in values["changes"]] == [
        "automation", "event", *["activation"] * 3, "action", "activation", "clock",
    ]  # fmt: skip
    statuses = [each["activation"]["status"] for each in values["changes"] if each["what"] == "activation"]
    assert statuses == ["INITIATED", "SCHEDULED", "STARTED", "ENDED"]
    numbers = [each["number"] for each in values["changes"]]
    assert numbers == sorted(numbers)
    assert numbers[-1] == values["next"]
    assert changes(wix, after=values["next"])["changes"] == []


def test_whoever_waits_for_a_change_gets_the_first(wix: WixSandbox, owner: Owner) -> None:
    after = changes(wix)["next"]
    owner.add(name="Remind", triggerKey="invoice_due", actions=[AN_EMAIL])

    [change] = changes(wix, after=after, wait=10)["changes"]

    assert change["automation"]["name"] == "Remind"


def test_the_calls_of_wix_own_routes_can_be_read(wix: WixSandbox, driver: AppDriver, clock: ManualClock) -> None:
    report(driver, clock)

    calls = requests.get(f"{wix.url}{CONTROL}/calls", timeout=PATIENCE_SECONDS).json()["calls"]

    assert [each["route"] for each in calls] == ["token", "report"]
    assert calls[1]["items"][0]["effect"] == "reported"
    assert APP.secret not in json.dumps(calls)


def test_apps_and_sites_are_listed(wix: WixSandbox) -> None:
    apps = requests.get(f"{wix.url}{CONTROL}/apps", timeout=PATIENCE_SECONDS).json()["apps"]
    sites = requests.get(f"{wix.url}{CONTROL}/sites", timeout=PATIENCE_SECONDS).json()["sites"]

    assert [each["appId"] for each in apps] == [APP.app_id, NEIGHBOUR.app_id]
    assert apps[0]["triggers"]["invoice_due"] == APP.triggers["invoice_due"]
    assert [each["site"] for each in sites] == [SITE.instance_id, OTHER_SITE.instance_id]


@pytest.mark.parametrize(
    "method, path, body, status",
    [
        ("GET", "sites/nowhere/clock", None, 404),
        ("GET", "changes?after=x", None, 400),
        ("PATCH", f"sites/{SITE.instance_id}/automations/none", {"status": "ACTIVE"}, 404),
        ("POST", f"sites/{SITE.instance_id}/forgotten-contacts", {}, 400),
        ("POST", f"sites/{SITE.instance_id}/clock", [], 400),
        ("PUT", f"sites/{SITE.instance_id}/clock", {}, 405),
        ("POST", "elsewhere", {}, 404),
    ],
)
def test_a_route_that_cannot_be_served_says_so(
    wix: WixSandbox, method: str, path: str, body: object, status: int
) -> None:
    answer = requests.request(method, f"{wix.url}{CONTROL}/{path}", json=body, timeout=PATIENCE_SECONDS)

    assert answer.status_code == status


def test_a_body_that_a_foreign_web_page_could_send_is_not_taken(wix: WixSandbox) -> None:
    url = f"{wix.url}{CONTROL}/sites/{SITE.instance_id}/clock"

    answer = requests.post(
        url, data=json.dumps({"advance": 1}), headers={"Content-Type": "text/plain"}, timeout=PATIENCE_SECONDS
    )

    assert answer.status_code == 415


def test_a_name_that_is_not_of_this_machine_is_not_answered(wix: WixSandbox) -> None:
    answer = requests.get(f"{wix.url}{CONTROL}/sites", headers={"Host": "wix.example.com"}, timeout=PATIENCE_SECONDS)

    assert (answer.status_code, errors(answer)) == (403, [("", "foreign-host")])
