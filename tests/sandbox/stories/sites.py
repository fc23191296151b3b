"""Sites come and go: Wix tells of it by webhooks, and what comes meanwhile is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from tests.sandbox.business import BILLING, a_page_visit, an_invoice, in_days
from tests.sandbox.stage import Stage
from tests.sandbox.tale import Tale, story
from tests.sandbox.wix import Mishap, Trouble
from tests.sandbox.wix.postman import MINUTE, Webhook
from trigger_provider.events import EntityRow, Row, RowKey
from trigger_provider.ids import event_id, occurrence_id
from trigger_provider.sites import SiteRow, SiteState

INVOICE: Final = "INV-1"


@story("A site removes the app and installs it again: what came meanwhile is kept, and then goes out")
def removed_and_installed_again(stage: Stage, tale: Tale) -> None:
    site = stage.new_site()
    invoice, visit = stage.entity(site, "invoice_due", INVOICE), stage.occurrence(site, "page_visited", None, "visit-1")
    issue(stage, tale, site, 1, in_days(30))
    tale.ledger(stage.settled(invoice, "reported"))
    stage.wix.remove_app(stage.app.app_id, site)
    told(stage, tale, site)
    removed = became(stage, tale, site, SiteState.PARKED)
    calls = len(stage.wix.journal.calls(site=site))
    issue(stage, tale, site, 2, in_days(20))
    issue(stage, tale, site, 3, in_days(10))
    stage.invoke(a_page_visit(site, "visit-1"))
    tale.came_in("invoke: report page_visited")
    tale.ledger(parked(stage, invoice, version=3))
    tale.ledger(parked(stage, visit))
    tale.expect(len(stage.wix.journal.calls(site=site)) == calls, "Wix is not called for the site")
    stage.wix.install_app(stage.app.app_id, site)
    told(stage, tale, site)
    rows = [stage.settled(key, "reported") for key in (invoice, visit)]
    for row in rows:
        tale.ledger(row)
    back = became(stage, tale, site, SiteState.WAKING, SiteState.ACTIVE)
    tale.expect((removed.installed_at or 0) <= (back.installed_at or 0), "the newest word of Wix stands")
    live = {one.external_entity_id: one.payload for one in stage.wix.live_events(site)}
    tale.wix(f"holds {', '.join(map(str, live))}")
    tale.expect(set(live) == {event_id(row) for row in rows}, "exactly what was kept is live")
    tale.expect(isinstance(rows[0], EntityRow) and rows[0].version == 3, "of the invoice the newest revision")


@story(
    "A site refuses us in the middle of it: its events are parked, and only what still matters goes out when it is back"
)
def refused_in_the_middle(stage: Stage, tale: Tale) -> None:
    site, neighbour = stage.new_site(), stage.new_site()
    first, visit, soon = (
        stage.occurrence(site, "page_visited", None, "visit-1"),
        stage.occurrence(site, "page_visited", None, "visit-2"),
        stage.entity(site, "invoice_due", INVOICE),
    )
    stage.wix.faults.script("report", Trouble.status(403, site=site))
    stage.invoke(a_page_visit(site, "visit-1"))
    tale.came_in("invoke: report page_visited, which Wix answers with a 403")
    row = parked(stage, first)
    tale.ledger(row)
    tale.expect(row.reason == "report: forbidden", "the ledger says why")
    calls = len(stage.wix.journal.calls(site=site))
    date = datetime.now(UTC) + timedelta(seconds=8)
    issue(stage, tale, site, 1, date.isoformat())
    stage.invoke(a_page_visit(site, "visit-2"), a_page_visit(neighbour, "visit-1"))
    tale.came_in("invoke: report page_visited, for the site and for its neighbour")
    tale.ledger(parked(stage, soon, version=1))
    tale.ledger(parked(stage, visit))
    tale.ledger(stage.settled(stage.occurrence(neighbour, "page_visited", None, "visit-1"), "reported"))
    tale.expect(
        len(stage.wix.journal.calls(site=site)) == calls, "Wix is not called for the site, but for its neighbour"
    )
    stage.until("the date has passed", lambda: datetime.now(UTC) > date)
    stage.wix.install_app(stage.app.app_id, site)
    told(stage, tale, site)
    for key, state in ((first, "reported"), (visit, "reported"), (soon, "expired")):
        tale.ledger(stage.settled(key, state))
    live = {one.external_entity_id for one in stage.wix.live_events(site)}
    tale.expect(
        live == {occurrence_id(first), occurrence_id(visit)}, "what was kept is live once, what has passed is not"
    )


@story("Wix's webhooks come twice, late and in disorder, and an answer is lost: the newest word stands")
def webhooks_in_disorder(stage: Stage, tale: Tale) -> None:
    site, postman = stage.new_site(), stage.wix.postman
    postman.script(Mishap(late_seconds=2 * MINUTE))
    stage.wix.remove_app(stage.app.app_id, site)
    postman.script(Mishap(copies=2, answers_lost=1))
    stage.wix.install_app(stage.app.app_id, site)
    removal, *installs = told(stage, tale, site)
    tale.expect(removal.tries[0].at > installs[0].tries[0].at, "the removal came after the install that followed it")
    tale.expect([len(one.tries) >= 2 for one in installs] == [True, True], "each copy of the install came again")
    became(stage, tale, site, SiteState.ACTIVE)
    stage.invoke(a_page_visit(site, "visit-1"))
    tale.came_in("invoke: report page_visited")
    tale.ledger(stage.settled(stage.occurrence(site, "page_visited", None, "visit-1"), "reported"))


def issue(stage: Stage, tale: Tale, site: str, revision: int, due_date: str) -> None:
    stage.put_event(BILLING, "Invoice Issued", an_invoice(site, INVOICE, revision, due_date))
    tale.came_in(f"bus: {INVOICE} issued, revision {revision}, due {due_date}")


def told(stage: Stage, tale: Tale, site: str) -> Sequence[Webhook]:
    """Wait until Wix has been thanked for every webhook about a site, and tell of its last."""
    webhooks = stage.thanked(site)
    for one in webhooks:
        tale.wix(f"{one.kind}: " + ", ".join(f"{each.status} in {each.seconds * 1000:.0f} ms" for each in one.tries))
    tale.expect(all(one.heard for one in webhooks), "Wix has had a 200 for each, in time")
    return webhooks


def became(stage: Stage, tale: Tale, site: str, *states: SiteState) -> SiteRow:
    row = stage.site(site)
    tale.expect(row.state in states, f"the ledger has the site as {row.state}: {row.reason or 'nothing is amiss'}")
    return row


def parked(stage: Stage, key: RowKey, version: int | None = None) -> Row:
    """Wait until a row of a version is kept for its site."""

    def found() -> Row | None:
        row = stage.row(key)
        return row if row is not None and (row.state, row.version) == ("parked", version) else None

    return stage.until("the event is parked", found)
