"""The app's secret is rotated while the deployed stack runs: nothing is deployed anew, and no event is lost."""

from __future__ import annotations

import json

from tests.sandbox.business import a_page_visit
from tests.sandbox.opening import SECRET_NAME
from tests.sandbox.stage import Stage

NEW = "another secret for the sandbox only"


def test_a_rotated_secret_is_taken_up_without_a_deployment(stage: Stage) -> None:
    reported(stage, stage.new_site())
    put_secret(stage, NEW)
    stage.wix.change_secret(stage.app.app_id, NEW)
    asked = [reported(stage, stage.new_site()) for _ in range(2)]

    assert [401, 200] in asked  # the old secret was refused, hence read anew, and the new one was taken
    assert all(answers[-1] == 200 and len(answers) <= 2 for answers in asked)


def reported(stage: Stage, site: str) -> list[int | None]:
    """Give how Wix's token endpoint answered until an event of the site was reported."""
    stage.invoke(a_page_visit(site, "visit-1"))
    stage.settled(stage.occurrence(site, "page_visited", None, "visit-1"), "reported")
    return [call.status for call in stage.wix.journal.calls("token", site)]


def put_secret(stage: Stage, secret: str) -> None:
    value = json.dumps({"appId": stage.app.app_id, "appSecret": secret})
    stage.aws.clients.secrets.put_secret_value(SecretId=SECRET_NAME, SecretString=value)
