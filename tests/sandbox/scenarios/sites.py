"""Sites come and go: Wix tells of it by webhooks, and what comes meanwhile is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from tests.sandbox.business import BILLING, a_page_visit, an_invoice, in_days
from tests.sandbox.environment import Environment, TooLateError
from tests.sandbox.narrator import Narrator, scenario
from tests.sandbox.wix import REPORTS, Mishap, Trouble
from tests.sandbox.wix.postman import MINUTE, Webhook
from trigger_provider.domain.ledger.ids import event_id, occurrence_id
from trigger_provider.domain.ledger.rows import Row, RowKey, ScheduledEntity, State
from trigger_provider.domain.sites.site import SiteRow, SiteState

INVOICE: Final = "INV-1"
LEADS: Final = (8, 60, 300)
"""How many seconds ahead of now an invoice is due that is to be parked before its date."""


@scenario("A site removes the app and installs it again: what came meanwhile is kept, and then goes out")
def removed_and_installed_again(environment: Environment, narrator: Narrator) -> None:
    site = environment.new_site()
    invoice, visit = (
        environment.entity(site, "invoice_due", INVOICE),
        environment.occurrence(site, "page_visited", None, "visit-1"),
    )
    issue(environment, narrator, site, 1, in_days(30))
    narrator.ledger(environment.settled(invoice, "reported"))
    environment.wix.remove_app(environment.app.app_id, site)
    thanked(environment, narrator, site)
    removed = became(environment, narrator, site, SiteState.SUSPENDED)
    calls = len(environment.wix.journal.calls(site=site))
    issue(environment, narrator, site, 2, in_days(20))
    issue(environment, narrator, site, 3, in_days(10))
    environment.invoke(a_page_visit(site, "visit-1"))
    narrator.came_in("invoke: report page_visited")
    narrator.ledger(parked(environment, invoice, version=3))
    narrator.ledger(parked(environment, visit))
    narrator.expect(len(environment.wix.journal.calls(site=site)) == calls, "Wix is not called for the site")
    environment.wix.install_app(environment.app.app_id, site)
    thanked(environment, narrator, site)
    rows = [environment.settled(key, "reported") for key in (invoice, visit)]
    for row in rows:
        narrator.ledger(row)
    back = became(environment, narrator, site, SiteState.RESUMING, SiteState.ACTIVE)
    narrator.expect((removed.installed_at or 0) <= (back.installed_at or 0), "the newest word of Wix stands")
    live = {event.external_entity_id for event in environment.wix.live_events(site)}
    narrator.wix(f"holds {', '.join(map(str, live))}")
    narrator.expect(live == {event_id(row) for row in rows}, "exactly what was kept is live")
    narrator.expect(isinstance(rows[0], ScheduledEntity) and rows[0].version == 3, "of the invoice the newest revision")


@scenario("A site removes the app, and Wix ends what it held: once the app is back, what is due later is reported anew")
def reported_anew(environment: Environment, narrator: Narrator) -> None:
    site = environment.new_site()
    invoice = environment.entity(site, "invoice_due", INVOICE)
    issue(environment, narrator, site, 1, in_days(30))
    before = environment.settled(invoice, "reported")
    narrator.ledger(before)
    environment.wix.remove_app(environment.app.app_id, site)
    thanked(environment, narrator, site)
    became(environment, narrator, site, SiteState.SUSPENDED)
    narrator.expect(not environment.wix.live_events(site), "Wix has ended the event")
    environment.wix.install_app(environment.app.app_id, site)
    thanked(environment, narrator, site)
    became(environment, narrator, site, SiteState.RESUMING, SiteState.ACTIVE)
    environment.walk_anew()
    narrator.came_in("a day later: the slow walk")
    row = environment.until("it is reported anew", partial(reported_since, environment, invoice, before))
    narrator.ledger(row)
    live = {event.external_entity_id for event in environment.wix.live_events(site)}
    narrator.expect(live == {event_id(row)} != {event_id(before)}, "it is live again, under a new event id")


@scenario(
    "A site refuses us in the middle of it: its events are parked, and only what still matters goes out when it is back"
)
def refused_in_the_middle(environment: Environment, narrator: Narrator) -> None:
    site, neighbour = environment.new_site(), environment.new_site()
    first, later = (environment.occurrence(site, "page_visited", None, visit) for visit in ("visit-1", "visit-2"))
    with environment.wix.faults.during(Trouble.status(403, site=site), *REPORTS):
        environment.invoke(a_page_visit(site, "visit-1"))
        narrator.came_in("invoke: report page_visited, which Wix answers with a 403")
        row = parked(environment, first)
        narrator.ledger(row)
        narrator.expect(row.reason == "report: forbidden", "the ledger says why")
        soon, date = parked_before_its_date(environment, narrator, site)
        environment.invoke(a_page_visit(site, "visit-2"), a_page_visit(neighbour, "visit-1"))
        narrator.came_in("invoke: report page_visited, for the site and for its neighbour")
        narrator.ledger(parked(environment, later))
        narrator.ledger(
            environment.settled(environment.occurrence(neighbour, "page_visited", None, "visit-1"), "reported")
        )
        called = {entry.external_entity_id for entry in environment.wix.journal.entries(site=site)}
        narrator.expect(called == {occurrence_id(first)}, "Wix is called for none of them, but for the neighbour's")
        environment.until("the date has passed", lambda: datetime.now(UTC) > date)
    environment.wix.install_app(environment.app.app_id, site)
    thanked(environment, narrator, site)
    for key, state in ((first, "reported"), (later, "reported"), (soon, "expired")):
        narrator.ledger(environment.settled(key, state))
    live = {event.external_entity_id for event in environment.wix.live_events(site)}
    narrator.expect(
        live == {occurrence_id(first), occurrence_id(later)}, "what was kept is live once, what has passed is not"
    )


@scenario("Wix's webhooks come twice, late and in disorder, and an answer is lost: the newest word stands")
def webhooks_in_disorder(environment: Environment, narrator: Narrator) -> None:
    site, postman = environment.new_site(), environment.wix.postman
    postman.script(Mishap(late_seconds=2 * MINUTE, site=site))
    environment.wix.remove_app(environment.app.app_id, site)
    postman.script(Mishap(copies=2, answers_lost=1, site=site))
    environment.wix.install_app(environment.app.app_id, site)
    removal, *installs = thanked(environment, narrator, site)
    narrator.expect(
        removal.tries[0].at > installs[0].tries[0].at, "the removal came after the install that followed it"
    )
    narrator.expect(
        [len(install.tries) >= 2 for install in installs] == [True, True], "each copy of the install came again"
    )
    became(environment, narrator, site, SiteState.ACTIVE)
    environment.invoke(a_page_visit(site, "visit-1"))
    narrator.came_in("invoke: report page_visited")
    narrator.ledger(environment.settled(environment.occurrence(site, "page_visited", None, "visit-1"), "reported"))


def parked_before_its_date(environment: Environment, narrator: Narrator, site: str) -> tuple[RowKey, datetime]:
    """Issue an invoice that is due soon, and return its row's key and its date once the row is parked.

    On a slow machine a date may pass before the row is parked. Then another invoice gets a later one.
    """
    for seconds in LEADS:
        number, date = f"INV-{seconds}", datetime.now(UTC) + timedelta(seconds=seconds)
        issue(environment, narrator, site, 1, date.isoformat(), number)
        row = environment.until(
            "it is parked", partial(ended, environment, environment.entity(site, "invoice_due", number))
        )
        narrator.ledger(row)
        if row.state is State.PARKED:
            return row.key, date
    raise TooLateError(f"not parked within {seconds} s")


def reported_since(environment: Environment, key: RowKey, before: Row) -> Row | None:
    row = environment.row(key)
    return row if row is not None and row.state is State.REPORTED and event_id(row) != event_id(before) else None


def ended(environment: Environment, key: RowKey) -> Row | None:
    row = environment.row(key)
    return row if row is not None and row.state in {State.PARKED, State.EXPIRED} else None


def issue(
    environment: Environment, narrator: Narrator, site: str, revision: int, due_date: str, number: str = INVOICE
) -> None:
    environment.put_event(BILLING, "Invoice Issued", an_invoice(site, number, revision, due_date))
    narrator.came_in(f"bus: {number} issued, revision {revision}, due {due_date}")


def thanked(environment: Environment, narrator: Narrator, site: str) -> Sequence[Webhook]:
    """Wait until Wix has been thanked for every webhook about a site, and tell of its last."""
    webhooks = environment.thanked(site)
    for webhook in webhooks:
        tries = (f"{each.status} in {each.seconds * 1000:.0f} ms" for each in webhook.tries)
        narrator.wix(f"{webhook.kind}: {', '.join(tries)}")
    narrator.expect(all(webhook.heard for webhook in webhooks), "Wix has had a 200 for each")
    return webhooks


def became(environment: Environment, narrator: Narrator, site: str, *states: SiteState) -> SiteRow:
    row = environment.site(site)
    narrator.expect(row.state in states, f"the ledger has the site as {row.state}: {row.reason or 'nothing is amiss'}")
    return row


def parked(environment: Environment, key: RowKey, version: int | None = None) -> Row:
    """Wait until a row of a version is kept for its site."""

    def look() -> Row | None:
        row = environment.row(key)
        return row if row is not None and (row.state, row.version) == ("parked", version) else None

    return environment.until("the event is parked", look)
