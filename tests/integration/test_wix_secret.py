"""The app's secret: when it is read anew, what becomes of events without a good one, and that it stays secret."""

from __future__ import annotations

import json
import traceback
from typing import Any

import pytest

from tests.sandbox.wix import Route, Trouble
from tests.sandbox.wix.samples import APP, guid
from tests.support.wix_harness import (
    ACCEPTED,
    ELSEWHERE,
    GOOD_SECRET,
    HERE,
    WixHarness,
    call_together,
    outcomes_of,
    switch,
)
from trigger_provider.adapters.wix.http import CallFailed
from trigger_provider.adapters.wix.oauth import CredentialsRefused
from trigger_provider.domain.delivery.results import CREDENTIALS_REFUSED, SECRET_UNUSABLE, ResultKind
from trigger_provider.errors import UnusableSecret

RETRY = ResultKind.RETRY
OLD_SECRET = json.dumps({"appId": APP.app_id, "appSecret": "planted-old-secret"})


@pytest.mark.parametrize("status", [401, 400])
def test_a_rotated_secret_is_read_anew_when_wix_refuses_the_old_one(harness: WixHarness, status: int) -> None:
    switch(harness, unknown_client_status=status)
    harness.secrets.values = [OLD_SECRET, GOOD_SECRET]
    assert outcomes_of(harness.report("first")) == [ACCEPTED]
    assert harness.calls() == [status, 200, 200]
    assert harness.secrets.reads == 2


def test_a_secret_that_is_refused_and_has_not_changed_is_the_apps_trouble(harness: WixHarness) -> None:
    harness.secrets.values = [OLD_SECRET]
    assert outcomes_of(harness.report("one", "two")) == [(RETRY, CREDENTIALS_REFUSED)] * 2
    assert harness.calls() == [401]
    assert harness.secrets.reads == 2
    with pytest.raises(CredentialsRefused):
        harness.tokens.token(HERE, harness.soon())


def test_so_is_one_whose_new_value_is_refused_as_well(harness: WixHarness) -> None:
    harness.secrets.values = [OLD_SECRET, OLD_SECRET.replace("old", "new")]
    [answer] = harness.report()
    assert (answer.kind, answer.reason) == (RETRY, CREDENTIALS_REFUSED)
    assert answer.wix_request_id
    assert (harness.calls(), harness.secrets.reads) == ([401, 401], 2)


def test_however_many_sites_wait_for_a_refused_secret_it_is_not_read_for_each(harness: WixHarness) -> None:
    harness.secrets.values = [OLD_SECRET]
    sites = [guid(f"site {number}") for number in range(40)]
    answers = [result for site in sites for result in harness.report(site=site)]
    assert set(outcomes_of(answers)) == {(RETRY, CREDENTIALS_REFUSED)}
    assert (len(harness.calls()), harness.secrets.reads) == (40, 2)


def test_a_new_secret_is_found_ten_seconds_after_the_old_one_was_read(harness: WixHarness) -> None:
    harness.secrets.values = [OLD_SECRET]
    harness.report()
    harness.secrets.values = [GOOD_SECRET]
    harness.clock.ahead += 9_999
    assert outcomes_of(harness.report()) == [(RETRY, CREDENTIALS_REFUSED)]
    harness.clock.ahead += 1
    assert outcomes_of(harness.report()) == [ACCEPTED]


def test_a_refusal_keeps_no_other_site_from_asking(harness: WixHarness) -> None:
    odd = Trouble.status(401, body={}, site=ELSEWHERE)
    harness.wix.faults.script(Route.TOKEN, odd)
    assert outcomes_of(harness.report(site=ELSEWHERE)) == [(RETRY, CREDENTIALS_REFUSED)]
    assert outcomes_of(harness.report()) == [ACCEPTED]


def test_threads_whose_old_secret_is_refused_have_it_read_anew_once(harness: WixHarness) -> None:
    harness.secrets.values = [OLD_SECRET, GOOD_SECRET]
    sites = iter([HERE, ELSEWHERE])
    answers = call_together(2, lambda: harness.report(site=next(sites))[0])
    assert outcomes_of(answers) == [ACCEPTED] * 2
    assert harness.secrets.reads == 2


def test_a_secret_that_can_not_be_read_is_tried_again_after_ten_seconds(harness: WixHarness) -> None:
    harness.secrets.values = [""]
    for site in (HERE, ELSEWHERE, HERE):
        assert outcomes_of(harness.report(site=site)) == [
            (RETRY, f"{SECRET_UNUSABLE}: it can't be read: PermissionError")
        ]
    assert harness.secrets.reads == 1
    harness.secrets.values = [GOOD_SECRET]
    harness.clock.ahead += 10_000
    assert outcomes_of(harness.report()) == [ACCEPTED]


@pytest.mark.parametrize(
    "status, body",
    [
        (400, {"error": "unauthorized_client"}),
        (400, {"details": {"applicationError": {"code": "INVALID_CLIENT"}}}),
        (401, {"details": {"applicationError": {"code": "UNAUTHENTICATED"}}}),
        (401, {}),
    ],
)
def test_a_refused_client_is_known_by_its_error(harness: WixHarness, status: int, body: dict[str, Any]) -> None:
    harness.wix.faults.script(Route.TOKEN, Trouble.status(status, body=body), times=2)
    assert outcomes_of(harness.report()) == [(RETRY, CREDENTIALS_REFUSED)]


@pytest.mark.parametrize(
    "value, reason",
    [
        ("", "it can't be read: PermissionError"),
        ("planted-not-json", "it must be a JSON object with the strings appId and appSecret"),
        ('["planted-list"]', "it must be a JSON object with the strings appId and appSecret"),
        ('{"appId": 1, "appSecret": "planted"}', "it must be a JSON object with the strings appId and appSecret"),
        (
            json.dumps({"appId": APP.app_id, "appSecret": ""}),
            "it must be a JSON object with the strings appId and appSecret",
        ),
        (
            '{"appId": "planted-app", "appSecret": "planted-secret"}',
            "it belongs to another app: /appId is not the app id we were given",
        ),
    ],
)
def test_an_unusable_secret_makes_events_wait_and_stays_secret(harness: WixHarness, value: str, reason: str) -> None:
    harness.secrets.values = [value]
    answers = harness.report("one", "two")
    assert outcomes_of(answers) == [(RETRY, f"{SECRET_UNUSABLE}: {reason}")] * 2
    assert harness.calls() == []
    with pytest.raises(UnusableSecret) as raised:
        harness.secret.credentials()
    assert "planted" not in "".join(traceback.format_exception(raised.value)) + repr((raised.value, answers))


def test_nothing_secret_is_in_what_people_may_read(harness: WixHarness) -> None:
    token = harness.tokens.token(HERE, harness.soon())
    credentials = harness.secret.credentials()
    harness.wix.faults.script(Route.REPORT, Trouble.answer_cut())
    refused = Trouble.status(401, body={"error": "invalid_client", "error_description": f"not {APP.secret}"})
    harness.wix.faults.script(Route.TOKEN, refused, refused)
    said = repr([harness.report(), credentials, vars(harness.tokens), vars(harness.api), harness.secret])
    harness.tokens.drop(HERE, token)
    with pytest.raises(CallFailed) as raised:
        harness.tokens.token(HERE, harness.soon())
    said += "".join(traceback.format_exception(raised.value)) + repr(raised.value.answer)
    assert "wix connection fault" in said
    assert CREDENTIALS_REFUSED in said
    assert token not in said
    assert APP.secret not in said
