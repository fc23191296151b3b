"""Troubles at Wix: it is unavailable, refuses one of many, or its answer is lost."""

from __future__ import annotations

from typing import Final

from tests.sandbox.business import a_form, a_page_visit
from tests.sandbox.stage import Stage
from tests.sandbox.tale import Tale, story
from tests.sandbox.wix import REPORTS, BadItem, Trouble
from trigger_provider.domain.ledger.ids import event_id, occurrence_id
from trigger_provider.domain.ledger.rows import RowKey

TWICE: Final = 2


@story("Wix answers 503 for a while: the event is tried again until it works")
def unavailable_for_a_while(stage: Stage, tale: Tale) -> None:
    site = stage.new_site()
    with stage.wix.faults.during(Trouble.status(503, site=site), *REPORTS):
        stage.invoke(a_page_visit(site, "visit-1"))
        tale.came_in("invoke: report page_visited")
        stage.until("it was tried twice", lambda: len(stage.wix.journal.calls("report", site)) >= TWICE)
    row = stage.settled(stage.occurrence(site, "page_visited", None, "visit-1"), "reported")
    tale.ledger(row)
    statuses = [call.status for call in stage.wix.journal.calls("report", site)]
    tale.wix(f"report {event_id(row)}: answered {', '.join(map(str, statuses))}")
    tale.expect(statuses[:TWICE] == [503, 503] and statuses[-1] == 200, "two tries failed, and a later one worked")
    tale.expect(row.attempts >= TWICE, "the ledger counts those that failed")
    tale.expect(len(stage.wix.live_events(site)) == 1, "and Wix holds one event")


@story("Wix refuses one of many: that one alone is rejected")
def one_bad_item(stage: Stage, tale: Tale) -> None:
    site = stage.new_site()
    forms = [a_form(site, number) for number in range(5)]
    keys = [stage.occurrence(site, "form_submitted", None, form["id"]) for form in forms]
    (bad, *good) = keys
    with stage.wix.faults.during(Trouble.failed_items(bad_item(bad), site=site), *REPORTS):
        stage.invoke(*forms)
        tale.came_in(f"invoke: report form_submitted, {len(forms)} at once")
        row = stage.settled(bad, "rejected")
    tale.ledger(row)
    for key in good:
        tale.ledger(stage.settled(key, "reported"))
    live = stage.wix.live_events(site)
    tale.wix(f"holds {len(live)} of {len(forms)}")
    tale.expect("SCHEMA_VALIDATION_FAILED" in row.reason, "the ledger has Wix's code")
    tale.expect(
        {live_event.external_entity_id for live_event in live} == {occurrence_id(key) for key in good},
        "its neighbours are live",
    )


@story("An answer of Wix is lost after its effect: no second event")
def an_answer_cut(stage: Stage, tale: Tale) -> None:
    site = stage.new_site()
    stage.wix.faults.script("report", Trouble.answer_cut(site=site))
    stage.invoke(a_page_visit(site, "visit-1"))
    tale.came_in("invoke: report page_visited")
    row = stage.settled(stage.occurrence(site, "page_visited", None, "visit-1"), "reported")
    tale.ledger(row)
    entries = stage.wix.journal.entries("report", site)
    for entry in entries:
        tale.wix(f"report {entry.external_entity_id}: {entry.effect}")
    tale.expect(len(entries) >= TWICE, "the report was made again")
    tale.expect(len({entry.idempotency_key for entry in entries}) == 1, "under the same idempotency key")
    tale.expect(len(stage.wix.live_events(site)) == 1, "and Wix holds one event")


def bad_item(key: RowKey) -> BadItem:
    return BadItem("SCHEMA_VALIDATION_FAILED", external_entity_id=occurrence_id(key))
