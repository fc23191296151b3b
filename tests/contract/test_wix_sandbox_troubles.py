"""What can be made to go wrong between the local Wix and its caller."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.sandbox.wix import REPORTS, Answer, AppDriver, BadItem, Call, Effect, Line, Trouble, WixSandbox
from tests.sandbox.wix.samples import APP, OTHER_SITE, PAYLOAD, SITE, ManualClock, guid
from tests.support.waiting import AN_HOUR_SECONDS, PATIENCE_SECONDS, wait_until

INVOICE = guid("an invoice")
SOON_SECONDS = 0.1
EVENT: dict[str, object] = {"externalEntityId": INVOICE, "payload": PAYLOAD, "idempotency": {"key": "one"}}


@pytest.fixture
def wix() -> Iterator[WixSandbox]:
    with WixSandbox(apps=[APP], sites=[SITE, OTHER_SITE], clock=ManualClock()) as wix:
        yield wix


def reported(wix: WixSandbox) -> int:
    return len(wix.live_events(SITE.instance_id))


def last(wix: WixSandbox) -> Call:
    return wix.journal.calls()[-1]


def received(wix: WixSandbox) -> bool:
    return wix.journal.wait_until(lambda journal: len(journal.calls("report")) == 1)


def closed(wix: WixSandbox) -> bool:
    return received(wix) and wix.journal.wait_until(lambda journal: journal.calls("report")[0].answered is not None)


def test_a_scripted_status_is_answered_once_and_touches_nothing(wix: WixSandbox, driver: AppDriver) -> None:
    wix.faults.script("report", Trouble.status(503))

    answer = driver.report("invoice_due", **EVENT)

    assert (answer.status_code, answer.json()) == (503, {"message": "", "details": {}})
    assert reported(wix) == 0
    assert last(wix).items[0].effect is Effect.UNTOUCHED
    assert (last(wix).status, last(wix).answered) == (503, True)
    assert driver.report("invoice_due", **EVENT).status_code == 200


def test_a_scripted_status_may_carry_headers_and_a_body(wix: WixSandbox, driver: AppDriver) -> None:
    wix.faults.script("cancel", Trouble.status(429, headers={"Retry-After": "7"}, body={"message": "slow down"}))

    answer = driver.cancel("invoice_due", INVOICE)

    assert (answer.headers["Retry-After"], answer.json()) == ("7", {"message": "slow down"})
    assert answer.headers["x-wix-request-id"] == last(wix).request_id


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 428, 429])
def test_a_scripted_refusal_has_the_shape_of_wix_errors(wix: WixSandbox, driver: AppDriver, status: int) -> None:
    wix.faults.script("report", Trouble.status(status))

    answer = driver.report("invoice_due", **EVENT)

    assert answer.status_code == status
    assert answer.json()["details"]["applicationError"]["code"]


def test_a_scripted_status_can_hide_that_the_call_worked(wix: WixSandbox, driver: AppDriver) -> None:
    wix.faults.script("report", Trouble.status(504, takes_effect=True))

    assert driver.report("invoice_due", **EVENT).status_code == 504
    assert reported(wix) == 1
    assert driver.report("invoice_due", **EVENT).status_code == 200
    assert reported(wix) == 1


def test_troubles_of_a_route_come_in_the_order_of_their_script(wix: WixSandbox, driver: AppDriver) -> None:
    wix.faults.script("report", Trouble.status(500), Trouble.status(503), times=2)
    wix.faults.script("cancel", Trouble.status(504))

    statuses = [driver.report("page_visited").status_code for _ in range(5)]

    assert statuses == [500, 503, 500, 503, 200]
    assert len(wix.faults.pending("cancel")) == 1
    wix.faults.clear()
    assert driver.cancel("invoice_due", INVOICE).status_code == 200


def test_a_trouble_limited_to_a_site_lets_other_sites_pass(wix: WixSandbox, driver: AppDriver) -> None:
    other = AppDriver(wix.url, APP, OTHER_SITE.instance_id)
    wix.faults.script("token", Trouble.status(500, site=OTHER_SITE.instance_id))
    wix.faults.script("report", Trouble.status(503, site=OTHER_SITE.instance_id), Trouble.status(500))

    assert driver.fetch_token().status_code == 200
    assert other.fetch_token().status_code == 500
    assert other.fetch_token().status_code == 200
    assert driver.report("page_visited").status_code == 500
    assert other.report("page_visited").status_code == 503


def test_an_unknown_route_cannot_be_scripted(wix: WixSandbox) -> None:
    with pytest.raises(ValueError, match="undo"):
        wix.faults.script("undo", Trouble.dropped())


def test_the_token_endpoint_can_fail_too(wix: WixSandbox, driver: AppDriver) -> None:
    wix.faults.script("token", Trouble.status(401, body={"error": "invalid_client"}), Trouble.answer_cut())

    assert driver.fetch_token().json() == {"error": "invalid_client"}
    with pytest.raises(requests.ConnectionError):
        driver.fetch_token()
    assert driver.fetch_token().status_code == 200


@pytest.mark.parametrize("route", ["report", "bulk-report"])
def test_an_answer_cut_after_the_effect_leaves_the_event_live(wix: WixSandbox, driver: AppDriver, route: str) -> None:
    wix.faults.script(route, Trouble.answer_cut())
    body = {"triggerKey": "invoice_due", **EVENT, "eventsInfo": [EVENT]}

    with pytest.raises(requests.ConnectionError):
        driver.post(route, body)

    assert reported(wix) == 1
    assert (last(wix).status, last(wix).answered) == (None, False)
    assert last(wix).items[0].effect is Effect.REPORTED
    assert driver.post(route, body).status_code == 200
    assert reported(wix) == 1


@pytest.mark.parametrize("route", ["report", "cancel", "bulk-report", "bulk-cancel"])
def test_half_an_answer_is_as_good_as_none(wix: WixSandbox, driver: AppDriver, route: str) -> None:
    wix.faults.script(route, Trouble.answer_cut(half=True))

    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        driver.post(
            route,
            {"triggerKey": "invoice_due", **EVENT, "eventsInfo": [EVENT], "externalEntityIds": [INVOICE]},
        )

    assert (last(wix).status, last(wix).answered) == (200, False)
    assert last(wix).items[0].effect in {Effect.REPORTED, Effect.NOTHING_TO_CANCEL}


def test_a_connection_dropped_before_the_effect_changes_nothing(wix: WixSandbox, driver: AppDriver) -> None:
    wix.faults.script("report", Trouble.dropped())

    with pytest.raises(requests.ConnectionError):
        driver.report("invoice_due", **EVENT)

    assert reported(wix) == 0
    assert (last(wix).status, last(wix).answered) == (None, False)
    assert last(wix).items[0].effect is Effect.UNTOUCHED
    assert driver.report("invoice_due", **EVENT).status_code == 200
    assert reported(wix) == 1


def test_a_body_that_is_not_json_hides_a_call_that_worked(wix: WixSandbox, driver: AppDriver) -> None:
    wix.faults.script("report", Trouble.not_json(), Trouble.not_json("gone fishing", status=502))

    page, text = driver.report("invoice_due", **EVENT), driver.report("invoice_due", **EVENT)

    assert (page.status_code, text.status_code, text.text) == (200, 502, "gone fishing")
    with pytest.raises(requests.JSONDecodeError):
        page.json()
    assert reported(wix) == 1


def test_a_slow_answer_arrives_after_its_effect(wix: WixSandbox, driver: AppDriver) -> None:
    wix.faults.script("report", Trouble.slow_answer(AN_HOUR_SECONDS))

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(driver.report, "invoice_due", **EVENT)
        assert received(wix)
        assert (reported(wix), last(wix).answered) == (1, None)
        wix.let_go()
        assert answer.result().status_code == 200

    assert last(wix).answered is True


@pytest.mark.parametrize("trouble", [Trouble.slow_answer(0.5), Trouble.late_effect(0.5)], ids=["answer", "effect"])
def test_what_is_late_comes_no_sooner_than_scripted(wix: WixSandbox, driver: AppDriver, trouble: Trouble) -> None:
    wix.faults.script("report", trouble)
    started = time.monotonic()

    assert driver.report("invoice_due", **EVENT).status_code == 200

    assert time.monotonic() - started >= 0.5
    assert reported(wix) == 1


def test_a_caller_that_gives_up_on_a_slow_answer_did_not_get_it(wix: WixSandbox, driver: AppDriver) -> None:
    wix.faults.script("report", Trouble.slow_answer(AN_HOUR_SECONDS))
    driver.timeout = SOON_SECONDS

    with pytest.raises(requests.ReadTimeout):
        driver.report("invoice_due", **EVENT)

    assert closed(wix)
    assert last(wix).answered is False
    assert reported(wix) == 1


def test_a_late_effect_comes_after_the_caller_gave_up(wix: WixSandbox, driver: AppDriver) -> None:
    wix.faults.script("report", Trouble.late_effect(AN_HOUR_SECONDS))
    driver.timeout = SOON_SECONDS

    with pytest.raises(requests.ReadTimeout):
        driver.report("invoice_due", **EVENT)

    wait_until(lambda: not wix.faults.pending("report"))
    assert (reported(wix), wix.journal.calls("report")) == (0, [])
    wix.let_go()
    assert received(wix)
    assert reported(wix) == 1
    assert closed(wix)
    assert last(wix).answered is False


@pytest.mark.parametrize("within, effects", [(0.1, 0), (AN_HOUR_SECONDS, 1)])
def test_an_effect_comes_within_the_time_that_the_sandbox_is_given_or_never(within: float, effects: int) -> None:
    with WixSandbox(apps=[APP], sites=[SITE], effect_within=within) as wix:
        driver = AppDriver(wix.url, APP, SITE.instance_id)
        wait_until(lambda: driver.fetch_token().ok)
        wix.faults.script("report", Trouble.late_effect(0.5))
        answer = driver.report("invoice_due", **EVENT)

        assert (reported(wix), answer.ok) == (effects, bool(effects))


@pytest.mark.parametrize("takes_effect", [True, False])
def test_silence_lasts_until_the_caller_gives_up(wix: WixSandbox, driver: AppDriver, *, takes_effect: bool) -> None:
    wix.faults.script("report", Trouble.silence(AN_HOUR_SECONDS, takes_effect=takes_effect))
    driver.timeout = SOON_SECONDS

    with pytest.raises(requests.ReadTimeout):
        driver.report("invoice_due", **EVENT)

    assert closed(wix)
    assert (last(wix).status, last(wix).answered) == (None, False)
    assert reported(wix) == int(takes_effect)


def test_silence_ends_at_its_bound(wix: WixSandbox, driver: AppDriver) -> None:
    wix.faults.script("report", Trouble.silence(0.1))

    with pytest.raises(requests.ConnectionError):
        driver.report("invoice_due", **EVENT)


def test_the_sandbox_stops_while_it_is_silent_and_lets_go_of_its_callers(wix: WixSandbox, driver: AppDriver) -> None:
    wix.faults.script("report", Trouble.silence(AN_HOUR_SECONDS))

    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(driver.report, "page_visited")
        assert received(wix)
        wix.stop()
        with pytest.raises(requests.ConnectionError):
            call.result()


def test_a_held_call_holds_up_nobody_else(wix: WixSandbox, driver: AppDriver) -> None:
    wix.faults.script("report", Trouble.slow_answer(AN_HOUR_SECONDS))
    driver.timeout = 2 * PATIENCE_SECONDS
    other = AppDriver(wix.url, APP, SITE.instance_id, driver.token, PATIENCE_SECONDS)

    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(driver.report, "page_visited")
        assert received(wix)
        assert other.report("page_visited").status_code == 200
        assert [call.answered for call in wix.journal.calls("report")] == [None, True]
        wix.let_go()
        assert held.result().status_code == 200


def test_items_of_a_bulk_report_fail_by_index_and_by_entity(wix: WixSandbox, driver: AppDriver) -> None:
    events: list[dict[str, object]] = [{"externalEntityId": guid(name), "payload": PAYLOAD} for name in "abcd"]
    bad = BadItem("QUOTA", index=0), BadItem("BROKEN", external_entity_id=guid("c"), description="Out of order")
    wix.faults.script("bulk-report", Trouble.failed_items(*bad))

    answer = driver.bulk_report("invoice_due", *events).json()

    errors = [each["itemMetadata"].get("error") for each in answer["results"]]
    assert errors == [
        {"code": "QUOTA", "description": "Failed by script"},
        None,
        {"code": "BROKEN", "description": "Out of order"},
        None,
    ]
    assert answer["bulkActionMetadata"] == {"totalSuccesses": 2, "totalFailures": 2}
    assert [event.external_entity_id for event in wix.live_events(SITE.instance_id)] == [guid("b"), guid("d")]
    assert [entry.code for entry in last(wix).items] == ["QUOTA", None, "BROKEN", None]


def test_an_item_of_a_bulk_cancel_fails_and_stays_live(wix: WixSandbox, driver: AppDriver) -> None:
    driver.report("invoice_due", **EVENT)
    wix.faults.script("bulk-cancel", Trouble.failed_items(BadItem("BUSY", external_entity_id=INVOICE)))

    driver.bulk_cancel("invoice_due", guid("another"), INVOICE)
    assert reported(wix) == 1

    driver.bulk_cancel("invoice_due", INVOICE)
    assert reported(wix) == 0


def test_a_failing_item_waits_for_the_call_that_holds_it(wix: WixSandbox, driver: AppDriver) -> None:
    wix.faults.script("bulk-report", Trouble.failed_items(BadItem("BUSY", external_entity_id=INVOICE)))

    other = driver.bulk_report("page_visited", {"externalEntityId": guid("another")}).json()
    assert other["bulkActionMetadata"] == {"totalSuccesses": 1}
    assert len(wix.faults.pending("bulk-report")) == 1

    assert driver.bulk_report("invoice_due", EVENT).json()["bulkActionMetadata"] == {"totalFailures": 1}


def test_a_failing_item_is_refused_in_a_single_call_too(wix: WixSandbox, driver: AppDriver) -> None:
    with wix.faults.during(Trouble.failed_items(BadItem("NEWS", external_entity_id=INVOICE)), *REPORTS):
        refused = driver.report("invoice_due", externalEntityId=INVOICE, payload=PAYLOAD)
        taken = driver.report("invoice_due", externalEntityId=guid("another"), payload=PAYLOAD)

    assert (refused.status_code, refused.json()["details"]["applicationError"]["code"]) == (400, "NEWS")
    assert taken.status_code == 200
    assert [event.external_entity_id for event in wix.live_events(SITE.instance_id)] == [guid("another")]


def test_a_standing_trouble_meets_every_call_of_its_routes_until_it_is_lifted(
    wix: WixSandbox, driver: AppDriver
) -> None:
    with wix.faults.during(Trouble.status(503), *REPORTS):
        single = [driver.report("invoice_due", payload=PAYLOAD).status_code for _ in range(3)]
        bulk = driver.bulk_report("invoice_due", {"payload": PAYLOAD}).status_code
        cancel = driver.cancel("invoice_due", INVOICE).status_code
    after = driver.report("invoice_due", payload=PAYLOAD).status_code

    assert (single, bulk, cancel, after) == ([503, 503, 503], 503, 200, 200)


def test_troubles_can_be_mixed(wix: WixSandbox, driver: AppDriver) -> None:
    mixed = Trouble(wait_before=0.05, answer=Answer(502, "half of a page"), wait_after=0.05, line=Line.HALF)
    wix.faults.script("report", mixed)

    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        driver.report("invoice_due", **EVENT)

    assert reported(wix) == 1
    assert last(wix).trouble == mixed


def test_a_spoiled_call_counts_against_the_limit(wix: WixSandbox, driver: AppDriver) -> None:
    wix.faults.script("cancel", Trouble.status(503), times=200)

    statuses = {driver.cancel("invoice_due", INVOICE).status_code for _ in range(200)}

    assert statuses == {503}
    assert driver.cancel("invoice_due", INVOICE).status_code == 429
