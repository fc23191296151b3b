"""What a person does with the page."""

from __future__ import annotations

import re
from collections.abc import Mapping

from playwright.sync_api import Locator, Page, expect

from tests.sandbox.stage import Stage

EMAIL: Mapping[str, object] = {
    "kind": "email",
    "to": "ada@example.com",
    "subject": 'Invoice {{var("invoice_number")}} is due soon',
    "body": 'Please pay {{var("total")}} {{var("currency")}}.',
}


def go_to(page: Page, view: str) -> None:
    """Go to a view by its link."""
    page.get_by_role("navigation", name="Views").get_by_role("link", name=view).click()
    expect(page.get_by_role("heading", level=1, name=view)).to_be_visible()


def remind(stage: Stage, site: str, name: str = "Remind of the invoice") -> None:
    """Let the owner have an email sent a week before an invoice is due, and nothing else for that trigger."""
    owner = stage.owner(site)
    for each in owner.automations():
        owner.delete(each["id"])
    owner.add(name=name, triggerKey="invoice_due", scheduledEventOffset={"amount": 1, "unit": "WEEKS"}, actions=[EMAIL])


def marks(page: Page, words: str) -> Locator:
    """Give the marks of the timeline whose names begin so."""
    return page.locator(".chart").get_by_role("button", name=re.compile(f"^{re.escape(words)}"))


def fill(page: Page, pointer: str, text: str) -> None:
    """Type into the field of a JSON pointer."""
    page.locator(f"[data-pointer='{pointer}']").fill(text)
