"""Forms: many events at once, for two sites, through the queue."""

from __future__ import annotations

from tests.sandbox.business import a_form
from tests.sandbox.environment import Environment
from tests.sandbox.narrator import Narrator, scenario
from tests.sandbox.wix import REPORTS

FORMS = 250


@scenario(f"{FORMS} forms for two sites through the queue: all reported, many in a call")
def many_forms_few_calls(environment: Environment, narrator: Narrator) -> None:
    sites = (environment.new_site(), environment.new_site())
    forms = {site: [a_form(site, number) for number in range(FORMS // 2)] for site in sites}
    for site, some in forms.items():
        environment.send_messages(some, site)
    narrator.came_in(f"queue: {FORMS} requests, form_submitted, for two sites")
    keys = [environment.occurrence(site, "form_submitted", None, form["id"]) for site in sites for form in forms[site]]

    def all_reported() -> bool | None:
        rows = environment.rows(keys)
        return (len(rows) == FORMS and all(row.state == "reported" for row in rows.values())) or None

    environment.until("every form is reported", all_reported)
    narrator.ledger(environment.rows(keys[:1])[keys[0]])
    live = [len(environment.wix.live_events(site, "form_submitted")) for site in sites]
    calls = sum(len(environment.wix.journal.calls(route, site)) for site in sites for route in REPORTS)
    narrator.wix(f"{sum(live)} events live, reported in {calls} calls: {FORMS / calls:.1f} events a call")
    narrator.expect(live == [FORMS // 2] * 2, "each site has its own, none is lost and none is double")
    narrator.expect(calls < FORMS, "in fewer calls than events")
