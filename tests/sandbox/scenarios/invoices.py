"""Invoices: scheduled events that change, end, and arrive in the wrong order."""

from __future__ import annotations

from tests.sandbox.business import BILLING, CONTACT, an_invoice, in_days
from tests.sandbox.environment import Environment
from tests.sandbox.narrator import Narrator, scenario
from trigger_provider.domain.ledger.ids import event_id
from trigger_provider.domain.ledger.rows import EventRow, RequestOutcome, Row, RowKey

TRIGGER = "invoice_due"
NUMBER = "INV-2041"
AGAIN = 2


@scenario("An invoice is issued: its event is reported with its due date")
def reported_with_its_date(environment: Environment, narrator: Narrator) -> None:
    site, due_date = environment.new_site(), in_days(30)
    row = issue(environment, narrator, site, revision=1, due_date=due_date)
    (live,) = environment.wix.live_events(site, TRIGGER)
    narrator.wix(f"holds {live.external_entity_id}, due {live.payload['due_date']}")
    narrator.expect(live.external_entity_id == event_id(row), "Wix holds the very event that the ledger names")
    narrator.expect(live.payload["due_date"] == due_date, "with the invoice's date")
    narrator.expect(
        isinstance(row, EventRow) and row.activation_ids == live.activation_ids,
        f"and the ledger has Wix's {len(live.activation_ids)} activation id",
    )


@scenario("Its date changes: the old event is cancelled, the new one reported")
def a_new_date(environment: Environment, narrator: Narrator) -> None:
    site, later = environment.new_site(), in_days(60)
    first = issue(environment, narrator, site, revision=1, due_date=in_days(30))
    second = issue(environment, narrator, site, revision=2, due_date=later, detail_type="Invoice Updated")
    narrate_calls(environment, narrator, site)
    (live,) = environment.wix.live_events(site, TRIGGER)
    narrator.expect(event_id(first) != event_id(second), "each generation has an event id of its own")
    narrator.expect(live.external_entity_id == event_id(second), "Wix holds exactly the new one")
    narrator.expect(live.payload["due_date"] == later, "with the new date")


@scenario("It is paid: nothing is live any more")
def paid(environment: Environment, narrator: Narrator) -> None:
    site = environment.new_site()
    issue(environment, narrator, site, revision=1, due_date=in_days(30))
    put(environment, narrator, "Invoice Paid", site, revision=2)
    row = environment.settled(key_of(environment, site), "cancelled")
    narrator.ledger(row)
    narrate_calls(environment, narrator, site)
    narrator.expect(not environment.wix.live_events(site), "Wix holds nothing of the invoice")


@scenario("Each end is published: a listener hears what became of every generation")
def each_end_is_published(environment: Environment, narrator: Narrator) -> None:
    site = environment.new_site()
    first = issue(environment, narrator, site, revision=1, due_date=in_days(30))
    second = issue(environment, narrator, site, revision=2, due_date=in_days(60), detail_type="Invoice Updated")
    put(environment, narrator, "Invoice Paid", site, revision=3)
    third = environment.settled(key_of(environment, site), "cancelled")
    wanted = {
        (event_id(first), "reported"),
        (event_id(first), "superseded"),
        (event_id(second), "reported"),
        (event_id(second), "cancelled"),
        (event_id(third), "cancelled"),
    }

    def heard() -> set[tuple[str, str]] | None:
        ends = {(item["eventId"], item["outcome"]) for item in environment.listener.heard(site)}
        return ends if ends >= wanted else None

    ends = environment.until("all ends are heard", heard)
    for item in environment.listener.heard(site):
        narrator.outcome(f"{item['eventId']}  {item['outcome']}: {item['reason']}")
    narrator.expect(ends == wanted, "reported, superseded and cancelled are told for the very events they befell")


@scenario("Paid before issued: the late event is stale, and Wix never hears of it")
def paid_before_issued(environment: Environment, narrator: Narrator) -> None:
    site = environment.new_site()
    put(environment, narrator, "Invoice Paid", site, revision=2)
    key = key_of(environment, site)
    narrator.ledger(environment.settled(key, "cancelled"))
    put(environment, narrator, "Invoice Issued", site, revision=1)
    (known,) = environment.invoke(a_report(site, revision=1))
    narrator.expect(known["outcome"] == "stale", "asked directly, the same request is stale")
    environment.until(
        "intake has seen the late event", lambda: environment.answered_by_intake(key, RequestOutcome.STALE)
    )
    row = environment.settled(key, "cancelled")
    narrator.ledger(row)
    narrator.expect(not environment.wix.journal.calls(site=site), "Wix was never called for this site")


@scenario("The same event three times: it is reported once")
def one_event_three_times(environment: Environment, narrator: Narrator) -> None:
    site, due_date = environment.new_site(), in_days(30)
    row = issue(environment, narrator, site, revision=1, due_date=due_date)
    for _ in range(AGAIN):
        put(environment, narrator, "Invoice Issued", site, revision=1, due_date=due_date)
    key = key_of(environment, site)
    environment.until(
        "intake has seen both again", lambda: environment.answered_by_intake(key, RequestOutcome.DUPLICATE) >= AGAIN
    )
    narrator.ledger(environment.settled(key, "reported"))
    live = environment.wix.live_events(site, TRIGGER)
    narrator.wix(f"holds {', '.join(str(event.external_entity_id) for event in live)}")
    narrator.expect([event.external_entity_id for event in live] == [event_id(row)], "Wix holds one event")
    reported = {entry.external_entity_id for entry in environment.wix.journal.entries("report", site)}
    narrator.expect(reported == {event_id(row)}, "and was never sent another")


def issue(
    environment: Environment,
    narrator: Narrator,
    site: str,
    *,
    revision: int,
    due_date: str,
    detail_type: str = "Invoice Issued",
) -> Row:
    """Put an invoice on the bus, and wait until its event is reported and nothing of it is left to do."""
    put(environment, narrator, detail_type, site, revision=revision, due_date=due_date)
    row = environment.settled(key_of(environment, site), "reported", revision)
    narrator.ledger(row)
    return row


def put(
    environment: Environment,
    narrator: Narrator,
    detail_type: str,
    site: str,
    *,
    revision: int,
    due_date: str | None = None,
) -> None:
    detail = an_invoice(site, NUMBER, revision, due_date or in_days(30))
    environment.put_event(BILLING, detail_type, detail)
    until = f", due {due_date}" if due_date else ""
    narrator.came_in(f"bus: {detail_type}, invoice {NUMBER} revision {revision}{until}")


def key_of(environment: Environment, site: str) -> RowKey:
    return environment.entity(site, TRIGGER, NUMBER)


def a_report(site: str, *, revision: int) -> dict[str, object]:
    payload = {
        "contact_id": CONTACT,
        "invoice_id": NUMBER,
        "invoice_number": NUMBER,
        "due_date": in_days(30),
        "total": "1000.00",
        "currency": "EUR",
    }
    named = {"triggerKey": TRIGGER, "instanceId": site, "entityId": NUMBER}
    return {"action": "report", **named, "version": revision, "payload": payload}


def narrate_calls(environment: Environment, narrator: Narrator, site: str) -> None:
    for call in environment.wix.journal.calls(site=site):
        for item in call.items:
            narrator.wix(f"{call.route} {item.external_entity_id}: {item.effect}")
