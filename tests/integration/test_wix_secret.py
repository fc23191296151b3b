"""The app's secret: when it is read anew, what becomes of events without a good one, and that it stays secret."""

from __future__ import annotations

import json
import traceback
from typing import Any

import pytest

from tests.sandbox.wix import Route, Trouble
from tests.sandbox.wix.samples import APP, guid
from tests.support.wix_stand import ACCEPTED, ELSEWHERE, GOOD_SECRET, HERE, Stand, at_once, meanings, switch
from trigger_provider.adapters.wix.http import CallFailed
from trigger_provider.adapters.wix.oauth import CredentialsRefused
from trigger_provider.domain.delivery.results import CREDENTIALS_REFUSED, SECRET_UNUSABLE, ResultKind
from trigger_provider.errors import UnusableSecret

RETRY = ResultKind.RETRY
OLD_SECRET = json.dumps({"appId": APP.app_id, "appSecret": "planted-old-secret"})


@pytest.mark.parametrize("status", [401, 400])
def test_a_rotated_secret_is_read_anew_when_wix_refuses_the_old_one(stand: Stand, status: int) -> None:
    switch(stand, unknown_client_status=status)
    stand.secrets.values = [OLD_SECRET, GOOD_SECRET]
    assert meanings(stand.report("first")) == [ACCEPTED]
    assert stand.calls() == [status, 200, 200]
    assert stand.secrets.reads == 2


def test_a_secret_that_is_refused_and_has_not_changed_is_the_apps_trouble(stand: Stand) -> None:
    stand.secrets.values = [OLD_SECRET]
    assert meanings(stand.report("one", "two")) == [(RETRY, CREDENTIALS_REFUSED)] * 2
    assert stand.calls() == [401]
    assert stand.secrets.reads == 2
    with pytest.raises(CredentialsRefused):
        stand.tokens.token(HERE, stand.soon())


def test_so_is_one_whose_new_value_is_refused_as_well(stand: Stand) -> None:
    stand.secrets.values = [OLD_SECRET, OLD_SECRET.replace("old", "new")]
    [answer] = stand.report()
    assert (answer.kind, answer.reason) == (RETRY, CREDENTIALS_REFUSED)
    assert answer.wix_request_id
    assert (stand.calls(), stand.secrets.reads) == ([401, 401], 2)


def test_however_many_sites_wait_for_a_refused_secret_it_is_not_read_for_each(stand: Stand) -> None:
    stand.secrets.values = [OLD_SECRET]
    sites = [guid(f"site {number}") for number in range(40)]
    answers = [result for site in sites for result in stand.report(site=site)]
    assert set(meanings(answers)) == {(RETRY, CREDENTIALS_REFUSED)}
    assert (len(stand.calls()), stand.secrets.reads) == (40, 2)


def test_a_new_secret_is_found_ten_seconds_after_the_old_one_was_read(stand: Stand) -> None:
    stand.secrets.values = [OLD_SECRET]
    stand.report()
    stand.secrets.values = [GOOD_SECRET]
    stand.clock.ahead += 9_999
    assert meanings(stand.report()) == [(RETRY, CREDENTIALS_REFUSED)]
    stand.clock.ahead += 1
    assert meanings(stand.report()) == [ACCEPTED]


def test_a_refusal_keeps_no_other_site_from_asking(stand: Stand) -> None:
    odd = Trouble.status(401, body={}, site=ELSEWHERE)
    stand.wix.faults.script(Route.TOKEN, odd)
    assert meanings(stand.report(site=ELSEWHERE)) == [(RETRY, CREDENTIALS_REFUSED)]
    assert meanings(stand.report()) == [ACCEPTED]


def test_threads_whose_old_secret_is_refused_have_it_read_anew_once(stand: Stand) -> None:
    stand.secrets.values = [OLD_SECRET, GOOD_SECRET]
    sites = iter([HERE, ELSEWHERE])
    answers = at_once(2, lambda: stand.report(site=next(sites))[0])
    assert meanings(answers) == [ACCEPTED] * 2
    assert stand.secrets.reads == 2


def test_a_secret_that_can_not_be_read_is_tried_again_after_ten_seconds(stand: Stand) -> None:
    stand.secrets.values = [""]
    for site in (HERE, ELSEWHERE, HERE):
        assert meanings(stand.report(site=site)) == [(RETRY, f"{SECRET_UNUSABLE}: it can't be read: PermissionError")]
    assert stand.secrets.reads == 1
    stand.secrets.values = [GOOD_SECRET]
    stand.clock.ahead += 10_000
    assert meanings(stand.report()) == [ACCEPTED]


@pytest.mark.parametrize(
    "status, body",
    [
        (400, {"error": "unauthorized_client"}),
        (400, {"details": {"applicationError": {"code": "INVALID_CLIENT"}}}),
        (401, {"details": {"applicationError": {"code": "UNAUTHENTICATED"}}}),
        (401, {}),
    ],
)
def test_a_refused_client_is_known_by_its_error(stand: Stand, status: int, body: dict[str, Any]) -> None:
    stand.wix.faults.script(Route.TOKEN, Trouble.status(status, body=body), times=2)
    assert meanings(stand.report()) == [(RETRY, CREDENTIALS_REFUSED)]


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
def test_an_unusable_secret_makes_events_wait_and_stays_secret(stand: Stand, value: str, reason: str) -> None:
    stand.secrets.values = [value]
    answers = stand.report("one", "two")
    assert meanings(answers) == [(RETRY, f"{SECRET_UNUSABLE}: {reason}")] * 2
    assert stand.calls() == []
    with pytest.raises(UnusableSecret) as raised:
        stand.secret.credentials()
    assert "planted" not in "".join(traceback.format_exception(raised.value)) + repr((raised.value, answers))


def test_nothing_secret_is_in_what_people_may_read(stand: Stand) -> None:
    token = stand.tokens.token(HERE, stand.soon())
    credentials = stand.secret.credentials()
    stand.wix.faults.script(Route.REPORT, Trouble.answer_cut())
    refused = Trouble.status(401, body={"error": "invalid_client", "error_description": f"not {APP.secret}"})
    stand.wix.faults.script(Route.TOKEN, refused, refused)
    said = repr([stand.report(), credentials, vars(stand.tokens), vars(stand.api), stand.secret])
    stand.tokens.drop(HERE, token)
    with pytest.raises(CallFailed) as raised:
        stand.tokens.token(HERE, stand.soon())
    said += "".join(traceback.format_exception(raised.value)) + repr(raised.value.answer)
    assert "wix connection fault" in said
    assert CREDENTIALS_REFUSED in said
    assert token not in said
    assert APP.secret not in said
