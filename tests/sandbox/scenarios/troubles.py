"""Troubles at Wix: it is unavailable, refuses one of many, or its answer is lost."""

from __future__ import annotations

from typing import Final

from tests.sandbox.business import a_form, a_page_visit
from tests.sandbox.environment import Environment
from tests.sandbox.narrator import Narrator, scenario
from tests.sandbox.wix import REPORTS, BadItem, Trouble
from trigger_provider.domain.ledger.ids import event_id, occurrence_id
from trigger_provider.domain.ledger.rows import RowKey

TWICE: Final = 2


@scenario("Wix answers 503 for a while: the event is tried again until it works")
def unavailable_for_a_while(environment: Environment, narrator: Narrator) -> None:
    site = environment.new_site()
    with environment.wix.faults.during(Trouble.status(503, site=site), *REPORTS):
        environment.invoke(a_page_visit(site, "visit-1"))
        narrator.came_in("invoke: report page_visited")
        environment.until("it was tried twice", lambda: len(environment.wix.journal.calls("report", site)) >= TWICE)
    row = environment.settled(environment.occurrence(site, "page_visited", None, "visit-1"), "reported")
    narrator.ledger(row)
    statuses = [call.status for call in environment.wix.journal.calls("report", site)]
    narrator.wix(f"report {event_id(row)}: answered {', '.join(map(str, statuses))}")
    narrator.expect(statuses[:TWICE] == [503, 503] and statuses[-1] == 200, "two tries failed, and a later one worked")
    narrator.expect(row.attempts >= TWICE, "the ledger counts those that failed")
    narrator.expect(len(environment.wix.live_events(site)) == 1, "and Wix holds one event")


@scenario("Wix refuses one of many: that one alone is rejected")
def one_bad_item(environment: Environment, narrator: Narrator) -> None:
    site = environment.new_site()
    forms = [a_form(site, number) for number in range(5)]
    keys = [environment.occurrence(site, "form_submitted", None, form["id"]) for form in forms]
    (bad, *good) = keys
    with environment.wix.faults.during(Trouble.failed_items(bad_item(bad), site=site), *REPORTS):
        environment.invoke(*forms)
        narrator.came_in(f"invoke: report form_submitted, {len(forms)} at once")
        row = environment.settled(bad, "rejected")
    narrator.ledger(row)
    for key in good:
        narrator.ledger(environment.settled(key, "reported"))
    live = environment.wix.live_events(site)
    narrator.wix(f"holds {len(live)} of {len(forms)}")
    narrator.expect("SCHEMA_VALIDATION_FAILED" in row.reason, "the ledger has Wix's code")
    narrator.expect(
        {live_event.external_entity_id for live_event in live} == {occurrence_id(key) for key in good},
        "its neighbours are live",
    )


@scenario("An answer of Wix is lost after its effect: no second event")
def an_answer_cut(environment: Environment, narrator: Narrator) -> None:
    site = environment.new_site()
    environment.wix.faults.script("report", Trouble.answer_cut(site=site))
    environment.invoke(a_page_visit(site, "visit-1"))
    narrator.came_in("invoke: report page_visited")
    row = environment.settled(environment.occurrence(site, "page_visited", None, "visit-1"), "reported")
    narrator.ledger(row)
    entries = environment.wix.journal.entries("report", site)
    for entry in entries:
        narrator.wix(f"report {entry.external_entity_id}: {entry.effect}")
    narrator.expect(len(entries) >= TWICE, "the report was made again")
    narrator.expect(len({entry.idempotency_key for entry in entries}) == 1, "under the same idempotency key")
    narrator.expect(len(environment.wix.live_events(site)) == 1, "and Wix holds one event")


def bad_item(key: RowKey) -> BadItem:
    return BadItem("SCHEMA_VALIDATION_FAILED", external_entity_id=occurrence_id(key))
