"""The page as a whole: keyboard-friendly, readable on every screen in both themes, and by the rules of WCAG.

How quick it is depends on the machine: such figures are written beside the pictures, and no test asks for them.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.sandbox.automations import all_four
from tests.sandbox.business import BILLING, BOOKINGS, a_booking, a_form, a_page_visit, an_invoice, in_days
from tests.sandbox.console import Console
from tests.sandbox.environment import Environment
from tests.sandbox.third_party import ThirdParty
from tests.sandbox.wix import AppDriver
from tests.stack.console.conftest import PICTURES
from tests.stack.console.drivers import go_to, marks, wait_for_layout
from trigger_provider.domain.ledger.ids import event_id

VIEWS: Final = ("Timeline", "Events", "Try it", "Automations", "Faults")
WIDTHS: Final = (360, 1024, 1920)
EVENTS: Final = 10_000
A_CALL: Final = 100
PAINTS: Final = "performance.getEntriesByType('paint').map((each) => [each.name, each.startTime])"
PAINTED: Final = "() => performance.getEntriesByName('first-contentful-paint').length"
FRAMES: Final = Path(__file__).with_name("frames.js").read_text("utf-8")

WELCOME: Final = {
    "kind": "email",
    "to": '{{var("contact.email")}}',
    "subject": '{{var("session_title")}} begins',
    "body": 'Dear {{var("contact.name.first")}}, we are looking forward to you.',
}


@pytest.fixture
def furnished(environment: Environment, page: Page, site: str) -> Iterator[Page]:
    """Return the page of a site on which something of everything has happened."""
    owner = environment.owner(site)
    for each in owner.automations():
        owner.delete(each["id"])
    with ThirdParty() as service:
        for written in all_four(service.url):
            owner.add(**written)
        owner.add(name="Welcome to the session", triggerKey="session_starting", actions=[WELCOME])
        for number, days in (("INV-2041", 24), ("INV-2042", 12), ("INV-2043", 30)):
            environment.put_event(BILLING, "Invoice Issued", an_invoice(site, number, 1, in_days(days)))
        environment.put_event(BOOKINGS, "Session Booked", a_booking(site, "bk-1", in_days(3)))
        environment.invoke(a_page_visit(site, "visit-1"), a_form(site, 1))
        expect(marks(page, "Activation of Invoice is due, due")).to_have_count(3)
        environment.put_event(BILLING, "Invoice Updated", an_invoice(site, "INV-2041", 2, in_days(36)))
        environment.put_event(BILLING, "Invoice Paid", an_invoice(site, "INV-2043", 2, in_days(30)))
        expect(marks(page, "Activation of Invoice is due, cancelled")).to_have_count(2)
        expect(marks(page, "Activation of Session is about to start, due")).to_have_count(1)
        for action in ("Email of Session is about to start", "Email of Invoice is due"):
            page.get_by_role("button", name="To next action").click()
            expect(marks(page, action)).to_have_count(1)
        yield page


def test_it_is_readable_on_every_screen_in_both_themes_by_the_rules_of_wcag(
    environment: Environment, furnished: Page, site: str
) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    row = environment.settled(environment.entity(site, "invoice_due", "INV-2042"), "reported")
    for view in VIEWS:
        go_to(furnished, view)
        if view == "Events":
            furnished.locator(f"a[href='#event/{event_id(row)}']").click()
            expect(furnished.get_by_label(f"Event {event_id(row)}")).to_contain_text("carried out")
        expect(furnished.locator(".loading, [aria-busy=true]")).to_have_count(0)
        for scheme in ("light", "dark"):
            furnished.emulate_media(color_scheme=scheme)
            for width in WIDTHS:
                furnished.set_viewport_size({"width": width, "height": 900})
                wait_for_layout(furnished, width)
                name = f"view-{view.lower().replace(' ', '-')}-{width}-{scheme}.png"
                furnished.screenshot(path=PICTURES / name)
                beyond = furnished.evaluate("document.documentElement.scrollWidth - innerWidth")
                assert beyond <= 0, f"{view} is wider than {width} pixels"
            assert broken(furnished) == [], f"{view}, {scheme}"


def broken(page: Page) -> list[tuple[str, str]]:
    """Return each broken rule of WCAG 2.2 AA, and where."""
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    item: Any = Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}}).response
    return [(violation["id"], str(node["target"])) for violation in item["violations"] for node in violation["nodes"]]


def test_it_is_used_without_a_mouse(page: Page) -> None:
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the view")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Timeline")).to_be_focused()
    expect(page.get_by_role("link", name="Timeline")).to_have_css("outline-style", "solid")
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_role("main", name="Try it")).to_be_focused()
    expect(page.get_by_role("link", name="Try it")).to_have_attribute("aria-current", "page")


def test_the_theme_that_was_chosen_stays(page: Page) -> None:
    page.emulate_media(color_scheme="light")
    page.get_by_role("button", name="Use the dark theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_role("button", name="Use the light theme")).to_be_visible()


def test_nothing_is_loaded_from_elsewhere(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with page.expect_request("**/api/stream"):
        page.reload()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_function(PAINTED)
    paints = dict(page.evaluate(PAINTS))

    home = page.url.split("#")[0]
    assert f"{home}page/main.js" in asked
    assert [url for url in asked if not url.startswith(home)] == []
    written("first-paint.json", {"milliseconds": paints, "requests": len(asked)})


def test_a_stream_that_was_cut_goes_on_where_it_was(
    environment: Environment, console: Console, page: Page, site: str
) -> None:
    environment.invoke(a_page_visit(site, "visit-1"))
    expect(marks(page, "Page is visited, reported")).to_have_count(1)
    with page.expect_request("**/api/stream") as again:
        console.cut()
    environment.invoke(a_page_visit(site, "visit-2"))

    assert re.fullmatch(r"[0-9a-f]{8}-\d+", again.value.all_headers()["last-event-id"])

    expect(marks(page, "Page is visited, reported")).to_have_count(2)


def test_ten_thousand_events_stay_usable(environment: Environment, page: Page, site: str) -> None:
    driver = AppDriver(environment.wix.url, environment.app, site)
    driver.fetch_token()
    for call in range(EVENTS // A_CALL):
        driver.bulk_report(
            "page_visited", *(a_visit(call * A_CALL + each) for each in range(A_CALL))
        ).raise_for_status()
    page.reload()
    began = time.monotonic()
    expect(page.get_by_text(f"{EVENTS:,} events,")).to_be_visible()
    loaded = time.monotonic() - began
    frames = sorted(page.evaluate(FRAMES))
    nodes = page.locator(".chart *").count()

    figures = {
        "events": EVENTS,
        "seconds until all are shown": round(loaded, 2),
        "milliseconds of a frame while it is dragged and zoomed": {
            "median": round(frames[len(frames) // 2], 1),
            "95 of 100": round(frames[len(frames) * 95 // 100], 1),
        },
        "elements drawn": nodes,
    }
    written("ten-thousand-events.json", figures)
    assert nodes < EVENTS / 2  # only what can be told apart is drawn
    go_to(page, "Events")
    expect(page.get_by_label("Events of Site").get_by_role("listitem")).to_have_count(200)


def a_visit(number: int) -> dict[str, object]:
    payload = {"contact_id": "6f2b9f6e-3d54-4c1c-9f0a-2b7c1d0e5a44", "page_url": "https://www.example.com/courses"}
    return {"externalEntityId": f"{number:08x}-0000-5000-8000-{2**44:012x}", "payload": payload}


def written(name: str, figures: object) -> None:
    """Keep figures beside the pictures, and print them."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    Path(PICTURES / name).write_text(json.dumps(figures, indent=2), "utf-8")
    print(json.dumps(figures))  # noqa: T201 - shown by pytest -rP
