"""Invoices: scheduled events that change, end, and arrive in the wrong order."""

from __future__ import annotations

from tests.sandbox.business import BILLING, CONTACT, an_invoice, in_days
from tests.sandbox.stage import Stage
from tests.sandbox.tale import Tale, story
from trigger_provider.domain.ledger.ids import event_id
from trigger_provider.domain.ledger.rows import EventRow, RequestOutcome, Row, RowKey

TRIGGER = "invoice_due"
NUMBER = "INV-2041"
AGAIN = 2


@story("An invoice is issued: its event is reported with its due date")
def reported_with_its_date(stage: Stage, tale: Tale) -> None:
    site, due_date = stage.new_site(), in_days(30)
    row = issue(stage, tale, site, revision=1, due_date=due_date)
    (live,) = stage.wix.live_events(site, TRIGGER)
    tale.wix(f"holds {live.external_entity_id}, due {live.payload['due_date']}")
    tale.expect(live.external_entity_id == event_id(row), "Wix holds the very event that the ledger names")
    tale.expect(live.payload["due_date"] == due_date, "with the invoice's date")
    tale.expect(
        isinstance(row, EventRow) and row.activation_ids == live.activation_ids,
        f"and the ledger has Wix's {len(live.activation_ids)} activation id",
    )


@story("Its date changes: the old event is cancelled, the new one reported")
def a_new_date(stage: Stage, tale: Tale) -> None:
    site, later = stage.new_site(), in_days(60)
    first = issue(stage, tale, site, revision=1, due_date=in_days(30))
    second = issue(stage, tale, site, revision=2, due_date=later, detail_type="Invoice Updated")
    tell_calls(stage, tale, site)
    (live,) = stage.wix.live_events(site, TRIGGER)
    tale.expect(event_id(first) != event_id(second), "each generation has an event id of its own")
    tale.expect(live.external_entity_id == event_id(second), "Wix holds exactly the new one")
    tale.expect(live.payload["due_date"] == later, "with the new date")


@story("It is paid: nothing is live any more")
def paid(stage: Stage, tale: Tale) -> None:
    site = stage.new_site()
    issue(stage, tale, site, revision=1, due_date=in_days(30))
    put(stage, tale, "Invoice Paid", site, revision=2)
    row = stage.settled(key_of(stage, site), "cancelled")
    tale.ledger(row)
    tell_calls(stage, tale, site)
    tale.expect(not stage.wix.live_events(site), "Wix holds nothing of the invoice")


@story("Each end is published: a listener hears what became of every generation")
def each_end_is_published(stage: Stage, tale: Tale) -> None:
    site = stage.new_site()
    first = issue(stage, tale, site, revision=1, due_date=in_days(30))
    second = issue(stage, tale, site, revision=2, due_date=in_days(60), detail_type="Invoice Updated")
    put(stage, tale, "Invoice Paid", site, revision=3)
    third = stage.settled(key_of(stage, site), "cancelled")
    wanted = {
        (event_id(first), "reported"),
        (event_id(first), "superseded"),
        (event_id(second), "reported"),
        (event_id(second), "cancelled"),
        (event_id(third), "cancelled"),
    }

    def heard() -> set[tuple[str, str]] | None:
        ends = {(item["eventId"], item["outcome"]) for item in stage.listener.heard(site)}
        return ends if ends >= wanted else None

    ends = stage.until("all ends are heard", heard)
    for item in stage.listener.heard(site):
        tale.outcome(f"{item['eventId']}  {item['outcome']}: {item['reason']}")
    tale.expect(ends == wanted, "reported, superseded and cancelled are told for the very events they befell")


@story("Paid before issued: the late event is stale, and Wix never hears of it")
def paid_before_issued(stage: Stage, tale: Tale) -> None:
    site = stage.new_site()
    put(stage, tale, "Invoice Paid", site, revision=2)
    key = key_of(stage, site)
    tale.ledger(stage.settled(key, "cancelled"))
    put(stage, tale, "Invoice Issued", site, revision=1)
    (known,) = stage.invoke(a_report(site, revision=1))
    tale.expect(known["outcome"] == "stale", "asked directly, the same request is stale")
    stage.until("intake has seen the late event", lambda: stage.answered_by_intake(key, RequestOutcome.STALE))
    row = stage.settled(key, "cancelled")
    tale.ledger(row)
    tale.expect(not stage.wix.journal.calls(site=site), "Wix was never called for this site")


@story("The same event three times: it is reported once")
def one_event_three_times(stage: Stage, tale: Tale) -> None:
    site, due_date = stage.new_site(), in_days(30)
    row = issue(stage, tale, site, revision=1, due_date=due_date)
    for _ in range(AGAIN):
        put(stage, tale, "Invoice Issued", site, revision=1, due_date=due_date)
    key = key_of(stage, site)
    stage.until("intake has seen both again", lambda: stage.answered_by_intake(key, RequestOutcome.DUPLICATE) >= AGAIN)
    tale.ledger(stage.settled(key, "reported"))
    live = stage.wix.live_events(site, TRIGGER)
    tale.wix(f"holds {', '.join(str(event.external_entity_id) for event in live)}")
    tale.expect([event.external_entity_id for event in live] == [event_id(row)], "Wix holds one event")
    reported = {entry.external_entity_id for entry in stage.wix.journal.entries("report", site)}
    tale.expect(reported == {event_id(row)}, "and was never sent another")


def issue(
    stage: Stage, tale: Tale, site: str, *, revision: int, due_date: str, detail_type: str = "Invoice Issued"
) -> Row:
    """Put an invoice on the bus, and wait until its event is reported and nothing of it is left to do."""
    put(stage, tale, detail_type, site, revision=revision, due_date=due_date)
    row = stage.settled(key_of(stage, site), "reported", revision)
    tale.ledger(row)
    return row


def put(stage: Stage, tale: Tale, detail_type: str, site: str, *, revision: int, due_date: str | None = None) -> None:
    detail = an_invoice(site, NUMBER, revision, due_date or in_days(30))
    stage.put_event(BILLING, detail_type, detail)
    until = f", due {due_date}" if due_date else ""
    tale.came_in(f"bus: {detail_type}, invoice {NUMBER} revision {revision}{until}")


def key_of(stage: Stage, site: str) -> RowKey:
    return stage.entity(site, TRIGGER, NUMBER)


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


def tell_calls(stage: Stage, tale: Tale, site: str) -> None:
    for call in stage.wix.journal.calls(site=site):
        for item in call.items:
            tale.wix(f"{call.route} {item.external_entity_id}: {item.effect}")
