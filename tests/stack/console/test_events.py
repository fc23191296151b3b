"""One event's way, both sides beside each other."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.sandbox.business import BILLING, an_invoice, in_days
from tests.sandbox.stage import Stage
from tests.stack.console.hands import acknowledged_call, go_to, remind
from trigger_provider.ids import event_id


def test_an_event_of_the_bus_is_told_from_intake_to_wix(stage: Stage, page: Page, site: str) -> None:
    remind(stage, site)
    go_to(page, "Events")
    expect(page.get_by_text("Nothing reported yet")).to_be_visible()
    stage.put_event(BILLING, "Invoice Issued", an_invoice(site, "INV-8841", 1, in_days(30)))
    row = stage.settled(stage.entity(site, "invoice_due", "INV-8841"), "reported")
    first, acknowledged = stage.wix.journal.calls("report", site)[0], acknowledged_call(stage, row)
    started = len(stage.owner(site).activations())
    event = page.get_by_label(f"Event {event_id(row)}")

    ladder = event.get_by_label("What happened, in order")
    ours, wix = ladder.locator("li.ours"), ladder.locator("li.wix")
    expect(ours.filter(has_text="from the bus").filter(has_text="accepted").first).to_be_visible()
    expect(ours.filter(has_text="acknowledged").last).to_contain_text(acknowledged.request_id)
    expect(wix.filter(has_text=acknowledged.request_id)).to_contain_text("200")
    expect(wix.filter(has_text=first.request_id)).to_contain_text("reported")
    expect(wix.filter(has_text="scheduled")).to_contain_text("planned for")
    expect(event.locator(".way")).to_contain_text("generation 1 of 1: the newest")
    expect(event.locator(".way")).to_contain_text(f"{started} activation")
    expect(event.locator(".json")).to_contain_text("INV-8841")


def test_the_list_finds_an_event_by_its_trigger_or_id(stage: Stage, page: Page, site: str) -> None:
    for number in (1, 2):
        stage.put_event(BILLING, "Invoice Issued", an_invoice(site, f"INV-{number}", 1, in_days(30)))
    row = stage.settled(stage.entity(site, "invoice_due", "INV-2"), "reported")
    go_to(page, "Events")
    found = page.get_by_label("Events of Site").get_by_role("listitem")
    expect(found).to_have_count(2)
    page.get_by_role("searchbox").fill(event_id(row))

    expect(found).to_have_count(1)
    found.get_by_role("link").click()
    expect(page.get_by_label(f"Event {event_id(row)}")).to_contain_text("INV-2")
    page.get_by_role("searchbox").fill("no such event")
    expect(page.get_by_text("Nothing matches.")).to_be_visible()


def test_markup_in_a_payload_stays_text(stage: Stage, page: Page, site: str) -> None:
    hostile = "<img src=x onerror=\"document.title='taken'\">"
    detail = an_invoice(site, "INV-1", 1, in_days(30))
    stage.put_event(BILLING, "Invoice Issued", {**detail, "invoice": {**detail["invoice"], "number": hostile}})
    stage.settled(stage.entity(site, "invoice_due", "INV-1"), "reported")
    go_to(page, "Events")

    expect(page.locator(".detail .json")).to_contain_text("onerror")
    expect(page.locator(".detail img")).to_have_count(0)
    assert "taken" not in page.title()
