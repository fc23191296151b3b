"""The Wix client over real HTTP: tokens, faults, deadlines and bytes, with a Wix on loopback.

What the sandbox can't show is shown by `Line`, a server that answers whatever bytes it is given.
"""

from __future__ import annotations

import json
import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
from aws_lambda_powertools.utilities.parameters import SecretsProvider

from tests.sandbox.wix import Answer as WixAnswer
from tests.sandbox.wix import BadItem, Route, Switches, Trouble, WixSandbox
from tests.sandbox.wix.samples import APP, OTHER_SITE, PAYLOAD, SITE, guid
from trigger_provider.adapters.wix_answers import FORBIDDEN, UNAUTHORIZED
from trigger_provider.adapters.wix_automations import WixAutomations, session
from trigger_provider.adapters.wix_secret import WixSecret
from trigger_provider.adapters.wix_tokens import (
    NO_TIME,
    SECRET_UNUSABLE,
    TOKEN_REFUSED,
    CallFailed,
    CredentialsRefused,
    WixTokens,
)
from trigger_provider.errors import UnusableSecret
from trigger_provider.ports import CREDENTIALS_REFUSED, UNKNOWN_TO_WIX, Answer, EventReport, Verdict

HERE, ELSEWHERE = SITE.instance_id, OTHER_SITE.instance_id
TRIGGER = "invoice_due"
DONE, REFUSED, RETRY, UNSURE, NOT_TRIED = Verdict
CONNECT, READ, HASTY_READ = 0.5, 5.0, 0.3
KEY_TTL_MS = 1_900_800_000
GOOD_SECRET = json.dumps({"appId": APP.app_id, "appSecret": APP.secret})
OLD_SECRET = json.dumps({"appId": APP.app_id, "appSecret": "planted-old-secret"})
ACCEPTED = (DONE, "wix 200")
Result = TypeVar("Result")


@dataclass
class Clock:
    """Real time, and as far ahead of it as a test wants; or time that stands still but for that."""

    ahead: int = 0
    stands_at: int | None = None

    def now(self) -> int:
        return (int(time.time() * 1000) if self.stands_at is None else self.stands_at) + self.ahead


class Secrets:
    """Secrets Manager with one secret: each read gives the next of its values, the last one for ever."""

    def __init__(self, *values: str) -> None:
        self.values = list(values)
        self.reads = 0

    def get_secret_value(self, **_: str) -> dict[str, str]:
        self.reads += 1
        value = self.values.pop(0) if len(self.values) > 1 else self.values[0]
        if not value:
            raise PermissionError("planted: who may not read what")
        return {"SecretString": value}


@dataclass
class Stand:
    """A client and what it talks to."""

    wix: WixSandbox
    clock: Clock
    secrets: Secrets
    secret: WixSecret
    tokens: WixTokens
    api: WixAutomations

    def soon(self) -> int:
        return self.clock.now() + 60_000

    def report(self, *events: str, site: str = HERE) -> list[Answer]:
        return list(self.api.report(site, TRIGGER, [a_report(one) for one in events or ["an event"]], self.soon()))

    def cancel(self, *events: str) -> list[Answer]:
        return list(self.api.cancel(HERE, TRIGGER, [guid(one) for one in events or ["an event"]], self.soon()))

    def calls(self, route: str | None = None) -> list[int | None]:
        """Give the statuses of the calls that Wix has had."""
        return [call.status for call in self.wix.journal.calls(route)]

    def live(self) -> list[str | None]:
        return [one.external_entity_id for one in self.wix.live_events(HERE, TRIGGER)]


@contextmanager
def a_client(
    url: str, clock: Clock, secrets: Secrets, read: float
) -> Iterator[tuple[WixSecret, WixTokens, WixAutomations]]:
    client: Any = secrets
    secret = WixSecret(SecretsProvider(boto3_client=client), "a secret", APP.app_id)
    with session(16) as http:
        tokens = WixTokens(http, url, secret, clock, (CONNECT, read))
        yield secret, tokens, WixAutomations(http, url, tokens, clock, CONNECT, read, KEY_TTL_MS)


@contextmanager
def a_stand(read: float) -> Iterator[Stand]:
    clock, secrets = Clock(), Secrets(GOOD_SECRET)
    with (
        WixSandbox([APP], [SITE, OTHER_SITE], clock=lambda: clock.now() / 1000) as wix,
        a_client(wix.url, clock, secrets, read) as (secret, tokens, api),
    ):
        yield Stand(wix, clock, secrets, secret, tokens, api)


@pytest.fixture
def stand() -> Iterator[Stand]:
    with a_stand(READ) as stand:
        yield stand


@pytest.fixture
def hasty() -> Iterator[Stand]:
    """A client that soon stops waiting."""
    with a_stand(HASTY_READ) as stand:
        yield stand


def a_report(event: str = "an event", payload: str | None = None) -> EventReport:
    return EventReport(guid(event), f"key of {event}", payload or json.dumps(PAYLOAD))


def meanings(answers: list[Answer]) -> list[tuple[Verdict, str]]:
    return [(answer.verdict, answer.reason) for answer in answers]


def switch(stand: Stand, **switches: Any) -> None:  # noqa: ANN401 # any switch
    stand.wix.switches = replace(stand.wix.switches, **switches)


# Tokens


def test_a_token_is_minted_once_for_many_calls(stand: Stand) -> None:
    for event in ("first", "second", "third"):
        assert meanings(stand.report(event)) == [ACCEPTED]
    assert stand.calls(Route.TOKEN) == [200]
    assert stand.secrets.reads == 1


def test_each_site_has_a_token_of_its_own(stand: Stand) -> None:
    stand.report("first")
    stand.report("second", site=ELSEWHERE)
    assert [call.site for call in stand.wix.journal.calls(Route.TOKEN)] == [HERE, ELSEWHERE]
    assert [call.site for call in stand.wix.journal.calls(Route.REPORT)] == [HERE, ELSEWHERE]


@pytest.mark.parametrize("lifetime, margin", [(14_400, 60), (300, 30), (10, 1), (10**9, 10**9 - 86_400 + 60)])
def test_a_token_is_renewed_shortly_before_it_expires(stand: Stand, lifetime: int, margin: int) -> None:
    switch(stand, token_lifetime_seconds=lifetime)
    stand.clock.stands_at = stand.clock.now()
    first = stand.tokens.token(HERE, stand.soon())
    stand.clock.ahead += (lifetime - margin) * 1000 - 1
    assert stand.tokens.token(HERE, stand.soon()) == first
    stand.clock.ahead += 1
    assert stand.tokens.token(HERE, stand.soon()) != first


@pytest.mark.parametrize("expires_in", [None, "300", -1, 0, []])
def test_a_token_of_unknown_lifetime_is_used_once(stand: Stand, expires_in: object) -> None:
    body = {"access_token": "a-token", "expires_in": expires_in}
    stand.wix.faults.script(Route.TOKEN, Trouble.status(200, body=body))
    assert stand.tokens.token(HERE, stand.soon()) == "a-token"
    assert stand.tokens.token(HERE, stand.soon()) != "a-token"


def test_threads_that_want_the_same_token_mint_it_once(stand: Stand) -> None:
    stand.wix.faults.script(Route.TOKEN, Trouble.slow_answer(0.2))
    tokens = at_once(8, lambda: stand.tokens.token(HERE, stand.soon()))
    assert len(set(tokens)) == 1
    assert stand.calls(Route.TOKEN) == [200]


def test_threads_that_wait_for_a_token_share_its_failure(stand: Stand) -> None:
    unwell = Trouble(answer=WixAnswer(503, {}), takes_effect=False, wait_after=0.5)
    stand.wix.faults.script(Route.TOKEN, unwell)
    answers = at_once(8, lambda: stand.report()[0])
    assert {(answer.verdict, answer.reason) for answer in answers} == {(RETRY, "no token: wix 503")}
    assert stand.calls() == [503]


def test_a_thread_does_not_wait_for_another_ones_token_beyond_its_deadline(stand: Stand) -> None:
    stand.wix.faults.script(Route.TOKEN, Trouble.slow_answer(0.5))
    with ThreadPoolExecutor(1) as pool:
        patient = pool.submit(stand.tokens.token, HERE, stand.soon())
        assert stand.wix.journal.wait_until(lambda journal: len(journal) == 1)
        with pytest.raises(CallFailed) as hasty:
            stand.tokens.token(HERE, stand.clock.now() + 50)
        assert not patient.done()
        assert hasty.value.answer == Answer(NOT_TRIED, NO_TIME)
        assert patient.result()


def test_only_the_token_that_failed_is_dropped(stand: Stand) -> None:
    first = stand.tokens.token(HERE, stand.soon())
    stand.tokens.drop(HERE, first)
    second = stand.tokens.token(HERE, stand.soon())
    assert second != first
    stand.tokens.drop(HERE, first)
    stand.tokens.drop(ELSEWHERE, first)
    assert stand.tokens.token(HERE, stand.soon()) == second


def test_a_401_is_answered_with_a_new_token(stand: Stand) -> None:
    stand.report("first")
    stand.wix.expire_tokens()
    assert meanings(stand.report("second")) == [ACCEPTED]
    assert stand.calls(Route.REPORT) == [200, 401, 200]
    assert stand.calls(Route.TOKEN) == [200, 200]


def test_a_second_401_is_not_argued_with(stand: Stand) -> None:
    stand.wix.faults.script(Route.REPORT, Trouble.status(401), times=2)
    assert meanings(stand.report()) == [(RETRY, UNAUTHORIZED)]
    assert stand.calls() == [200, 401, 200, 401]


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_site_without_the_app_waits_alone(stand: Stand, status: int) -> None:
    switch(stand, unknown_instance_status=status)
    stand.wix.remove_app(APP.app_id, HERE)
    assert meanings(stand.report()) == [(RETRY, f"{TOKEN_REFUSED}: wix {status} invalid_grant")]
    assert meanings(stand.report(site=ELSEWHERE)) == [ACCEPTED]
    assert stand.secrets.reads == 1


def test_a_403_waits(stand: Stand) -> None:
    stand.report("first")
    stand.wix.remove_app(APP.app_id, HERE)
    assert meanings(stand.report("second")) == [(RETRY, FORBIDDEN)]


@pytest.mark.parametrize(
    "trouble, reason",
    [
        (Trouble.status(500), "no token: wix 500"),
        (Trouble.status(429, headers={"Retry-After": "9"}), "no token: wix 429 RESOURCE_EXHAUSTED"),
        (Trouble.status(302), "no token: wix 302"),
        (Trouble.status(403), f"{TOKEN_REFUSED}: wix 403 PERMISSION_DENIED"),
        (Trouble.not_json(), "no token: wix 200"),
        (Trouble.status(200, body={"access_token": "planted\r\nX-Evil: 1"}), "no token: wix 200"),
        (Trouble.status(200, body={"access_token": ""}), "no token: wix 200"),
        (Trouble.status(200, body={"access_token": 5}), "no token: wix 200"),
        (Trouble.answer_cut(), "wix connection fault"),
        (Trouble.answer_cut(half=True), "wix connection fault"),
    ],
)
def test_a_token_endpoint_in_trouble_makes_events_wait(stand: Stand, trouble: Trouble, reason: str) -> None:
    stand.wix.faults.script(Route.TOKEN, trouble)
    [answer] = stand.report("first")
    assert (answer.verdict, answer.reason) == (RETRY, reason)
    assert answer.retry_after == (9.0 if "429" in reason else None)
    assert meanings(stand.report("second")) == [ACCEPTED]


def test_a_silent_token_endpoint_makes_events_wait(hasty: Stand) -> None:
    hasty.wix.faults.script(Route.TOKEN, Trouble.silence())
    assert meanings(hasty.report()) == [(RETRY, "wix timeout")]
    assert meanings(hasty.report()) == [ACCEPTED]


# The app's secret


@pytest.mark.parametrize("status", [401, 400])
def test_a_rotated_secret_is_read_anew_when_wix_refuses_the_old_one(stand: Stand, status: int) -> None:
    switch(stand, unknown_client_status=status)
    stand.secrets.values = [OLD_SECRET, GOOD_SECRET]
    assert meanings(stand.report("first")) == [ACCEPTED]
    assert stand.calls() == [status, 200, 200]
    assert stand.secrets.reads == 2


def test_a_secret_that_is_refused_twice_is_the_apps_trouble(stand: Stand) -> None:
    stand.secrets.values = [OLD_SECRET]
    assert meanings(stand.report("one", "two")) == [(RETRY, CREDENTIALS_REFUSED)] * 2
    assert stand.calls() == [401, 401]
    assert stand.secrets.reads == 2
    with pytest.raises(CredentialsRefused):
        stand.tokens.token(HERE, stand.soon())


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


# Calls that fail


@pytest.mark.parametrize(
    "trouble, verdict, reason",
    [
        (Trouble.status(503), RETRY, "wix 503"),
        (Trouble.status(500, takes_effect=True), RETRY, "wix 500"),
        (Trouble.dropped(), RETRY, "wix connection fault"),
        (Trouble.answer_cut(), RETRY, "wix connection fault"),
        (Trouble.answer_cut(half=True), RETRY, "wix connection fault"),
        (Trouble.not_json(), RETRY, "wix 200 without a JSON object"),
        (Trouble.not_json(status=502), RETRY, "wix 502"),
        (Trouble.status(307, headers={"Location": "/elsewhere"}), UNSURE, "wix 307"),
    ],
)
@pytest.mark.parametrize("events", [["an event"], ["an event", "another"]])
def test_after_a_fault_the_same_again_makes_no_second_event(
    stand: Stand, events: list[str], trouble: Trouble, verdict: Verdict, reason: str
) -> None:
    stand.wix.faults.script(Route.REPORT if len(events) == 1 else Route.BULK_REPORT, trouble)
    assert meanings(stand.report(*events)) == [(verdict, reason)] * len(events)
    assert meanings(stand.report(*events)) == [ACCEPTED] * len(events)
    assert stand.live() == [guid(one) for one in events]
    assert len(stand.calls()) == 3


@pytest.mark.parametrize("takes_effect", [False, True])
def test_after_silence_the_same_again_makes_no_second_event(hasty: Stand, *, takes_effect: bool) -> None:
    hasty.wix.faults.script(Route.REPORT, Trouble.silence(takes_effect=takes_effect))
    assert meanings(hasty.report()) == [(RETRY, "wix timeout")]
    assert meanings(hasty.report()) == [ACCEPTED]
    assert hasty.live() == [guid("an event")]
    assert len(hasty.calls()) == 3


def test_wix_unwell_twice_is_asked_once_each_time(stand: Stand) -> None:
    stand.wix.faults.script(Route.REPORT, Trouble.status(503), times=2)
    assert [meanings(stand.report())[0][0] for _ in range(3)] == [RETRY, RETRY, DONE]
    assert stand.calls(Route.REPORT) == [503, 503, 200]


def test_a_429_says_how_long_to_wait(stand: Stand) -> None:
    switch(stand, calls_per_minute=1, retry_after_seconds=17)
    assert meanings(stand.report("first")) == [ACCEPTED]
    [answer] = stand.report("second")
    assert (answer.verdict, answer.reason) == (RETRY, "wix 429 RESOURCE_EXHAUSTED")
    assert answer.retry_after == 17.0


def test_one_refused_item_of_a_bulk_call_is_refused_alone(stand: Stand) -> None:
    bad = BadItem("SCHEMA_VALIDATION_FAILED", external_entity_id=guid("second"))
    stand.wix.faults.script(Route.BULK_REPORT, Trouble.failed_items(bad))
    refused = (REFUSED, "wix item SCHEMA_VALIDATION_FAILED")
    assert meanings(stand.report("first", "second", "third")) == [ACCEPTED, refused, ACCEPTED]
    assert stand.live() == [guid("first"), guid("third")]


@pytest.mark.parametrize(
    "switches",
    [Switches(), Switches(defaults_left_out=False), Switches(bulk_results_reversed=True)],
    ids=["defaults left out", "defaults written", "reversed"],
)
def test_bulk_results_are_read_however_wix_writes_them(stand: Stand, switches: Switches) -> None:
    stand.wix.switches = switches
    broken = a_report("second", '{"contact_id": "nobody"}')
    reports = [a_report("first"), broken, a_report("third")]
    answers = stand.api.report(HERE, TRIGGER, reports, stand.soon())
    assert [answer.verdict for answer in answers] == [DONE, REFUSED, DONE]
    assert [len(answer.activation_ids) for answer in answers] == [1, 0, 1]


def test_failures_without_details_are_tried_again(stand: Stand) -> None:
    switch(stand, detailed_failures_at_most=1)
    reports = [a_report(one, "{}") for one in ("first", "second")] + [a_report("third")]
    answers = stand.api.report(HERE, TRIGGER, reports, stand.soon())
    assert [answer.verdict for answer in answers] == [REFUSED, RETRY, DONE]


def test_an_item_that_spoils_a_whole_call_does_not_take_its_neighbours_along(stand: Stand) -> None:
    switch(stand, bulk_violation_refuses_call=True)
    reports = [a_report("first"), replace(a_report(), event_id="no guid"), a_report("third")]
    answers = list(stand.api.report(HERE, TRIGGER, reports, stand.soon()))
    neighbour = (RETRY, "wix 400 because of a neighbour")
    assert meanings(answers) == [neighbour, (REFUSED, "wix 400 /externalEntityId FORMAT"), neighbour]


def test_an_unknown_event_is_cancelled_whatever_wix_says(stand: Stand) -> None:
    switch(stand, unknown_entity_not_found=True)
    assert meanings(stand.cancel("one")) == [(DONE, UNKNOWN_TO_WIX)]
    assert meanings(stand.cancel("one", "two")) == [(DONE, UNKNOWN_TO_WIX)] * 2


def test_a_cancel_that_is_refused_says_so(stand: Stand) -> None:
    stand.wix.faults.script(Route.CANCEL, Trouble.status(428))
    assert meanings(stand.cancel()) == [(REFUSED, "wix 428 FAILED_PRECONDITION")]


def test_every_answer_bears_wix_own_request_id(stand: Stand) -> None:
    stand.wix.faults.script(Route.REPORT, Trouble.status(503), Trouble.status(401), Trouble.status(401))
    stand.wix.faults.script(Route.TOKEN, Trouble.status(500, site=ELSEWHERE))
    answers = [*stand.report("a", "b"), *stand.report(), *stand.report(), *stand.report(), *stand.cancel()]
    answers += stand.report(site=ELSEWHERE)
    assert {answer.wix_request_id for answer in answers} <= {call.request_id for call in stand.wix.journal}
    assert answers[0].wix_request_id == answers[1].wix_request_id
    assert len({answer.wix_request_id for answer in answers}) == 6


def test_a_wix_that_is_not_there_is_a_fault(stand: Stand) -> None:
    stand.report("first")
    stand.wix.stop()
    assert meanings(stand.report("second")) == [(RETRY, "wix connection fault")]


# Calls and their sizes


def test_250_events_go_in_three_calls(stand: Stand) -> None:
    events = [f"event {number}" for number in range(250)]
    assert meanings(stand.report(*events)) == [ACCEPTED] * 250
    assert [len(call.items) for call in stand.wix.journal.calls(Route.BULK_REPORT)] == [100, 100, 50]
    assert stand.live() == [guid(one) for one in events]
    assert meanings(stand.cancel(*events)) == [ACCEPTED] * 250
    assert [len(call.items) for call in stand.wix.journal.calls(Route.BULK_CANCEL)] == [100, 100, 50]
    assert stand.live() == []


def test_one_part_that_fails_leaves_the_others_alone(stand: Stand) -> None:
    stand.wix.faults.script(Route.BULK_CANCEL, Trouble.status(200, body={}), Trouble.status(503))
    answers = stand.cancel(*(f"event {number}" for number in range(201)))
    assert {answer.reason for answer in answers[:100]} == {"wix gave no result"}
    assert {answer.reason for answer in answers[100:200]} == {"wix 503"}
    assert meanings(answers[200:]) == [ACCEPTED]
    assert stand.calls(Route.CANCEL) == [200]


def test_threads_share_one_client(stand: Stand) -> None:
    numbers = iter(range(16))
    lock = threading.Lock()

    def report_one() -> list[tuple[Verdict, str]]:
        with lock:
            event = f"event {next(numbers)}"
        return meanings(stand.report(event))

    assert at_once(16, report_one) == [[ACCEPTED]] * 16
    assert len(stand.live()) == 16


# Deadlines


def test_a_call_that_could_not_end_in_time_is_not_started(hasty: Stand) -> None:
    hasty.clock.stands_at = hasty.clock.now()
    needed = int((CONNECT + 2 * HASTY_READ) * 1000)
    too_soon, just_right = hasty.clock.now() + needed - 1, hasty.clock.now() + needed
    assert list(hasty.api.report(HERE, TRIGGER, [a_report()], too_soon)) == [Answer(NOT_TRIED, NO_TIME)]
    assert list(hasty.api.cancel(HERE, TRIGGER, ["one", "two"], too_soon)) == [Answer(NOT_TRIED, NO_TIME)] * 2
    assert hasty.calls() == []
    assert meanings(list(hasty.api.report(HERE, TRIGGER, [a_report()], just_right))) == [ACCEPTED]


class SlowTokens(WixTokens):
    """Tokens that take half a minute each."""

    def token(self, site: str, deadline: int) -> str:
        token = super().token(site, deadline)
        clock: Any = self._clock
        clock.ahead += 30_000
        return token


def test_what_no_time_was_left_for_is_told_from_what_was_sent(stand: Stand) -> None:
    with session(1) as http:
        tokens = SlowTokens(http, stand.wix.url, stand.secret, stand.clock, (CONNECT, READ))
        api = WixAutomations(http, stand.wix.url, tokens, stand.clock, CONNECT, READ, KEY_TTL_MS)
        reports = [a_report(f"event {number}") for number in range(150)]
        answers = list(api.report(HERE, TRIGGER, reports, stand.clock.now() + 60_000))
    assert meanings(answers) == [ACCEPTED] * 100 + [(NOT_TRIED, NO_TIME)] * 50
    assert len(stand.live()) == 100


def test_a_call_waits_no_longer_than_its_deadline_allows(stand: Stand) -> None:
    stand.tokens.token(HERE, stand.soon())
    stand.wix.faults.script(Route.REPORT, Trouble.silence())
    deadline = stand.clock.now() + 3_000
    [answer] = stand.api.report(HERE, TRIGGER, [a_report()], deadline)
    assert (answer.verdict, answer.reason) == (RETRY, "wix timeout")
    assert stand.clock.now() <= deadline


# Bytes on the wire


class Line:
    """A server that keeps what it is sent and answers each request with the next bytes of its script, then 200."""

    TOKEN = b'{"access_token": "a-token", "expires_in": 14400}'

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.connections = 0
        self._script: list[Callable[[socket.socket], None]] = []
        self._closing = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        self._closing.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        self._listener.close()

    def answer(self, answer: bytes, *, hang_up: bool = False) -> None:
        """Script an answer."""

        def send(client: socket.socket) -> None:
            client.sendall(answer)
            if hang_up:
                client.shutdown(socket.SHUT_RDWR)

        self._script.append(send)

    def trickle(self, head: bytes, rest: bytes) -> None:
        """Script an answer that comes byte by byte and never ends by itself."""

        def send(client: socket.socket) -> None:
            client.sendall(head)
            while not self._closing.wait(0.02):
                client.sendall(rest)

        self._script.append(send)

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._threads.append(threading.Thread(target=self._serve, args=(client,)))
            self._threads[-1].start()

    def _serve(self, client: socket.socket) -> None:
        client.settimeout(5)
        with client, client.makefile("rb") as stream:
            try:
                while request := stream.readline():
                    self._answer(client, *self._read(request, stream))
            except OSError:
                return

    def _read(self, request: bytes, stream: Any) -> tuple[str, dict[str, str], bytes]:  # noqa: ANN401 # a socket's file
        headers = {}
        while (line := stream.readline().decode().strip()) != "":
            name, _, value = line.partition(": ")
            headers[name.lower()] = value
        return request.decode().split()[1], headers, stream.read(int(headers["content-length"]))

    def _answer(self, client: socket.socket, path: str, headers: dict[str, str], body: bytes) -> None:
        if path == Route.TOKEN.path:
            client.sendall(ok(self.TOKEN))
            return
        self.requests.append((path, headers, body))
        if not self._script:
            self.answer(ok(b"{}"))
        self._script.pop(0)(client)


def ok(body: bytes, *headers: str) -> bytes:
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@pytest.fixture
def line() -> Iterator[Line]:
    line = Line()
    yield line
    line.close()


@pytest.fixture
def wired(line: Line) -> Iterator[WixAutomations]:
    with a_client(line.url, Clock(), Secrets(GOOD_SECRET), HASTY_READ) as (_, _, api):
        yield api


def soon() -> int:
    return Clock().now() + 60_000


def test_a_single_report_is_written_as_wix_documents_it(line: Line, wired: WixAutomations) -> None:
    wired.report(HERE, TRIGGER, [EventReport(guid("x"), "a key", '{"amount":12.50,"who":"Zoë"}')], soon())
    [(path, headers, body)] = line.requests
    assert path == "/automations/v1/events/report"
    assert headers["authorization"] == "a-token"
    assert headers["content-type"] == "application/json"
    assert json.loads(body) == {
        "triggerKey": TRIGGER,
        "payload": {"amount": 12.5, "who": "Zoë"},
        "externalEntityId": guid("x"),
        "idempotency": {"key": "a key", "ttlInMilliseconds": "1900800000"},
    }
    assert '"payload":{"amount":12.50,"who":"Zoë"}'.encode() in body


def test_a_bulk_report_is_written_as_wix_documents_it(line: Line, wired: WixAutomations) -> None:
    wired.report(HERE, 'quo"ted', [EventReport(guid("x"), "k1", '{"a":1}'), EventReport(guid("y"), "k2", "{}")], soon())
    [(path, _, body)] = line.requests
    assert path == "/automations/v1/events/bulk-report"
    assert json.loads(body) == {
        "triggerKey": 'quo"ted',
        "eventsInfo": [
            {
                "payload": {"a": 1},
                "externalEntityId": guid("x"),
                "idempotency": {"key": "k1", "ttlInMilliseconds": "1900800000"},
            },
            {
                "payload": {},
                "externalEntityId": guid("y"),
                "idempotency": {"key": "k2", "ttlInMilliseconds": "1900800000"},
            },
        ],
    }


def test_cancels_are_written_as_wix_documents_them(line: Line, wired: WixAutomations) -> None:
    wired.cancel(HERE, TRIGGER, [guid("x")], soon())
    wired.cancel(HERE, TRIGGER, [guid("x"), guid("y")], soon())
    assert [(path, json.loads(body)) for path, _, body in line.requests] == [
        ("/automations/v1/events/cancel", {"externalEntityId": guid("x"), "triggerKey": TRIGGER}),
        ("/automations/v1/events/bulk-cancel", {"triggerKey": TRIGGER, "externalEntityIds": [guid("x"), guid("y")]}),
    ]


def test_half_a_character_is_sent_as_json_escapes_it(line: Line, wired: WixAutomations) -> None:
    wired.report(HERE, TRIGGER, [EventReport(guid("x"), "k", '{"a":"\ud83d"}')], soon())
    assert b'{"a":"\\ud83d"}' in line.requests[0][2]


def test_calls_one_after_the_other_share_a_connection(line: Line, wired: WixAutomations) -> None:
    for _ in range(3):
        assert wired.report(HERE, TRIGGER, [a_report()], soon())[0].verdict is DONE
    assert line.connections == 1


def test_a_redirect_is_not_followed(line: Line, wired: WixAutomations) -> None:
    moved = f"HTTP/1.1 307 Moved\r\nLocation: {line.url}/elsewhere\r\nContent-Length: 0\r\n\r\n".encode()
    line.answer(moved)
    assert meanings(list(wired.report(HERE, TRIGGER, [a_report()], soon()))) == [(UNSURE, "wix 307")]
    assert len(line.requests) == 1


def test_cookies_and_passwords_of_the_machine_are_left_alone(
    line: Line, wired: WixAutomations, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login someone password planted", "utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    line.answer(ok(b"{}", "Set-Cookie: site=first"))
    for _ in range(2):
        assert wired.report(HERE, TRIGGER, [a_report()], soon())[0].verdict is DONE
    assert [headers["authorization"] for _, headers, _ in line.requests] == ["a-token"] * 2
    assert all("cookie" not in headers for _, headers, _ in line.requests)


@pytest.mark.parametrize(
    "answer",
    [b"no HTTP at all\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", b""],
    ids=["no HTTP", "no status", "too short", "nothing"],
)
def test_bytes_that_are_no_answer_are_a_fault(line: Line, wired: WixAutomations, answer: bytes) -> None:
    line.answer(answer, hang_up=True)
    answers = list(wired.report(HERE, TRIGGER, [a_report()], soon()))
    assert meanings(answers) == [(RETRY, "wix connection fault")]


def test_an_answer_in_chunks_is_read_to_its_end(line: Line, wired: WixAutomations) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = b'14\r\n{"activationIds": ["\r\n6\r\nid"]} \r\n0\r\n\r\n'
    line.answer(head + body)
    [answer] = wired.report(HERE, TRIGGER, [a_report()], soon())
    assert answer == Answer(DONE, "wix 200", activation_ids=("id",))


def test_an_answer_without_end_is_given_up_by_its_length(line: Line, wired: WixAutomations) -> None:
    line.trickle(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n", b" " * 200_000)
    assert meanings(list(wired.report(HERE, TRIGGER, [a_report()], soon()))) == [(RETRY, "wix answer too long")]


def test_an_answer_that_trickles_in_is_given_up_in_time(line: Line, wired: WixAutomations) -> None:
    line.trickle(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b" ")
    started = time.monotonic()
    assert meanings(list(wired.report(HERE, TRIGGER, [a_report()], soon()))) == [(RETRY, "wix timeout")]
    assert time.monotonic() - started < CONNECT + 2 * HASTY_READ + 1


def at_once(threads: int, call: Callable[[], Result]) -> list[Result]:
    """Call from so many threads that start together."""
    gate = threading.Barrier(threads)

    def through() -> Result:
        gate.wait(5)
        return call()

    with ThreadPoolExecutor(threads) as pool:
        return [future.result() for future in [pool.submit(through) for _ in range(threads)]]
