"""The timeline: what was reported, what is to come, what was struck, and a clock to turn."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.sandbox.business import BILLING, an_invoice, in_days
from tests.sandbox.environment import Environment
from tests.stack.console.drivers import marks, remind, wait_for_layout


def test_an_event_appears_without_a_reload_with_what_it_will_start(
    environment: Environment, page: Page, site: str
) -> None:
    expect(page.get_by_text("Nothing reported on this site yet")).to_be_visible()
    remind(environment, site)
    environment.put_event(BILLING, "Invoice Issued", an_invoice(site, "INV-1", 1, in_days(30)))

    expect(marks(page, "Invoice is due, reported")).to_have_count(1)
    expect(marks(page, "Activation of Invoice is due, due")).to_have_count(1)
    expect(page.locator(".thread.coming")).not_to_have_count(0)


def test_what_a_new_date_replaced_is_struck(environment: Environment, page: Page, site: str) -> None:
    remind(environment, site)
    environment.put_event(BILLING, "Invoice Issued", an_invoice(site, "INV-1", 1, in_days(30)))
    environment.settled(environment.entity(site, "invoice_due", "INV-1"), "reported")
    environment.put_event(BILLING, "Invoice Updated", an_invoice(site, "INV-1", 2, in_days(60)))

    struck = marks(page, "Activation of Invoice is due, cancelled, event cancelled")
    expect(struck).to_have_count(1)
    expect(struck.locator(".strike")).to_have_count(1)
    expect(marks(page, "Activation of Invoice is due, due")).to_have_count(1)
    expect(page.locator(".label.struck")).to_have_css("text-decoration-line", "line-through")


def test_pointing_at_a_mark_shows_payload_and_reason_and_so_do_the_arrow_keys(
    environment: Environment, page: Page, site: str
) -> None:
    remind(environment, site)
    detail = an_invoice(site, "INV-77", 1, in_days(30))
    environment.put_event(BILLING, "Invoice Issued", detail)
    to_come = marks(page, "Activation of Invoice is due, due")
    expect(to_come).to_have_count(1)
    wait_for_layout(page)
    to_come.hover()

    seen = page.get_by_label("What is looked at")
    expect(seen).to_contain_text("INV-77")
    expect(seen).to_contain_text("scheduled")
    environment.settled(environment.entity(site, "invoice_due", "INV-77"), "reported")
    environment.put_event(BILLING, "Invoice Paid", {**detail, "invoice": {**detail["invoice"], "revision": 2}})
    expect(marks(page, "Invoice is due, cancelled")).to_have_count(1)
    page.mouse.move(5, 5)
    page.get_by_label("Timeline of").focus()
    page.keyboard.press("ArrowRight")
    expect(seen).to_contain_text("Event reported")
    page.keyboard.press("ArrowRight")
    expect(seen).to_contain_text("event cancelled")
    expect(seen).to_contain_text("INV-77")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Events")).to_be_visible()


def test_the_clock_goes_to_the_next_action_and_the_action_is_there(
    environment: Environment, page: Page, site: str
) -> None:
    remind(environment, site)
    environment.put_event(BILLING, "Invoice Issued", an_invoice(site, "INV-1", 1, in_days(30)))
    page.get_by_role("button", name="To next action").click()

    expect(marks(page, "Email of Invoice is due, carried out")).to_have_count(1)
    expect(page.get_by_label("Clock of Site").first).to_contain_text("3 weeks 1 day ahead")
    page.get_by_role("button", name="+1 h").click()
    expect(page.get_by_label("Clock of Site").first).to_contain_text("3 weeks 2 days ahead")


def test_the_clocks_line_is_dragged_over_what_is_to_come(environment: Environment, page: Page, site: str) -> None:
    remind(environment, site)
    environment.put_event(BILLING, "Invoice Issued", an_invoice(site, "INV-1", 1, in_days(30)))
    to_come = marks(page, "Activation of Invoice is due, due")
    expect(to_come).to_have_count(1)
    wait_for_layout(page)
    page.get_by_role("slider").locator(".handle").hover()
    page.mouse.down()
    target = to_come.bounding_box()
    assert target is not None
    page.mouse.move(target["x"] + 40, target["y"], steps=8)
    expect(page.get_by_text("1 due")).to_be_visible()
    page.mouse.up()

    expect(marks(page, "Email of Invoice is due, carried out")).to_have_count(1)


def test_the_clocks_line_is_moved_by_keys_and_turned_by_enter(environment: Environment, page: Page, site: str) -> None:
    remind(environment, site)
    environment.put_event(BILLING, "Invoice Issued", an_invoice(site, "INV-1", 1, in_days(9)))
    expect(marks(page, "Activation of Invoice is due, due")).to_have_count(1)
    slider = page.get_by_role("slider")
    slider.focus()
    for _ in range(3):
        page.keyboard.press("PageUp")

    expect(slider).to_have_attribute("aria-valuetext", re.compile("1 due, Enter turns the clock"))
    page.keyboard.press("Enter")
    expect(marks(page, "Email of Invoice is due, carried out")).to_have_count(1)
    expect(page.get_by_label("Clock of Site").first).to_contain_text("2 days 23 hours ahead")
