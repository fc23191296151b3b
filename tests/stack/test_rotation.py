"""The app's secret is rotated while the deployed stack runs: nothing is deployed anew, and no event is lost."""

from __future__ import annotations

import json

from tests.sandbox.business import a_page_visit
from tests.sandbox.environment import Environment
from tests.sandbox.opening import SECRET_NAME

NEW = "another secret for the sandbox only"


def test_an_event_that_comes_between_wixs_new_secret_and_ours_waits_and_is_reported_without_a_deployment(
    environment: Environment,
) -> None:
    site = environment.new_site()
    environment.wix.change_secret(environment.app.app_id, NEW)
    environment.invoke(a_page_visit(site, "visit-1"))
    environment.until("the old secret is refused", lambda: 401 in statuses(environment, site))
    put_secret(environment, NEW)
    environment.settled(environment.occurrence(site, "page_visited", None, "visit-1"), "reported")

    assert statuses(environment, site)[-1] == 200
    assert len(environment.wix.live_events(site)) == 1


def statuses(environment: Environment, site: str) -> list[int | None]:
    """Return what Wix's token endpoint has answered for a site so far."""
    return [call.status for call in environment.wix.journal.calls("token", site)]


def put_secret(environment: Environment, secret: str) -> None:
    value = json.dumps({"appId": environment.app.app_id, "appSecret": secret})
    environment.aws.clients.secrets.put_secret_value(SecretId=SECRET_NAME, SecretString=value)
