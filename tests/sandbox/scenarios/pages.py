"""Page visits: reported by a Lambda of somebody else's, which then asks what became of it."""

from __future__ import annotations

from typing import Any

from tests.sandbox.business import a_page_visit
from tests.sandbox.environment import Environment
from tests.sandbox.narrator import Narrator, scenario


@scenario("A page is visited: another Lambda reports it, and asks what became of it")
def reported_by_another_lambda(environment: Environment, narrator: Narrator) -> None:
    site = environment.new_site()
    (taken,) = environment.invoke_as_another_lambda(a_page_visit(site, "visit-1"))
    narrator.came_in(f"invoke: report page_visited, answered {taken['outcome']} {taken['eventId']}")
    question = {"action": "status", "triggerKey": "page_visited", "instanceId": site, "id": "visit-1"}

    def reported() -> dict[str, Any] | None:
        (known,) = environment.invoke_as_another_lambda(question)
        return known if known.get("state") == "reported" else None

    status = environment.until("its status is reported", reported)
    narrator.came_in(f"invoke: status, answered {status['state']}")
    for line in status["timeline"]:
        narrator.came_in(f"        {line['at']} {line['state']}: {line['reason']} {line.get('wixRequestId', '')}")
    (live,) = environment.wix.live_events(site, "page_visited")
    narrator.wix(f"page_visited {live.external_entity_id}")
    narrator.expect(live.external_entity_id == taken["eventId"] == status["eventId"], "all speak of the same event")
    narrator.expect(status["activationIds"] == list(live.activation_ids), "and the caller gets Wix's activation ids")
