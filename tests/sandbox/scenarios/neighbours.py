"""Two apps on one site: neither can touch what is the other's."""

from __future__ import annotations

from tests.sandbox.business import a_form
from tests.sandbox.environment import Environment
from tests.sandbox.narrator import Narrator, scenario
from tests.sandbox.wix import AppDriver

KEY = "form_submitted"


@scenario("Another app on the same site can neither report nor cancel our events")
def two_apps(environment: Environment, narrator: Narrator) -> None:
    site = environment.new_site()
    environment.send_messages([a_form(site, 1)], site)
    environment.settled(environment.occurrence(site, KEY, None, "submission-1"), "reported")
    (ours,) = environment.wix.live_events(site, KEY)
    narrator.came_in(f"queue: report {KEY}; Wix holds {ours.external_entity_id}")
    neighbour = AppDriver(environment.wix.url, environment.neighbour, site)
    neighbour.fetch_token()
    event_id = str(ours.external_entity_id)

    for made in ("report", "cancel"):
        fields = {"payload": dict(ours.payload)} if made == "report" else {}
        answer = neighbour.post(made, {"triggerKey": "invoice_due", "externalEntityId": event_id, **fields})
        narrator.wix(f"another app asks for: {made} invoice_due, and is answered {answer.status_code}")
        narrator.expect(answer.status_code == 404, f"a trigger of ours is none of theirs to {made}")
    answer = neighbour.cancel(KEY, event_id)
    narrator.wix(f"another app asks for: cancel its own {KEY} under our event id, and is answered {answer.status_code}")
    effects = [entry.effect for entry in environment.wix.journal.entries("cancel", site)]
    narrator.expect(effects[-1] == "nothing to cancel", "of theirs there is nothing to cancel")
    narrator.expect(environment.wix.live_events(site) == [ours], "and ours lives on, alone and untouched")
