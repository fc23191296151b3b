"""The app's secret is rotated while the deployed stack runs: nothing is deployed anew, and no event is lost."""

from __future__ import annotations

import json

from tests.sandbox.business import a_page_visit
from tests.sandbox.opening import SECRET_NAME
from tests.sandbox.stage import Stage

NEW = "another secret for the sandbox only"


def test_an_event_that_comes_between_wixs_new_secret_and_ours_waits_and_is_reported_without_a_deployment(
    stage: Stage,
) -> None:
    site = stage.new_site()
    stage.wix.change_secret(stage.app.app_id, NEW)
    stage.invoke(a_page_visit(site, "visit-1"))
    stage.until("the old secret is refused", lambda: 401 in statuses(stage, site))
    put_secret(stage, NEW)
    stage.settled(stage.occurrence(site, "page_visited", None, "visit-1"), "reported")

    assert statuses(stage, site)[-1] == 200
    assert len(stage.wix.live_events(site)) == 1


def statuses(stage: Stage, site: str) -> list[int | None]:
    """Return what Wix's token endpoint has answered for a site so far."""
    return [call.status for call in stage.wix.journal.calls("token", site)]


def put_secret(stage: Stage, secret: str) -> None:
    value = json.dumps({"appId": stage.app.app_id, "appSecret": secret})
    stage.aws.clients.secrets.put_secret_value(SecretId=SECRET_NAME, SecretString=value)
