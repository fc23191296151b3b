"""Forms: many events at once, for two sites, through the queue."""

from __future__ import annotations

from tests.sandbox.business import a_form
from tests.sandbox.stage import Stage
from tests.sandbox.tale import Tale, story
from tests.sandbox.wix import REPORTS

FORMS = 250


@story(f"{FORMS} forms for two sites through the queue: all reported, many in a call")
def many_forms_few_calls(stage: Stage, tale: Tale) -> None:
    sites = (stage.new_site(), stage.new_site())
    forms = {site: [a_form(site, number) for number in range(FORMS // 2)] for site in sites}
    for site, some in forms.items():
        stage.send_messages(some, site)
    tale.came_in(f"queue: {FORMS} requests, form_submitted, for two sites")
    keys = [stage.occurrence(site, "form_submitted", None, form["id"]) for site in sites for form in forms[site]]

    def all_reported() -> bool | None:
        rows = stage.rows(keys)
        return (len(rows) == FORMS and all(row.state == "reported" for row in rows.values())) or None

    stage.until("every form is reported", all_reported)
    tale.ledger(stage.rows(keys[:1])[keys[0]])
    live = [len(stage.wix.live_events(site, "form_submitted")) for site in sites]
    calls = sum(len(stage.wix.journal.calls(route, site)) for site in sites for route in REPORTS)
    tale.wix(f"{sum(live)} events live, reported in {calls} calls: {FORMS / calls:.1f} events a call")
    tale.expect(live == [FORMS // 2] * 2, "each site has its own, none is lost and none is double")
    tale.expect(calls < FORMS, "in fewer calls than events")
