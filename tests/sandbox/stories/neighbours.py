"""Two apps on one site: neither can touch what is the other's."""

from __future__ import annotations

from tests.sandbox.business import a_form
from tests.sandbox.stage import Stage
from tests.sandbox.tale import Tale, story
from tests.sandbox.wix import Hand

KEY = "form_submitted"


@story("Another app on the same site can neither report nor cancel our events")
def two_apps(stage: Stage, tale: Tale) -> None:
    site = stage.new_site()
    stage.send_messages([a_form(site, 1)], site)
    stage.settled(stage.occurrence(site, KEY, None, "submission-1"), "reported")
    (ours,) = stage.wix.live_events(site, KEY)
    tale.came_in(f"queue: report {KEY}; Wix holds {ours.external_entity_id}")
    neighbour = Hand(stage.wix.url, stage.neighbour, site)
    neighbour.mint()
    event_id = str(ours.external_entity_id)

    for made in ("report", "cancel"):
        fields = {"payload": dict(ours.payload)} if made == "report" else {}
        answer = neighbour.post(made, {"triggerKey": "invoice_due", "externalEntityId": event_id, **fields})
        tale.wix(f"another app asks for: {made} invoice_due, and is answered {answer.status_code}")
        tale.expect(answer.status_code == 404, f"a trigger of ours is none of theirs to {made}")
    answer = neighbour.cancel(KEY, event_id)
    tale.wix(f"another app asks for: cancel its own {KEY} under our event id, and is answered {answer.status_code}")
    effects = [entry.effect for entry in stage.wix.journal.entries("cancel", site)]
    tale.expect(effects[-1] == "nothing to cancel", "of theirs there is nothing to cancel")
    tale.expect(stage.wix.live_events(site) == [ours], "and ours lives on, alone and untouched")
