"""Troubles of Wix, switched on and off: recovery to look at."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.sandbox.business import a_page_visit
from tests.sandbox.console.troubles import SLOW_SECONDS
from tests.sandbox.environment import Environment
from tests.sandbox.wix import AppDriver, Trouble
from tests.stack.console.drivers import acknowledged_call, go_to
from tests.support.waiting import AN_HOUR_SECONDS
from trigger_provider.domain.ledger.rows import EventRow, State

MET = {
    "Unavailable (503)": "503",
    "Too many requests (429)": "429",
    "Silent": "closed",
    "Answer cut": "closed",
}


def answered(page: Page, answer: str) -> Locator:
    """Return the calls with exactly this answer, as the table of calls shows them, the newest first."""
    calls = page.get_by_label("Calls to Wix").get_by_role("row")
    return calls.filter(has=page.get_by_role("cell", name=answer, exact=True))


def switch_on(page: Page, trouble: str) -> Locator:
    """Switch a trouble on, and return its switch."""
    switch = page.get_by_role("switch", name=trouble)
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "true")
    return switch


def switch_off(switch: Locator) -> None:
    """Switch a trouble off."""
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "false")


@pytest.mark.parametrize("trouble", MET)
def test_an_event_outlives_a_trouble_of_wix(environment: Environment, page: Page, site: str, trouble: str) -> None:
    go_to(page, "Faults")
    switch = switch_on(page, trouble)
    environment.invoke(a_page_visit(site, "visit-1"))
    expect(answered(page, MET[trouble]).first).to_be_visible()
    switch_off(switch)

    environment.settled(environment.occurrence(site, "page_visited", None, "visit-1"), "reported")
    expect(answered(page, "200").first).to_be_visible()
    expect(page.get_by_role("heading", name="On the way")).to_have_count(0)
    assert len(environment.wix.live_events(site)) == 1


def test_a_slow_answer_is_waited_for(environment: Environment, page: Page, site: str) -> None:
    go_to(page, "Faults")
    switch_on(page, "Slow")
    environment.invoke(a_page_visit(site, "visit-1"))
    row = environment.settled(environment.occurrence(site, "page_visited", None, "visit-1"), "reported")

    expect(answered(page, "200").first).to_be_visible()
    assert isinstance(row, EventRow)
    assert row.acked_at is not None
    assert row.acked_at / 1_000 - acknowledged_call(environment, row).at >= SLOW_SECONDS
    assert len(environment.wix.live_events(site)) == 1


def test_a_call_is_on_its_way_until_it_is_answered(environment: Environment, page: Page, site: str) -> None:
    go_to(page, "Faults")
    driver = AppDriver(environment.wix.url, environment.app, site, timeout=AN_HOUR_SECONDS)
    driver.fetch_token()
    payload = a_page_visit(site, "visit-1")["payload"]
    held = Trouble.slow_answer(AN_HOUR_SECONDS, site=site)
    with environment.wix.faults.during(held), ThreadPoolExecutor(1) as pool:
        answer = pool.submit(driver.report, "page_visited", payload=payload)
        try:
            expect(answered(page, "on its way")).to_have_count(1)
        finally:
            environment.wix.let_go()

    assert answer.result().status_code == 200
    expect(answered(page, "200")).to_have_count(1)
    expect(answered(page, "on its way")).to_have_count(0)


def test_a_site_that_removed_the_app_is_refused_until_it_comes_back(
    environment: Environment, page: Page, site: str
) -> None:
    go_to(page, "Faults")
    switch = switch_on(page, "App removed")
    assert not environment.wix.state.registry.installed(environment.app.app_id, site)
    switch_off(switch)
    assert environment.wix.state.registry.installed(environment.app.app_id, site)


def test_an_event_of_a_site_that_takes_its_permission_back_is_parked(
    environment: Environment, page: Page, site: str
) -> None:
    go_to(page, "Faults")
    switch = switch_on(page, "Access revoked (403)")
    environment.invoke(a_page_visit(site, "visit-1"))

    expect(answered(page, "403").first).to_be_visible()
    key = environment.occurrence(site, "page_visited", None, "visit-1")
    environment.until(
        "the row is parked", lambda: (row := environment.row(key)) is not None and row.state is State.PARKED
    )
    assert not environment.wix.live_events(site)
    switch_off(switch)
