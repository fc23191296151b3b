"""What a person does with the page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from playwright.sync_api import Locator, Page, expect

from tests.sandbox.environment import Environment
from tests.sandbox.wix import Call
from trigger_provider.domain.ledger.rows import Row

EMAIL: Mapping[str, object] = {
    "kind": "email",
    "to": "ada@example.com",
    "subject": 'Invoice {{var("invoice_number")}} is due soon',
    "body": 'Please pay {{var("total")}} {{var("currency")}}.',
}
FITS: Final = """(width) => {
  const box = document.querySelector(".chart-box"), chart = box?.querySelector("svg.chart");
  return innerWidth === (width ?? innerWidth) && (!chart || chart.width.baseVal.value === box.clientWidth);
}"""


def go_to(page: Page, view: str) -> None:
    """Go to a view by its link."""
    page.get_by_role("navigation", name="Views").get_by_role("link", name=view).click()
    expect(page.get_by_role("heading", level=1, name=view)).to_be_visible()


def remind(environment: Environment, site: str, name: str = "Remind of the invoice") -> None:
    """Let the owner have an email sent a week before an invoice is due, and nothing else for that trigger."""
    owner = environment.owner(site)
    for each in owner.automations():
        owner.delete(each["id"])
    owner.add(name=name, triggerKey="invoice_due", scheduledEventOffset={"amount": 1, "unit": "WEEKS"}, actions=[EMAIL])


def acknowledged_call(environment: Environment, row: Row) -> Call:
    """Return the call to Wix whose answer the ledger took as the acknowledgement of a row's report."""
    request_id = next(line.wix_request_id for line in reversed(row.timeline) if line.reason == "acknowledged")
    (call,) = [call for call in environment.wix.journal.calls(site=row.site) if call.request_id == request_id]
    return call


def marks(page: Page, words: str) -> Locator:
    """Return the marks of the timeline whose names begin so."""
    return page.locator(".chart").get_by_role("button", name=re.compile(f"^{re.escape(words)}"))


def fill(page: Page, pointer: str, text: str) -> None:
    """Type into the field of a JSON pointer."""
    page.locator(f"[data-pointer='{pointer}']").fill(text)


def wait_for_layout(page: Page, width: int | None = None) -> None:
    """Wait until the window has a width, if one is given, and the chart is drawn for it.

    The chart learns of its width when it is on the page, and is drawn anew for it: until then its marks will move.
    """
    page.wait_for_function(FITS, arg=width)
