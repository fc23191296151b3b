"""Trying a trigger: three ways in, a new date, a cancel, and errors at their fields."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.sandbox.environment import Environment
from tests.stack.console.drivers import fill, go_to
from trigger_provider.domain.ledger.generations import change_count
from trigger_provider.domain.ledger.rows import ScheduledEntity


def choose(page: Page, trigger: str) -> None:
    """Choose a trigger, and wait until its form is there."""
    page.get_by_label("Trigger").select_option(trigger)
    expect(page.get_by_label("The request as JSON")).to_contain_text(f'"triggerKey": "{trigger}"')


@pytest.mark.parametrize("way", ["Direct call", "Queue", "Bus"])
def test_the_examples_are_taken_as_they_stand(environment: Environment, page: Page, site: str, way: str) -> None:
    go_to(page, "Try it")
    choose(page, "invoice_due")
    page.get_by_role("radio", name=way).check()
    page.get_by_role("button", name="Report").click()

    page.get_by_role("link", name="Follow it").click()
    ledger = page.locator(".way li").filter(has=page.get_by_role("heading", name="Ledger"))
    expect(ledger.get_by_text("reported", exact=True)).to_be_visible()
    (live,) = environment.wix.live_events(site, "invoice_due")
    assert live.payload["line_items"] == [
        {"description": "Workshop", "quantity": 2, "unit_price": "450.00"},
        {"description": "Travel", "quantity": 1, "unit_price": "100.00"},
    ]


@pytest.mark.parametrize("way", ["Direct call", "Queue", "Bus"])
def test_what_is_wrong_is_said_at_its_field(environment: Environment, page: Page, site: str, way: str) -> None:
    go_to(page, "Try it")
    choose(page, "invoice_due")
    fill(page, "/payload/due_date", "tomorrow")
    fill(page, "/payload/line_items/1/quantity", "many")
    fill(page, "/payload/currency", "")
    page.get_by_role("radio", name=way).check()
    page.get_by_role("button", name="Report").click()

    for pointer, rule in (
        ("/payload/due_date", "format"),
        ("/payload/line_items/1/quantity", "type"),
        ("/payload/currency", "required"),
    ):
        field = page.locator(f"[data-pointer='{pointer}']")
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(page.locator(f"#field{pointer.replace('/', '-')}-error")).to_contain_text(rule)
    expect(page.locator("[aria-invalid=true]")).to_have_count(3)
    expect(page.locator("[aria-invalid=true]").first).to_be_focused()
    assert environment.wix.live_events(site) == []


def test_a_date_is_moved_and_then_the_event_is_called_off(environment: Environment, page: Page, site: str) -> None:
    go_to(page, "Try it")
    choose(page, "session_starting")
    fill(page, "/entityId", "bk-7")
    page.get_by_role("button", name="Report").click()
    expect(page.get_by_role("link", name="Follow it")).to_be_visible()
    key = environment.entity(site, "session_starting", "bk-7")
    environment.settled(key, "reported")
    page.get_by_role("radio", name="Reschedule").check()
    expect(page.locator("[data-pointer='/entityId']")).to_have_value("bk-7")
    page.get_by_role("button", name="Reschedule").click()

    expect(page.get_by_label("What came of it")).to_contain_text("accepted")
    row = environment.settled(key, "reported")
    assert isinstance(row, ScheduledEntity)
    assert change_count(row.generation) == 2
    page.get_by_role("radio", name="Cancel").check()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_label("What came of it")).to_contain_text("accepted")
    environment.settled(key, "cancelled")
    assert environment.wix.live_events(site) == []
