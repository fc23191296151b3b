"""What the local Wix promises to a caller, by the documentation and by its defaults where that is silent."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit
from uuid import UUID

import pytest
import requests

from tests.sandbox.wix import PREFIX, App, AppDriver, Effect, Site, WixSandbox
from tests.sandbox.wix.samples import APP, NEIGHBOUR, OTHER_SITE, PAYLOAD, SITE, ManualClock, guid
from tests.support.drivers import a_driver
from tests.support.waiting import PATIENCE_SECONDS

WEEK = 7 * 24 * 60 * 60
INVOICE = guid("an invoice")
JsonObject = dict[str, object]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def wix(clock: ManualClock) -> Iterator[WixSandbox]:
    with WixSandbox(apps=[APP, NEIGHBOUR], sites=[SITE, OTHER_SITE], clock=clock) as wix:
        yield wix


def an_event(name: str = "an invoice", key: str | None = None, **payload: object) -> JsonObject:
    event: JsonObject = {"externalEntityId": guid(name), "payload": {**PAYLOAD, **payload}}
    return event if key is None else {**event, "idempotency": {"key": key}}


def live(wix: WixSandbox, site: Site = SITE) -> list[str | None]:
    return [event.external_entity_id for event in wix.live_events(site.instance_id)]


def effects(wix: WixSandbox) -> list[Effect]:
    return [entry.effect for entry in wix.journal.entries()]


def code(response: requests.Response) -> object:
    return response.json()["details"]["applicationError"]["code"]


def violation(response: requests.Response) -> tuple[object, object]:
    [only] = response.json()["details"]["validationError"]["fieldViolations"]
    return only["field"], only["violatedRule"]


def item_success(result: dict[str, JsonObject]) -> bool:
    return bool(result["itemMetadata"].get("success", False))


# The token endpoint


def test_client_credentials_buy_a_token_for_four_hours(wix: WixSandbox) -> None:
    answer = AppDriver(wix.url, APP, SITE.instance_id).fetch_token()

    assert answer.status_code == 200
    assert answer.json()["token_type"] == "Bearer"
    assert answer.json()["expires_in"] == 14_400
    assert answer.json()["access_token"]


@pytest.mark.parametrize(
    "changes, status, error",
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": guid("nobody")}, 401, "invalid_client"),
        ({"instance_id": guid("nowhere")}, 400, "invalid_grant"),
        ({"instance_id": None}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
def test_a_token_request_is_refused_in_the_style_of_oauth(
    wix: WixSandbox, changes: JsonObject, status: int, error: str
) -> None:
    answer = AppDriver(wix.url, APP, SITE.instance_id).fetch_token(**changes)

    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["error_description"]


def test_a_token_request_that_is_no_json_is_refused(wix: WixSandbox) -> None:
    answer = AppDriver(wix.url, APP, SITE.instance_id).post("token", b"grant_type=client_credentials")

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_a_site_without_the_app_gets_no_token(wix: WixSandbox) -> None:
    wix.remove_app(APP.app_id, SITE.instance_id)

    assert a_driver(wix).token is None
    assert a_driver(wix, site=OTHER_SITE).token


def test_only_the_named_apps_are_installed_on_a_site() -> None:
    site = Site(guid("picky"), apps=frozenset({NEIGHBOUR.app_id}))
    with WixSandbox(apps=[APP, NEIGHBOUR], sites=[site]) as wix:
        assert a_driver(wix, NEIGHBOUR, site).token
        assert a_driver(wix, APP, site).token is None


# Identity


@pytest.mark.parametrize("prefix", ["", "Bearer "])
def test_a_token_is_taken_raw_and_as_bearer(wix: WixSandbox, driver: AppDriver, prefix: str) -> None:
    body = {"triggerKey": "invoice_due", **an_event()}

    assert driver.post("report", body, authorization=f"{prefix}{driver.token}").status_code == 200
    assert live(wix) == [INVOICE]


@pytest.mark.parametrize("route", ["report", "bulk-report", "cancel", "bulk-cancel"])
def test_without_a_good_token_every_route_is_closed(wix: WixSandbox, route: str) -> None:
    stranger = AppDriver(wix.url, APP, SITE.instance_id)

    for authorization in (None, "guesswork"):
        answer = stranger.post(route, {"triggerKey": "invoice_due"}, authorization=authorization)
        assert (answer.status_code, code(answer)) == (401, "UNAUTHENTICATED")


def test_a_token_works_until_the_second_it_expires(clock: ManualClock, wix: WixSandbox, driver: AppDriver) -> None:
    clock.now += 14_399
    assert driver.report("invoice_due", **an_event()).status_code == 200

    clock.now += 1
    answer = driver.report("invoice_due", **an_event())
    assert (answer.status_code, code(answer)) == (401, "UNAUTHENTICATED")
    assert len(live(wix)) == 1


def test_tokens_can_be_expired_for_one_site(wix: WixSandbox, driver: AppDriver) -> None:
    other = a_driver(wix, site=OTHER_SITE)

    wix.expire_tokens(SITE.instance_id)

    assert driver.report("invoice_due", **an_event()).status_code == 401
    assert other.report("invoice_due", **an_event()).status_code == 200
    assert driver.fetch_token().ok
    assert driver.report("invoice_due", **an_event()).status_code == 200


def test_a_removed_app_is_forbidden_until_it_is_installed_again(wix: WixSandbox, driver: AppDriver) -> None:
    wix.remove_app(APP.app_id, SITE.instance_id)
    answer = driver.report("invoice_due", **an_event())
    assert (answer.status_code, code(answer)) == (403, "PERMISSION_DENIED")

    wix.install_app(APP.app_id, SITE.instance_id)
    assert driver.report("invoice_due", **an_event()).status_code == 200


def test_removing_the_app_ends_its_live_events_on_that_site(wix: WixSandbox, driver: AppDriver) -> None:
    driver.report("invoice_due", **an_event())
    a_driver(wix, site=OTHER_SITE).report("invoice_due", **an_event())

    wix.remove_app(APP.app_id, SITE.instance_id)

    assert live(wix) == []
    assert live(wix, OTHER_SITE) == [INVOICE]


def test_the_site_comes_from_the_token_whatever_the_body_says(wix: WixSandbox, driver: AppDriver) -> None:
    driver.report("invoice_due", **an_event(), instanceId=OTHER_SITE.instance_id, siteId=OTHER_SITE.instance_id)

    assert live(wix) == [INVOICE]
    assert live(wix, OTHER_SITE) == []


def test_reports_and_cancels_need_their_scopes() -> None:
    reporter = App(guid("r"), "s", APP.triggers, scopes=frozenset({"SCOPE.CRM.SETUP-AUTOMATIONS"}))
    canceller = App(guid("c"), "s", APP.triggers, scopes=frozenset({"SCOPE.DC.MANAGE-YOUR-APP"}))
    with WixSandbox(apps=[reporter, canceller], sites=[SITE]) as wix:
        assert a_driver(wix, reporter).report("invoice_due", **an_event()).status_code == 200
        assert a_driver(wix, reporter).cancel("invoice_due", INVOICE).status_code == 403
        assert a_driver(wix, canceller).report("invoice_due", **an_event()).status_code == 403
        assert a_driver(wix, canceller).cancel("invoice_due", INVOICE).status_code == 200


# Requests


def test_every_answer_names_its_request(wix: WixSandbox, driver: AppDriver) -> None:
    answers = [
        driver.report("invoice_due", **an_event()),
        driver.report("unheard_of"),
        driver.fetch_token(client_secret="wrong"),
        requests.get(f"{wix.url}/nowhere", timeout=PATIENCE_SECONDS),
    ]

    ids = [answer.headers["x-wix-request-id"] for answer in answers]
    assert len(set(ids)) == len(ids)
    assert [call.request_id for call in wix.journal][1:] == ids[:3]


def test_an_address_wix_does_not_have_is_not_found(wix: WixSandbox) -> None:
    answer = requests.post(f"{wix.url}/automations/v1/events/undo", json={}, timeout=PATIENCE_SECONDS)

    assert (answer.status_code, code(answer)) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"report"',
        b'{"triggerKey": "invoice_due", "payload": {"amount": NaN}}',
        b'{"triggerKey": "invoice_due", "payload": {"amount": 1e999}}',
        b'{"triggerKey": 7}',
        b'{"triggerKey": "invoice_due", "payload": []}',
        b'{"triggerKey": "invoice_due", "externalEntityId": 7}',
        b'{"triggerKey": "invoice_due", "idempotency": "key"}',
        b'{"triggerKey": "invoice_due", "idempotency": {"key": 7}}',
        b'{"triggerKey": "invoice_due", "idempotency": {"key": "k", "ttlInMilliseconds": 1000}}',
        b'{"triggerKey": "invoice_due", "idempotency": {"key": "k", "ttlInMilliseconds": "soon"}}',
    ],
)
def test_what_cannot_be_read_is_a_400_with_a_message_only(wix: WixSandbox, driver: AppDriver, body: bytes) -> None:
    answer = driver.post("report", body)

    assert answer.status_code == 400
    assert answer.json()["message"]
    assert answer.json()["details"] == {}
    assert live(wix) == []


@pytest.mark.parametrize(
    "fields, field, rule",
    [
        ({"triggerKey": ""}, "triggerKey", "OUT_OF_RANGE"),
        ({"triggerKey": "k" * 101}, "triggerKey", "OUT_OF_RANGE"),
        ({"externalEntityId": "invoice 7"}, "externalEntityId", "FORMAT"),
        ({"idempotency": {}}, "idempotency.key", "OUT_OF_RANGE"),
        ({"idempotency": {"key": "k" * 81}}, "idempotency.key", "OUT_OF_RANGE"),
        (
            {"idempotency": {"key": "k", "ttlInMilliseconds": "0"}},
            "idempotency.ttlInMilliseconds",
            "OUT_OF_RANGE",
        ),
    ],
)
def test_a_field_that_breaks_a_rule_is_named(driver: AppDriver, fields: JsonObject, field: str, rule: str) -> None:
    answer = driver.post("report", {"triggerKey": "invoice_due", **an_event(), **fields})

    assert answer.status_code == 400
    assert violation(answer) == (field, rule)


def test_a_report_needs_no_entity_and_a_cancel_does(wix: WixSandbox, driver: AppDriver) -> None:
    assert driver.report("invoice_due", payload=PAYLOAD).status_code == 200
    assert live(wix) == [None]

    answer = driver.post("cancel", {"triggerKey": "invoice_due"})
    assert answer.status_code == 400
    assert violation(answer) == ("externalEntityId", "INVALID_ARGUMENT")


@pytest.mark.parametrize("key", ["unheard_of", "course_started"])
def test_a_trigger_the_app_does_not_own_is_not_found(driver: AppDriver, key: str) -> None:
    for answer in (
        driver.report(key, payload={}),
        driver.bulk_report(key, {"payload": {}}),
        driver.cancel(key, INVOICE),
        driver.bulk_cancel(key, INVOICE),
    ):
        assert (answer.status_code, code(answer)) == (404, "NOT_FOUND")


# Payloads


@pytest.mark.parametrize("missing", ["contact_id", "due_date"])
def test_a_missing_required_property_is_a_400(driver: AppDriver, missing: str) -> None:
    payload = {name: value for name, value in PAYLOAD.items() if name != missing}

    answer = driver.report("invoice_due", payload=payload)

    assert (answer.status_code, code(answer)) == (400, "REQUIRED_PROPERTY")
    assert missing in answer.json()["message"]


def test_no_payload_counts_as_an_empty_one(driver: AppDriver) -> None:
    assert code(driver.report("invoice_due")) == "REQUIRED_PROPERTY"
    assert driver.report("page_visited").status_code == 200
    assert driver.report("page_visited", payload=None).status_code == 200


@pytest.mark.parametrize(
    "payload",
    [
        {"amount": "12.50"},
        {"contact_id": "not a guid"},
        {"due_date": "2030-02-30T09:00:00Z"},
        {"due_date": "2030-03-01T09:00:00"},
        {"due_date": "2030-03-01T09:00:00+0000"},
        {"due_date": "2030-03-01"},
        {"lines": "none"},
        {"address": {"city": 7}},
        {"_private": "x"},
        {"with-dash": "x"},
        {"": "x"},
        {"nothing": None},
        {"tags": ["a"]},
        {"lines": [{"name": "a", "more": {}}]},
        {"lines": [{"name": "a", "bad-key": 1}]},
        {"address": {"deeper": {}}},
        {"address": {"list": []}},
    ],
)
def test_a_payload_that_does_not_fit_is_a_428(wix: WixSandbox, driver: AppDriver, payload: JsonObject) -> None:
    answer = driver.report("invoice_due", payload={**PAYLOAD, **payload})

    assert (answer.status_code, code(answer)) == (428, "SCHEMA_VALIDATION_FAILED")
    assert live(wix) == []


def test_the_answer_to_a_bad_payload_holds_its_paths_and_not_its_values(driver: AppDriver) -> None:
    answer = driver.report("invoice_due", payload={**PAYLOAD, "amount": "s3cret", "contact_id": "s3cret"})

    assert "payload.amount" in answer.text
    assert "payload.contact_id" in answer.text
    assert "s3cret" not in answer.text


@pytest.mark.parametrize(
    "payload",
    [
        {"extra": "welcome"},
        {"amount": 12},
        {"lines": []},
        {"lines": [{"name": "a", "price": 1.5}]},
        {"address": {"city": "Ulm", "zip": 89073}},
        {"due_date": "2030-03-01t09:00:00.123456789z"},
        {"due_date": "2016-12-31T23:59:60Z"},
        {"contact_id": guid("a contact").upper()},
        {"0rder": 1},
    ],
)
def test_a_payload_that_fits_passes(wix: WixSandbox, driver: AppDriver, payload: JsonObject) -> None:
    assert driver.report("invoice_due", payload={**PAYLOAD, **payload}).status_code == 200
    assert wix.live_events(SITE.instance_id)[0].payload == {**PAYLOAD, **payload}


# Reports and activations


def test_a_report_is_answered_with_an_activation_per_active_automation(wix: WixSandbox, driver: AppDriver) -> None:
    wix.set_automations(SITE.instance_id, "invoice_due", 3)

    ids = driver.report("invoice_due", **an_event()).json()["activationIds"]

    assert len({UUID(each) for each in ids}) == 3
    assert wix.live_events(SITE.instance_id)[0].activation_ids == tuple(ids)


def test_without_an_active_automation_the_answer_is_empty() -> None:
    site = Site(guid("quiet"), automations={"invoice_due": 0})
    with WixSandbox(apps=[APP], sites=[site]) as wix:
        answer = a_driver(wix, site=site).report("invoice_due", **an_event())

        assert (answer.status_code, answer.json()) == (200, {})


def test_activation_ids_are_the_same_in_every_run() -> None:
    def first_ids() -> object:
        with WixSandbox(apps=[APP], sites=[SITE]) as wix:
            return a_driver(wix).report("invoice_due", **an_event()).json()

    assert first_ids() == first_ids()


def test_two_reports_of_one_entity_live_side_by_side(wix: WixSandbox, driver: AppDriver) -> None:
    first = driver.report("invoice_due", **an_event()).json()
    second = driver.report("invoice_due", **an_event()).json()

    assert live(wix) == [INVOICE, INVOICE]
    assert first != second


def test_live_events_can_be_asked_for_by_trigger(wix: WixSandbox, driver: AppDriver) -> None:
    driver.report("invoice_due", **an_event())
    driver.report("page_visited", payload={"page": "/"})

    [event] = wix.live_events(SITE.instance_id, "page_visited")
    assert (event.trigger_key, event.payload) == ("page_visited", {"page": "/"})
    assert len(wix.live_events(SITE.instance_id)) == 2


# Idempotency


def test_a_used_key_makes_a_report_an_ignored_200(wix: WixSandbox, driver: AppDriver) -> None:
    driver.report("invoice_due", **an_event(key="one"))
    again = driver.report("invoice_due", **an_event("another invoice", key="one"))

    assert (again.status_code, again.json()) == (200, {})
    assert live(wix) == [INVOICE]
    assert effects(wix) == [Effect.REPORTED, Effect.DUPLICATE]


def test_a_key_is_good_again_after_a_week(clock: ManualClock, wix: WixSandbox, driver: AppDriver) -> None:
    driver.report("invoice_due", **an_event(key="one"))

    clock.now += WEEK - 1
    driver.fetch_token()
    driver.report("invoice_due", **an_event(key="one"))
    assert len(live(wix)) == 1

    clock.now += 1
    driver.report("invoice_due", **an_event(key="one"))
    assert len(live(wix)) == 2


def test_a_key_is_good_again_after_its_own_ttl(clock: ManualClock, wix: WixSandbox, driver: AppDriver) -> None:
    event = {**an_event(), "idempotency": {"key": "one", "ttlInMilliseconds": "1500"}}
    driver.report("invoice_due", **event)

    clock.now += 1.25
    driver.report("invoice_due", **event)
    assert len(live(wix)) == 1

    clock.now += 0.25
    driver.report("invoice_due", **event)
    assert len(live(wix)) == 2


def test_a_key_is_shared_by_sites_but_not_by_triggers_or_apps() -> None:
    second_app = App(guid("second app"), "s", APP.triggers)
    with WixSandbox(apps=[APP, second_app], sites=[SITE, OTHER_SITE]) as wix:
        for app, site, trigger_key in (
            (APP, SITE, "invoice_due"),
            (APP, OTHER_SITE, "invoice_due"),
            (APP, SITE, "page_visited"),
            (second_app, SITE, "invoice_due"),
        ):
            a_driver(wix, app, site).report(trigger_key, **an_event(key="one"))

        assert effects(wix) == [Effect.REPORTED, Effect.DUPLICATE, Effect.REPORTED, Effect.REPORTED]


def test_a_cancel_does_not_free_the_key(wix: WixSandbox, driver: AppDriver) -> None:
    driver.report("invoice_due", **an_event(key="one"))
    driver.cancel("invoice_due", INVOICE)
    driver.report("invoice_due", **an_event(key="one"))

    assert live(wix) == []
    assert effects(wix)[-1] is Effect.DUPLICATE


def test_a_refused_report_leaves_its_key_unused(wix: WixSandbox, driver: AppDriver) -> None:
    driver.report("invoice_due", **an_event(key="one", amount="wrong"))
    driver.report("invoice_due", **an_event(key="one"))

    assert effects(wix) == [Effect.REFUSED, Effect.REPORTED]


def test_a_key_of_eighty_characters_is_taken(driver: AppDriver) -> None:
    assert driver.report("invoice_due", **an_event(key="k" * 80)).status_code == 200


# Cancels


def test_a_cancel_ends_every_event_of_the_entity(wix: WixSandbox, driver: AppDriver) -> None:
    for name in ("an invoice", "an invoice", "another invoice"):
        driver.report("invoice_due", **an_event(name))

    answer = driver.cancel("invoice_due", INVOICE)

    assert (answer.status_code, answer.json()) == (200, {})
    assert live(wix) == [guid("another invoice")]


def test_a_cancel_touches_no_other_site_trigger_or_app() -> None:
    second_app = App(guid("second app"), "s", APP.triggers)
    with WixSandbox(apps=[APP, second_app], sites=[SITE, OTHER_SITE]) as wix:
        a_driver(wix, site=OTHER_SITE).report("invoice_due", **an_event())
        a_driver(wix).report("page_visited", **an_event())
        a_driver(wix, second_app).report("invoice_due", **an_event())

        a_driver(wix).cancel("invoice_due", INVOICE)

        assert effects(wix)[-1] is Effect.NOTHING_TO_CANCEL
        assert (len(live(wix)), len(live(wix, OTHER_SITE))) == (2, 1)


def test_a_cancel_for_an_unknown_event_is_done(driver: AppDriver) -> None:
    answer = driver.cancel("invoice_due", INVOICE)

    assert (answer.status_code, answer.json()) == (200, {})


def test_an_event_reported_after_a_cancel_lives(wix: WixSandbox, driver: AppDriver) -> None:
    driver.cancel("invoice_due", INVOICE)
    driver.report("invoice_due", **an_event())

    assert live(wix) == [INVOICE]


# Bulk calls


def test_a_bulk_report_answers_every_item_on_its_own(wix: WixSandbox, driver: AppDriver) -> None:
    bad_key = {**an_event("c"), "idempotency": {"key": ""}}
    answer = driver.bulk_report(
        "invoice_due",
        an_event("a"),
        an_event("b", amount="wrong"),
        bad_key,
        an_event("d"),
    )

    assert answer.status_code == 200
    results = answer.json()["results"]
    assert [item_success(each) for each in results] == [True, False, False, True]
    assert [each["itemMetadata"].get("originalIndex", 0) for each in results] == [0, 1, 2, 3]
    assert results[1]["itemMetadata"]["error"]["code"] == "SCHEMA_VALIDATION_FAILED"
    assert results[2]["itemMetadata"]["error"]["code"] == "INVALID_ARGUMENT"
    assert answer.json()["bulkActionMetadata"] == {"totalSuccesses": 2, "totalFailures": 2}
    assert live(wix) == [guid("a"), guid("d")]


def test_a_bulk_result_repeats_its_event_and_has_its_activations(wix: WixSandbox, driver: AppDriver) -> None:
    event = an_event(key="one")

    answer = driver.bulk_report("invoice_due", event).json()

    assert answer["triggerKey"] == "invoice_due"
    assert answer["results"][0]["eventInfo"] == event
    assert tuple(answer["results"][0]["activationIds"]) == wix.live_events(SITE.instance_id)[0].activation_ids


def test_defaults_are_left_out_of_a_bulk_answer(wix: WixSandbox, driver: AppDriver) -> None:
    wix.set_automations(SITE.instance_id, "invoice_due", 0)

    answer = driver.bulk_report("invoice_due", an_event("a"), an_event("b", amount="wrong")).json()

    good, bad = answer["results"]
    assert good["itemMetadata"] == {"success": True}
    assert "activationIds" not in good
    assert sorted(bad["itemMetadata"]) == ["error", "originalIndex"]
    assert answer["bulkActionMetadata"] == {"totalSuccesses": 1, "totalFailures": 1}


def test_a_payload_is_repeated_with_its_falsy_values(driver: AppDriver) -> None:
    event = an_event(amount=0, paid=False, note="", lines=[])

    assert driver.bulk_report("invoice_due", event).json()["results"][0]["eventInfo"] == event


def test_a_duplicate_inside_a_bulk_call_is_a_success_without_effect(wix: WixSandbox, driver: AppDriver) -> None:
    answer = driver.bulk_report("invoice_due", an_event("a", key="one"), an_event("b", key="one")).json()

    assert [item_success(each) for each in answer["results"]] == [True, True]
    assert effects(wix) == [Effect.REPORTED, Effect.DUPLICATE]
    assert live(wix) == [guid("a")]


def test_a_bulk_cancel_answers_every_item_on_its_own(wix: WixSandbox, driver: AppDriver) -> None:
    driver.bulk_report("invoice_due", *(an_event(name) for name in "abc"))

    answer = driver.bulk_cancel("invoice_due", guid("a"), "no guid", guid("b"), guid("unknown"))

    results = answer.json()["results"]
    assert [item_success(each) for each in results] == [True, False, True, True]
    assert [each["externalEntityId"] for each in results] == [guid("a"), "no guid", guid("b"), guid("unknown")]
    assert answer.json()["bulkActionMetadata"] == {"totalSuccesses": 3, "totalFailures": 1}
    assert live(wix) == [guid("c")]


@pytest.mark.parametrize("count, status", [(0, 400), (1, 200), (100, 200), (101, 400)])
def test_a_bulk_call_has_one_to_a_hundred_items(driver: AppDriver, count: int, status: int) -> None:
    events = [an_event(str(number)) for number in range(count)]
    entities = [guid(str(number)) for number in range(count)]

    reported = driver.bulk_report("invoice_due", *events)
    cancelled = driver.bulk_cancel("invoice_due", *entities)

    assert (reported.status_code, cancelled.status_code) == (status, status)
    if status == 400:
        assert violation(reported) == ("eventsInfo", "OUT_OF_RANGE")
        assert violation(cancelled) == ("externalEntityIds", "OUT_OF_RANGE")


@pytest.mark.parametrize(
    "route, items",
    [
        ("bulk-report", {"eventsInfo": {}}),
        ("bulk-report", {"eventsInfo": [an_event(), "event"]}),
        ("bulk-report", {"eventsInfo": [an_event(), {"payload": []}]}),
        ("bulk-cancel", {"externalEntityIds": INVOICE}),
        ("bulk-cancel", {"externalEntityIds": [INVOICE, 7]}),
    ],
)
def test_a_bulk_item_of_the_wrong_type_spoils_the_call(
    wix: WixSandbox, driver: AppDriver, route: str, items: JsonObject
) -> None:
    answer = driver.post(route, {"triggerKey": "invoice_due", **items})

    assert (answer.status_code, answer.json()["details"]) == (400, {})
    assert live(wix) == []


# The limit


def test_a_site_has_two_hundred_calls_in_any_minute(clock: ManualClock, wix: WixSandbox, driver: AppDriver) -> None:
    for _ in range(100):
        assert driver.cancel("invoice_due", INVOICE).status_code == 200
    clock.now += 30
    for _ in range(100):
        assert driver.cancel("invoice_due", INVOICE).status_code == 200

    refused = driver.report("invoice_due", **an_event())
    assert (refused.status_code, code(refused)) == (429, "RESOURCE_EXHAUSTED")
    assert "Retry-After" not in refused.headers
    assert live(wix) == []
    assert a_driver(wix, site=OTHER_SITE).report("invoice_due", **an_event()).status_code == 200
    assert driver.fetch_token().status_code == 200

    clock.now += 29.5
    assert driver.report("invoice_due", **an_event()).status_code == 429
    clock.now += 0.5
    assert driver.report("invoice_due", **an_event()).status_code == 200


# The journal


def test_the_journal_tells_what_came_in_and_what_became_of_it(
    clock: ManualClock, wix: WixSandbox, driver: AppDriver
) -> None:
    clock.now += 5
    driver.bulk_report("invoice_due", an_event("a", key="one"), an_event("b", amount="wrong"))
    driver.cancel("invoice_due", guid("a"))

    token_call, reported, cancelled = wix.journal
    assert (token_call.route, token_call.app_id, token_call.site, token_call.items) == (
        "token",
        APP.app_id,
        SITE.instance_id,
        (),
    )
    assert (reported.route, reported.at, reported.status) == ("bulk-report", clock.now, 200)
    assert (reported.app_id, reported.site, reported.trigger_key) == (APP.app_id, SITE.instance_id, "invoice_due")
    first, second = reported.items
    assert (first.external_entity_id, first.idempotency_key, first.payload) == (guid("a"), "one", PAYLOAD)
    assert (first.effect, second.effect) == (Effect.REPORTED, Effect.REFUSED)
    assert (first.code, second.code) == (None, "SCHEMA_VALIDATION_FAILED")
    assert cancelled.items[0].effect is Effect.CANCELLED
    assert [call.answered for call in wix.journal] == [True, True, True]
    assert [call.number for call in wix.journal] == [0, 1, 2]


def test_the_journal_keeps_refused_calls_with_their_items(wix: WixSandbox) -> None:
    AppDriver(wix.url, APP, SITE.instance_id).report("invoice_due", **an_event())

    [call] = wix.journal
    assert (call.status, call.site, call.trigger_key) == (401, None, "invoice_due")
    assert (call.items[0].external_entity_id, call.items[0].code) == (INVOICE, "UNAUTHENTICATED")


def test_the_journal_can_be_read_by_route_and_site(wix: WixSandbox, driver: AppDriver) -> None:
    driver.report("invoice_due", **an_event())
    a_driver(wix, site=OTHER_SITE).report("page_visited")

    assert len(wix.journal.calls("report")) == 2
    assert [call.trigger_key for call in wix.journal.calls("report", SITE.instance_id)] == ["invoice_due"]
    assert [call.route for call in wix.journal.calls(site=OTHER_SITE.instance_id)] == ["token", "report"]
    assert [entry.payload for entry in wix.journal.entries("report")] == [PAYLOAD, None]


def test_the_journal_holds_no_secret_and_no_token(wix: WixSandbox, driver: AppDriver) -> None:
    driver.fetch_token(client_id=APP.secret)
    driver.report("invoice_due", **an_event())

    written = repr(wix.journal.calls())
    assert APP.secret not in written
    assert str(driver.token) not in written
    assert APP.secret not in repr(APP)


def test_the_journal_waits_for_what_is_still_to_come(wix: WixSandbox, driver: AppDriver) -> None:
    sender = threading.Thread(target=driver.report, args=("page_visited",))
    sender.start()

    assert wix.journal.wait_until(lambda journal: len(journal.calls("report")) == 1)
    sender.join()
    assert not wix.journal.wait_until(lambda journal: len(journal) == 99, seconds=0.01)


# The server


def listens(host: str, port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex((host, port)) == 0


def test_it_listens_on_loopback_only_and_as_soon_as_it_is_entered() -> None:
    with WixSandbox(apps=[APP], sites=[SITE]) as wix:
        port = urlsplit(wix.url).port or 0

        assert listens("127.0.0.1", port)
        assert not listens("127.0.0.2", port), "a server on all addresses would answer there too"
        assert a_driver(wix).token


def is_there(url: str, site: Site) -> bool:
    """Return whether a sandbox with this site answers; another server may have been given the port meanwhile."""
    try:
        return site.instance_id in requests.get(f"{url}{PREFIX}/sites", timeout=PATIENCE_SECONDS).text
    except requests.ConnectionError:
        return False


def test_after_its_end_it_answers_no_more_and_the_journal_stays() -> None:
    site = Site(guid("of this sandbox alone"))
    with WixSandbox(apps=[APP], sites=[site]) as wix:
        url = wix.url
        a_driver(wix, site=site)
        assert is_there(url, site)

    assert not is_there(url, site)
    with pytest.raises(RuntimeError):
        _ = wix.url
    assert len(wix.journal) == 1


def test_many_callers_at_once_lose_and_double_nothing(wix: WixSandbox) -> None:
    hands = [a_driver(wix, site=site) for site in (SITE, OTHER_SITE) for _ in range(4)]

    def report_twice_each(driver: AppDriver, worker: int) -> None:
        for number in range(20):
            driver.report("page_visited", idempotency={"key": f"{worker}/{number}"})
            driver.report("page_visited", idempotency={"key": f"{worker}/{number}"})

    threads = [threading.Thread(target=report_twice_each, args=(driver, at)) for at, driver in enumerate(hands)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(live(wix)) + len(live(wix, OTHER_SITE)) == 160
    assert [call.number for call in wix.journal] == list(range(8 + 320))
    assert effects(wix).count(Effect.DUPLICATE) == 160
