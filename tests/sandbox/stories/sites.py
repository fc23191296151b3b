"""Sites come and go: Wix tells of it by webhooks, and what comes meanwhile is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from tests.sandbox.business import BILLING, a_page_visit, an_invoice, in_days
from tests.sandbox.stage import Stage, TooLateError
from tests.sandbox.tale import Tale, story
from tests.sandbox.wix import REPORTS, Mishap, Trouble
from tests.sandbox.wix.postman import MINUTE, Webhook
from trigger_provider.domain.ledger.ids import event_id, occurrence_id
from trigger_provider.domain.ledger.rows import Row, RowKey, ScheduledEntity, State
from trigger_provider.domain.sites.site import SiteRow, SiteState

INVOICE: Final = "INV-1"
LEADS: Final = (8, 60, 300)
"""How many seconds ahead of now an invoice is due that is to be parked before its date."""


@story("A site removes the app and installs it again: what came meanwhile is kept, and then goes out")
def removed_and_installed_again(stage: Stage, tale: Tale) -> None:
    site = stage.new_site()
    invoice, visit = stage.entity(site, "invoice_due", INVOICE), stage.occurrence(site, "page_visited", None, "visit-1")
    issue(stage, tale, site, 1, in_days(30))
    tale.ledger(stage.settled(invoice, "reported"))
    stage.wix.remove_app(stage.app.app_id, site)
    thanked(stage, tale, site)
    removed = became(stage, tale, site, SiteState.SUSPENDED)
    calls = len(stage.wix.journal.calls(site=site))
    issue(stage, tale, site, 2, in_days(20))
    issue(stage, tale, site, 3, in_days(10))
    stage.invoke(a_page_visit(site, "visit-1"))
    tale.came_in("invoke: report page_visited")
    tale.ledger(parked(stage, invoice, version=3))
    tale.ledger(parked(stage, visit))
    tale.expect(len(stage.wix.journal.calls(site=site)) == calls, "Wix is not called for the site")
    stage.wix.install_app(stage.app.app_id, site)
    thanked(stage, tale, site)
    rows = [stage.settled(key, "reported") for key in (invoice, visit)]
    for row in rows:
        tale.ledger(row)
    back = became(stage, tale, site, SiteState.RESUMING, SiteState.ACTIVE)
    tale.expect((removed.installed_at or 0) <= (back.installed_at or 0), "the newest word of Wix stands")
    live = {event.external_entity_id for event in stage.wix.live_events(site)}
    tale.wix(f"holds {', '.join(map(str, live))}")
    tale.expect(live == {event_id(row) for row in rows}, "exactly what was kept is live")
    tale.expect(isinstance(rows[0], ScheduledEntity) and rows[0].version == 3, "of the invoice the newest revision")


@story(
    "A site refuses us in the middle of it: its events are parked, and only what still matters goes out when it is back"
)
def refused_in_the_middle(stage: Stage, tale: Tale) -> None:
    site, neighbour = stage.new_site(), stage.new_site()
    first, later = (stage.occurrence(site, "page_visited", None, visit) for visit in ("visit-1", "visit-2"))
    with stage.wix.faults.during(Trouble.status(403, site=site), *REPORTS):
        stage.invoke(a_page_visit(site, "visit-1"))
        tale.came_in("invoke: report page_visited, which Wix answers with a 403")
        row = parked(stage, first)
        tale.ledger(row)
        tale.expect(row.reason == "report: forbidden", "the ledger says why")
        soon, date = parked_before_its_date(stage, tale, site)
        stage.invoke(a_page_visit(site, "visit-2"), a_page_visit(neighbour, "visit-1"))
        tale.came_in("invoke: report page_visited, for the site and for its neighbour")
        tale.ledger(parked(stage, later))
        tale.ledger(stage.settled(stage.occurrence(neighbour, "page_visited", None, "visit-1"), "reported"))
        called = {entry.external_entity_id for entry in stage.wix.journal.entries(site=site)}
        tale.expect(called == {occurrence_id(first)}, "Wix is called for none of them, but for the neighbour's")
        stage.until("the date has passed", lambda: datetime.now(UTC) > date)
    stage.wix.install_app(stage.app.app_id, site)
    thanked(stage, tale, site)
    for key, state in ((first, "reported"), (later, "reported"), (soon, "expired")):
        tale.ledger(stage.settled(key, state))
    live = {event.external_entity_id for event in stage.wix.live_events(site)}
    tale.expect(
        live == {occurrence_id(first), occurrence_id(later)}, "what was kept is live once, what has passed is not"
    )


@story("Wix's webhooks come twice, late and in disorder, and an answer is lost: the newest word stands")
def webhooks_in_disorder(stage: Stage, tale: Tale) -> None:
    site, postman = stage.new_site(), stage.wix.postman
    postman.script(Mishap(late_seconds=2 * MINUTE, site=site))
    stage.wix.remove_app(stage.app.app_id, site)
    postman.script(Mishap(copies=2, answers_lost=1, site=site))
    stage.wix.install_app(stage.app.app_id, site)
    removal, *installs = thanked(stage, tale, site)
    tale.expect(removal.tries[0].at > installs[0].tries[0].at, "the removal came after the install that followed it")
    tale.expect(
        [len(install.tries) >= 2 for install in installs] == [True, True], "each copy of the install came again"
    )
    became(stage, tale, site, SiteState.ACTIVE)
    stage.invoke(a_page_visit(site, "visit-1"))
    tale.came_in("invoke: report page_visited")
    tale.ledger(stage.settled(stage.occurrence(site, "page_visited", None, "visit-1"), "reported"))


def parked_before_its_date(stage: Stage, tale: Tale, site: str) -> tuple[RowKey, datetime]:
    """Issue an invoice that is due soon, and return its row's key and its date once the row is parked.

    On a slow machine a date may pass before the row is parked. Then another invoice gets a later one.
    """
    for seconds in LEADS:
        number, date = f"INV-{seconds}", datetime.now(UTC) + timedelta(seconds=seconds)
        issue(stage, tale, site, 1, date.isoformat(), number)
        row = stage.until("it is parked", partial(ended, stage, stage.entity(site, "invoice_due", number)))
        tale.ledger(row)
        if row.state is State.PARKED:
            return row.key, date
    raise TooLateError(f"not parked within {seconds} s")


def ended(stage: Stage, key: RowKey) -> Row | None:
    row = stage.row(key)
    return row if row is not None and row.state in {State.PARKED, State.EXPIRED} else None


def issue(stage: Stage, tale: Tale, site: str, revision: int, due_date: str, number: str = INVOICE) -> None:
    stage.put_event(BILLING, "Invoice Issued", an_invoice(site, number, revision, due_date))
    tale.came_in(f"bus: {number} issued, revision {revision}, due {due_date}")


def thanked(stage: Stage, tale: Tale, site: str) -> Sequence[Webhook]:
    """Wait until Wix has been thanked for every webhook about a site, and tell of its last."""
    webhooks = stage.thanked(site)
    for webhook in webhooks:
        tries = (f"{each.status} in {each.seconds * 1000:.0f} ms" for each in webhook.tries)
        tale.wix(f"{webhook.kind}: {', '.join(tries)}")
    tale.expect(all(webhook.heard for webhook in webhooks), "Wix has had a 200 for each")
    return webhooks


def became(stage: Stage, tale: Tale, site: str, *states: SiteState) -> SiteRow:
    row = stage.site(site)
    tale.expect(row.state in states, f"the ledger has the site as {row.state}: {row.reason or 'nothing is amiss'}")
    return row


def parked(stage: Stage, key: RowKey, version: int | None = None) -> Row:
    """Wait until a row of a version is kept for its site."""

    def look() -> Row | None:
        row = stage.row(key)
        return row if row is not None and (row.state, row.version) == ("parked", version) else None

    return stage.until("the event is parked", look)
