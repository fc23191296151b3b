"""Page visits: reported by a Lambda of somebody else's, which then asks what became of it."""

from __future__ import annotations

from typing import Any

from tests.sandbox.business import a_page_visit
from tests.sandbox.stage import Stage
from tests.sandbox.tale import Tale, story


@story("A page is visited: another Lambda reports it, and asks what became of it")
def reported_by_another_lambda(stage: Stage, tale: Tale) -> None:
    site = stage.new_site()
    (taken,) = stage.invoke_as_another_lambda(a_page_visit(site, "visit-1"))
    tale.came_in(f"invoke: report page_visited, answered {taken['outcome']} {taken['eventId']}")
    question = {"action": "status", "triggerKey": "page_visited", "instanceId": site, "id": "visit-1"}

    def reported() -> dict[str, Any] | None:
        (known,) = stage.invoke_as_another_lambda(question)
        return known if known.get("state") == "reported" else None

    status = stage.until("its status is reported", reported)
    tale.came_in(f"invoke: status, answered {status['state']}")
    for line in status["timeline"]:
        tale.came_in(f"        {line['at']} {line['state']}: {line['reason']} {line.get('wixRequestId', '')}")
    (live,) = stage.wix.live_events(site, "page_visited")
    tale.wix(f"page_visited {live.external_entity_id}")
    tale.expect(live.external_entity_id == taken["eventId"] == status["eventId"], "all speak of the same event")
    tale.expect(status["activationIds"] == list(live.activation_ids), "and the caller is told Wix's activation ids")
