"""What owners do with triggers: Wix's own four examples, from the business event to what a person gets to see."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from tests.sandbox import automations
from tests.sandbox.business import (
    ADA,
    BILLING,
    BOOKINGS,
    COLLABORATORS,
    WEB,
    a_booking,
    a_form,
    a_visited_page,
    an_invoice,
    in_days,
)
from tests.sandbox.environment import Environment
from tests.sandbox.narrator import Narrator, scenario
from tests.sandbox.third_party import ThirdParty
from tests.sandbox.wix import Owner
from trigger_provider.domain.ledger.rows import Row

A_WEEK = timedelta(weeks=1)


@scenario(
    "A week before an invoice is due its customer gets an email: for the date that counts, and none once it is paid"
)
def email_a_week_before(environment: Environment, narrator: Narrator) -> None:
    site, soon, later = environment.new_site(), in_days(30), in_days(60)
    owner = environment.owner(site)
    automation = sets_up(owner, narrator, automations.email_a_week_before_an_invoice_is_due())
    put(environment, narrator, site, "Invoice Issued", {"INV-1": 1, "INV-2": 1, "INV-3": 1}, soon)
    put(environment, narrator, site, "Invoice Updated", {"INV-2": 2, "INV-3": 2}, later)
    put(environment, narrator, site, "Invoice Paid", {"INV-3": 3}, later, "cancelled")

    turn(owner, narrator, soon)
    (first,) = owner.actions(automation)
    narrate(narrator, first)
    narrator.expect(
        first["at"] == a_week_before(soon), "for INV-1, which did not change, it goes out a week before its date"
    )
    turn(owner, narrator, later)
    _, second = owner.actions(automation)
    narrate(narrator, second)
    narrator.expect(second["at"] == a_week_before(later), "for INV-2, whose date has moved, a week before the new one")
    narrator.expect(second["content"]["body"].endswith(f"by {later}."), "and with that date")
    answers = [each.status for each in environment.plugin.asked if each.site == site]
    narrator.wix(
        f"asked our refresh_payload {len(answers)} times before it acted, answered {', '.join(map(str, answers))}"
    )
    narrator.expect(200 in answers, "and was given the payload as the ledger knows it")
    ends = [each["reason"] for each in owner.activations(automation)]
    narrator.expect(
        ends.count("EVENT_CANCELLED") == 3, "INV-3 is paid in time: no email, neither for its dates nor INV-2's first"
    )


@scenario("A visitor navigates to a page, and gets a chat message")
def chat_message(environment: Environment, narrator: Narrator) -> None:
    site = environment.new_site()
    owner = environment.owner(site)
    automation = sets_up(owner, narrator, automations.chat_when_a_page_is_visited())
    environment.put_event(WEB, "Page Visited", a_visited_page(site))
    narrator.came_in("bus: Page Visited, Pottery course")
    (message,) = environment.until("the message is sent", lambda: owner.actions(automation))
    narrate(narrator, message)
    narrator.expect(
        message["content"]["text"] == 'Hello Ada! Any questions about "Pottery course"?',
        "it speaks of the very page, to the very visitor",
    )


@scenario("A visitor submits a form, and the site's collaborators are notified")
def collaborators_notified(environment: Environment, narrator: Narrator) -> None:
    site = environment.new_site()
    owner = environment.owner(site)
    automation = sets_up(owner, narrator, automations.notify_when_a_form_is_submitted())
    environment.send_messages([a_form(site, 1)], site)
    narrator.came_in("queue: report form_submitted, by Ada")
    (notification,) = environment.until("they are notified", lambda: owner.actions(automation))
    narrate(narrator, notification)
    narrator.expect(notification["content"]["to"] == list(COLLABORATORS), "each of them")
    narrator.expect("ada.1@example.com" in notification["content"]["text"], "and told who it was")


@scenario("A session is booked, and its data goes by webhook to a service of somebody else's")
def data_by_webhook(environment: Environment, narrator: Narrator) -> None:
    site, starts_at = environment.new_site(), in_days(7)
    owner = environment.owner(site)
    with ThirdParty() as service:
        automation = sets_up(owner, narrator, automations.webhook_when_a_session_is_booked(service.url))
        environment.put_event(BOOKINGS, "Session Booked", a_booking(site, "bk_20931", starts_at))
        narrator.came_in(f"bus: Session Booked, booking bk_20931, starts {starts_at}")
        (delivered,) = environment.until("the webhook is delivered", lambda: owner.actions(automation))
    narrate(narrator, delivered)
    wanted = {
        "booking": "bk_20931",
        "session": "Pottery for beginners",
        "start": starts_at,
        "minutes": 90,
        "customer": ADA["email"],
    }
    narrator.expect(service.received == [wanted], "it got one POST with exactly what the owner chose")
    narrator.expect(delivered["answered"] == 200, "and took it")


def sets_up(owner: Owner, narrator: Narrator, written: automations.Automation) -> str:
    """Write an automation, and give its id."""
    narrator.owner(f"sets up: {written['name']}")
    return str(owner.add(**written)["id"])


def put(
    environment: Environment,
    narrator: Narrator,
    site: str,
    detail_type: str,
    revisions: Mapping[str, int],
    due_date: str,
    end: str = "reported",
) -> None:
    """Put invoices on the bus, each at a revision, and wait until Wix has acknowledged what they ask for."""
    for number, revision in revisions.items():
        environment.put_event(BILLING, detail_type, an_invoice(site, number, revision, due_date))
        narrator.came_in(f"bus: {detail_type}, invoice {number} revision {revision}, due {due_date}")
    for number, revision in revisions.items():
        narrator.ledger(acknowledged(environment, site, number, revision, end))


def acknowledged(environment: Environment, site: str, number: str, revision: int, end: str) -> Row:
    """Wait until the ledger knows Wix's answer to a revision."""

    def look() -> Row | None:
        row = environment.row(environment.entity(site, "invoice_due", number))
        return row if row is not None and (row.version, row.state) == (revision, end) else None

    return environment.until(f"revision {revision} of {number} is {end}", look)


def turn(owner: Owner, narrator: Narrator, to: str) -> None:
    """Turn the site's clock to a date."""
    narrator.owner(f"turns the site's clock to {owner.turn(to=to)['now']}")


def narrate(narrator: Narrator, action: dict[str, Any]) -> None:
    """Add a line: an action with its whole content."""
    narrator.action(f"{action['at']}  {action['kind']}")
    for name, text in action["content"].items():
        narrator.action(f"    {name}: {text}")


def a_week_before(date: str) -> str:
    """Return the moment as the sandbox writes it."""
    moment = datetime.fromisoformat(date) - A_WEEK
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
