"""Troubles of Wix, switched on and off: recovery to look at."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.sandbox.business import a_page_visit
from tests.sandbox.stage import Stage
from tests.stack.console.hands import go_to
from trigger_provider.events import State

MET = {
    "Unavailable (503)": "503",
    "Too many requests (429)": "429",
    "Silent": "closed",
    "Answer cut": "closed",
}


@pytest.mark.parametrize("trouble", MET)
def test_an_event_outlives_a_trouble_of_wix(stage: Stage, page: Page, site: str, trouble: str) -> None:
    go_to(page, "Faults")
    switch = page.get_by_role("switch", name=trouble)
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "true")
    stage.invoke(a_page_visit(site, "visit-1"))
    calls = page.get_by_label("Calls to Wix").get_by_role("row")
    expect(calls.filter(has_text=MET[trouble]).first).to_be_visible()
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "false")

    stage.settled(stage.occurrence(site, "page_visited", None, "visit-1"), "reported")
    expect(calls.filter(has_text="200").first).to_be_visible()
    expect(page.get_by_role("heading", name="On the way")).to_have_count(0)
    assert len(stage.wix.live_events(site)) == 1


def test_a_slow_answer_is_waited_for(stage: Stage, page: Page, site: str) -> None:
    go_to(page, "Faults")
    page.get_by_role("switch", name="Slow").click()
    expect(page.get_by_role("switch", name="Slow")).to_have_attribute("aria-checked", "true")
    stage.invoke(a_page_visit(site, "visit-1"))

    calls = page.get_by_label("Calls to Wix").get_by_role("row")
    expect(calls.filter(has_text="on its way").first).to_be_visible()
    expect(calls.filter(has_text="200").first).to_be_visible()


def test_a_site_that_removed_the_app_is_refused_until_it_comes_back(stage: Stage, page: Page, site: str) -> None:
    go_to(page, "Faults")
    switch = page.get_by_role("switch", name="App removed")
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "true")
    assert not stage.wix.state.registry.installed(stage.app.app_id, site)
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "false")
    assert stage.wix.state.registry.installed(stage.app.app_id, site)


def test_an_event_of_a_site_that_takes_its_permission_back_is_parked(stage: Stage, page: Page, site: str) -> None:
    go_to(page, "Faults")
    switch = page.get_by_role("switch", name="Access revoked (403)")
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "true")
    stage.invoke(a_page_visit(site, "visit-1"))

    calls = page.get_by_label("Calls to Wix").get_by_role("row")
    expect(calls.filter(has_text="403").first).to_be_visible()
    key = stage.occurrence(site, "page_visited", None, "visit-1")
    stage.until("the row is parked", lambda: (row := stage.row(key)) is not None and row.state is State.PARKED)
    assert not stage.wix.live_events(site)
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "false")
