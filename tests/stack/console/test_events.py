"""One event's way, both sides beside each other."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.sandbox.business import BILLING, a_page_visit, an_invoice, in_days
from tests.sandbox.console import Console, Note
from tests.sandbox.console.entries import note_short
from tests.sandbox.environment import Environment
from tests.stack.console.drivers import acknowledged_call, go_to, remind
from trigger_provider.domain.ledger.ids import event_id


def test_an_event_of_the_bus_is_told_from_intake_to_wix(environment: Environment, page: Page, site: str) -> None:
    remind(environment, site)
    go_to(page, "Events")
    expect(page.get_by_text("Nothing reported yet")).to_be_visible()
    environment.put_event(BILLING, "Invoice Issued", an_invoice(site, "INV-8841", 1, in_days(30)))
    row = environment.settled(environment.entity(site, "invoice_due", "INV-8841"), "reported")
    first, acknowledged = environment.wix.journal.calls("report", site)[0], acknowledged_call(environment, row)
    started = len(environment.owner(site).activations())
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


def test_a_line_of_a_log_that_comes_late_is_told_and_changes_no_state(
    environment: Environment, console: Console, page: Page, site: str
) -> None:
    environment.invoke(a_page_visit(site, "visit-1"))
    event = event_id(environment.settled(environment.occurrence(site, "page_visited", None, "visit-1"), "reported"))
    go_to(page, "Events")
    ladder = page.get_by_label(f"Event {event}").get_by_label("What happened, in order")
    expect(ladder).to_contain_text("by a direct call")
    expect(ladder).to_contain_text("acknowledged")

    comes_late(console, event, "intake-sqs", outcome="duplicate")
    expect(ladder).to_contain_text("from the queue")
    comes_late(console, event, "deliver", state="retrying")
    comes_late(console, event, "intake-eventbridge", outcome="duplicate")
    expect(ladder).to_contain_text("from the bus")
    expect(page.get_by_label("Events of Site").get_by_role("listitem")).to_contain_text("reported")


def comes_late(console: Console, event: str, function: str, **said: str) -> None:
    """Add a line about an event to the page's feed that is older than all the others."""
    document = note_short(Note(1.0, function, {"log_event": "LATE", "event_id": event, **said}))
    console.feed.add("note", document, events=[event], seen=1.0)


def test_the_list_finds_an_event_by_its_trigger_or_id(environment: Environment, page: Page, site: str) -> None:
    for number in (1, 2):
        environment.put_event(BILLING, "Invoice Issued", an_invoice(site, f"INV-{number}", 1, in_days(30)))
    row = environment.settled(environment.entity(site, "invoice_due", "INV-2"), "reported")
    go_to(page, "Events")
    locator = page.get_by_label("Events of Site").get_by_role("listitem")
    expect(locator).to_have_count(2)
    page.get_by_role("searchbox").fill(event_id(row))

    expect(locator).to_have_count(1)
    locator.get_by_role("link").click()
    expect(page.get_by_label(f"Event {event_id(row)}")).to_contain_text("INV-2")
    page.get_by_role("searchbox").fill("no such event")
    expect(page.get_by_text("Nothing matches.")).to_be_visible()


def test_markup_in_a_payload_stays_text(environment: Environment, page: Page, site: str) -> None:
    hostile = "<img src=x onerror=\"document.title='taken'\">"
    detail = an_invoice(site, "INV-1", 1, in_days(30))
    environment.put_event(BILLING, "Invoice Issued", {**detail, "invoice": {**detail["invoice"], "number": hostile}})
    environment.settled(environment.entity(site, "invoice_due", "INV-1"), "reported")
    go_to(page, "Events")

    expect(page.locator(".detail .json")).to_contain_text("onerror")
    expect(page.locator(".detail img")).to_have_count(0)
    assert "taken" not in page.title()
