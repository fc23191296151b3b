"""Automations: listed, switched, written; and what people got of them, as they see it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.sandbox.business import a_page_visit
from tests.sandbox.environment import Environment
from tests.stack.console.drivers import go_to

SEEN = {"Email": ".email", "Chat message": ".bubble", "Notification": ".toast", "Webhook": ".json"}


@pytest.mark.parametrize("kind", SEEN)
def test_each_kind_of_action_is_added_and_seen(environment: Environment, page: Page, site: str, kind: str) -> None:
    go_to(page, "Automations")
    page.get_by_role("button", name="Add an automation").click()
    page.get_by_role("radio", name=kind).check()
    page.locator("#new-trigger").select_option("page_visited")
    page.get_by_label("Name").fill(f"{kind} for a visit")
    if kind in {"Email", "Chat message"}:
        page.get_by_label("To", exact=True).fill("ada@example.com")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name=f"{kind} for a visit")).to_be_visible()
    environment.invoke(a_page_visit(site, "visit-1"))

    got = page.get_by_label("What people got").locator(".message").filter(has_text=f"{kind} for a visit")
    expect(got.locator(SEEN[kind])).to_be_visible()
    expect(got).to_contain_text("https://www.example.com/courses/pottery")


def test_one_that_is_switched_off_starts_nothing(environment: Environment, page: Page, site: str) -> None:
    go_to(page, "Automations")
    switch = page.get_by_role("switch", name="page_visited")
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "false")
    environment.invoke(a_page_visit(site, "visit-1"))
    environment.settled(environment.occurrence(site, "page_visited", None, "visit-1"), "reported")

    assert environment.owner(site).activations() == []
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "true")


def test_what_wix_would_not_take_is_said_at_its_field(page: Page) -> None:
    go_to(page, "Automations")
    page.get_by_role("button", name="Add an automation").click()
    page.get_by_role("radio", name="Webhook").check()
    address = page.get_by_label("Address, on this machine")
    address.fill("https://example.com/hook")
    page.get_by_role("button", name="Add", exact=True).click()

    expect(address).to_have_attribute("aria-invalid", "true")
    expect(address).to_be_focused()
    expect(page.get_by_text("must be an http address of this machine")).to_be_visible()
