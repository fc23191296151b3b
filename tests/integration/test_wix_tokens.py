"""Tokens over real HTTP: when one is fetched, who shares it, and what becomes of events that get none."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from tests.sandbox.wix import Answer as WixAnswer
from tests.sandbox.wix import Route, Site, Trouble
from tests.sandbox.wix.samples import APP, guid
from tests.support.permits import UNLIMITED_PERMITS
from tests.support.waiting import AN_HOUR_SECONDS, PATIENCE_SECONDS
from tests.support.wix_harness import (
    ACCEPTED,
    CONNECT,
    ELSEWHERE,
    HERE,
    KEY_TTL_MS,
    READ,
    TRIGGER,
    Clock,
    WixHarness,
    a_report,
    outcomes_of,
    patient_session,
    switch,
    with_short_timeouts,
)
from trigger_provider.adapters.wix.automations import WixAutomations
from trigger_provider.adapters.wix.http import NO_TIME, CallFailed
from trigger_provider.adapters.wix.oauth import TOKEN_REFUSED
from trigger_provider.adapters.wix.responses import FORBIDDEN, UNAUTHORIZED
from trigger_provider.adapters.wix.token_cache import TokenCache
from trigger_provider.domain.delivery.results import ItemResult, ResultKind

RETRY, NOT_TRIED = ResultKind.RETRY, ResultKind.SKIPPED
PARKED, LIMITED, WAITS = ResultKind.FORBIDDEN, ResultKind.RATE_LIMITED, ResultKind.THROTTLED_LOCALLY


def test_a_token_is_fetched_once_for_many_calls(harness: WixHarness) -> None:
    for event in ("first", "second", "third"):
        assert outcomes_of(harness.report(event)) == [ACCEPTED]
    assert harness.calls(Route.TOKEN) == [200]
    assert harness.secrets.reads == 1


def test_each_site_has_a_token_of_its_own(harness: WixHarness) -> None:
    harness.report("first")
    harness.report("second", site=ELSEWHERE)
    assert [call.site for call in harness.wix.journal.calls(Route.TOKEN)] == [HERE, ELSEWHERE]
    assert [call.site for call in harness.wix.journal.calls(Route.REPORT)] == [HERE, ELSEWHERE]


@pytest.mark.parametrize("lifetime, margin", [(14_400, 60), (300, 30), (10, 1), (10**9, 10**9 - 86_400 + 60)])
def test_a_token_is_renewed_shortly_before_it_expires(harness: WixHarness, lifetime: int, margin: int) -> None:
    switch(harness, token_lifetime_seconds=lifetime)
    first = harness.tokens.token(HERE, harness.soon())
    harness.clock.ahead += (lifetime - margin) * 1000 - 1
    assert harness.tokens.token(HERE, harness.soon()) == first
    harness.clock.ahead += 1
    assert harness.tokens.token(HERE, harness.soon()) != first


@pytest.mark.parametrize("expires_in", [None, "300", -1, 0, []])
def test_a_token_of_unknown_lifetime_is_used_once(harness: WixHarness, expires_in: object) -> None:
    body = {"access_token": "a-token", "expires_in": expires_in}
    harness.wix.faults.script(Route.TOKEN, Trouble.status(200, body=body))
    assert harness.tokens.token(HERE, harness.soon()) == "a-token"
    assert harness.tokens.token(HERE, harness.soon()) != "a-token"


@dataclass
class SeenClock(Clock):
    """Knows which threads have looked at it: without a token, no thread does before it mints or waits for one."""

    seen_by: set[int] = field(default_factory=set)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def now(self) -> int:
        with self.changed:
            self.seen_by.add(threading.get_ident())
            self.changed.notify_all()
        return super().now()


def answers_of(threads: int, harness: WixHarness, trouble: Trouble) -> list[ItemResult]:
    """Report from so many threads without a token; the one that Wix is asked for is answered once all of them wait."""
    harness.wix.faults.script(Route.TOKEN, trouble)
    clock, deadline = SeenClock(), harness.soon()
    with patient_session(threads) as http, ThreadPoolExecutor(threads) as pool:
        tokens = TokenCache(http, harness.wix.url, harness.secret, clock, (CONNECT, READ), UNLIMITED_PERMITS)
        api = WixAutomations(
            http, harness.wix.url, tokens, harness.clock, (CONNECT, READ), KEY_TTL_MS, UNLIMITED_PERMITS
        )
        reports = [pool.submit(api.report, HERE, TRIGGER, [a_report()], deadline) for _ in range(threads)]
        with clock.changed:
            assert clock.changed.wait_for(lambda: len(clock.seen_by) == threads, PATIENCE_SECONDS)
        harness.wix.let_go()
        return [report.result()[0] for report in reports]


def test_threads_that_want_the_same_token_mint_it_once(harness: WixHarness) -> None:
    answers = answers_of(8, harness, Trouble.slow_answer(AN_HOUR_SECONDS))
    assert outcomes_of(answers) == [ACCEPTED] * 8
    assert harness.calls(Route.TOKEN) == [200]


def test_threads_that_wait_for_a_token_share_its_failure(harness: WixHarness) -> None:
    unwell = Trouble(answer=WixAnswer(503, {}), takes_effect=False, wait_after=AN_HOUR_SECONDS)
    answers = answers_of(8, harness, unwell)
    assert outcomes_of(answers) == [(RETRY, "no token: wix 503")] * 8
    assert harness.calls() == [503]


def test_a_thread_does_not_wait_for_another_ones_token_beyond_its_deadline(harness: WixHarness) -> None:
    harness.wix.faults.script(Route.TOKEN, Trouble.slow_answer(AN_HOUR_SECONDS))
    with ThreadPoolExecutor(1) as pool:
        patient = pool.submit(harness.tokens.token, HERE, harness.soon())
        assert harness.wix.journal.wait_until(lambda journal: len(journal) == 1)
        with pytest.raises(CallFailed) as gave_up:
            harness.tokens.token(HERE, harness.clock.now() + 50)
        assert not patient.done()
        assert gave_up.value.answer == ItemResult(NOT_TRIED, NO_TIME)
        harness.wix.let_go()
        assert patient.result()


def test_tokens_are_kept_for_the_sites_used_last(harness: WixHarness) -> None:
    sites = [guid(f"site {number}") for number in range(3)]
    for site in sites:
        harness.wix.add_site(Site(site))
    with patient_session(1) as http:
        tokens = TokenCache(
            http, harness.wix.url, harness.secret, harness.clock, (CONNECT, READ), UNLIMITED_PERMITS, most_sites=2
        )
        first, second, third = sites
        used = [first, second, first, third, first, second]
        for site in used:
            tokens.token(site, harness.soon())
    assert [call.site for call in harness.wix.journal.calls(Route.TOKEN)] == [first, second, third, second]


def test_only_the_token_that_failed_is_dropped(harness: WixHarness) -> None:
    first = harness.tokens.token(HERE, harness.soon())
    harness.tokens.drop(HERE, first)
    second = harness.tokens.token(HERE, harness.soon())
    assert second != first
    harness.tokens.drop(HERE, first)
    harness.tokens.drop(ELSEWHERE, first)
    assert harness.tokens.token(HERE, harness.soon()) == second


def test_a_401_is_answered_with_a_new_token(harness: WixHarness) -> None:
    harness.report("first")
    harness.wix.expire_tokens()
    assert outcomes_of(harness.report("second")) == [ACCEPTED]
    assert harness.calls(Route.REPORT) == [200, 401, 200]
    assert harness.calls(Route.TOKEN) == [200, 200]


def test_a_second_401_is_the_sites_trouble_and_not_argued_with(harness: WixHarness) -> None:
    harness.wix.faults.script(Route.REPORT, Trouble.status(401), times=2)
    assert outcomes_of(harness.report()) == [(PARKED, UNAUTHORIZED)]
    assert harness.calls() == [200, 401, 200, 401]


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_site_without_the_app_is_parked_alone(harness: WixHarness, status: int) -> None:
    switch(harness, unknown_instance_status=status)
    harness.wix.remove_app(APP.app_id, HERE)
    assert outcomes_of(harness.report()) == [(PARKED, f"{TOKEN_REFUSED}: wix {status} invalid_grant")]
    assert outcomes_of(harness.report(site=ELSEWHERE)) == [ACCEPTED]
    assert harness.secrets.reads == 1


def test_a_403_is_the_sites_trouble_and_what_comes_later_has_a_new_token(harness: WixHarness) -> None:
    harness.report("first")
    harness.wix.remove_app(APP.app_id, HERE)
    assert outcomes_of(harness.report("second")) == [(PARKED, FORBIDDEN)]
    harness.wix.install_app(APP.app_id, HERE)
    assert outcomes_of(harness.report("third")) == [ACCEPTED]
    assert harness.calls(Route.TOKEN) == [200, 200]


class Permits:
    """Keeps the port `Permits`: gives so many, and tells who asked."""

    def __init__(self, most: int) -> None:
        self.left = most
        self.asked: list[str] = []

    def acquire(self, site: str) -> ItemResult | None:
        self.asked.append(site)
        self.left -= 1
        return ItemResult(WAITS, "no call left", retry_after=9.0) if self.left < 0 else None


def permitted(harness: WixHarness, permits: Permits, *, tokens_too: bool) -> WixAutomations:
    """Return the client of a harness whose calls need permits."""
    timeouts = (CONNECT, READ)
    http = patient_session(4)
    tokens = TokenCache(
        http, harness.wix.url, harness.secret, harness.clock, timeouts, permits if tokens_too else UNLIMITED_PERMITS
    )  # fmt: skip
    return WixAutomations(http, harness.wix.url, tokens, harness.clock, timeouts, KEY_TTL_MS, permits)


def test_every_call_takes_a_permit_the_second_one_after_a_401_included(harness: WixHarness) -> None:
    permits = Permits(most=3)
    api = permitted(harness, permits, tokens_too=False)
    harness.wix.faults.script(Route.REPORT, Trouble.status(401))
    assert outcomes_of([*api.report(HERE, TRIGGER, [a_report("first")], harness.soon())]) == [ACCEPTED]
    assert permits.asked == [HERE, HERE]


def test_the_call_for_a_token_takes_one_where_it_counts(harness: WixHarness) -> None:
    permits = Permits(most=3)
    api = permitted(harness, permits, tokens_too=True)
    assert outcomes_of([*api.report(HERE, TRIGGER, [a_report("first")], harness.soon())]) == [ACCEPTED]
    assert permits.asked == [HERE, HERE]


@pytest.mark.parametrize("permits, calls", [(0, []), (1, [200]), (2, [200, 401]), (3, [200, 401, 200])])
def test_where_there_is_no_permit_no_call_is_made(harness: WixHarness, permits: int, calls: list[int]) -> None:
    api = permitted(harness, Permits(permits), tokens_too=True)
    harness.wix.faults.script(Route.REPORT, Trouble.status(401))
    [answer] = api.report(HERE, TRIGGER, [a_report("first")], harness.soon())
    assert (answer.kind, answer.reason, answer.retry_after) == (WAITS, "no call left", 9.0)
    assert harness.calls() == calls


@pytest.mark.parametrize(
    "trouble, reason",
    [
        (Trouble.status(500), "no token: wix 500"),
        (Trouble.status(302), "no token: wix 302"),
        (Trouble.not_json(), "no token: wix 200"),
        (Trouble.status(200, body={"access_token": "planted\r\nX-Evil: 1"}), "no token: wix 200"),
        (Trouble.status(200, body={"access_token": ""}), "no token: wix 200"),
        (Trouble.status(200, body={"access_token": 5}), "no token: wix 200"),
        (Trouble.answer_cut(), "wix connection fault"),
        (Trouble.answer_cut(half=True), "wix connection fault"),
    ],
)
def test_a_token_endpoint_in_trouble_makes_events_wait(harness: WixHarness, trouble: Trouble, reason: str) -> None:
    harness.wix.faults.script(Route.TOKEN, trouble)
    [answer] = harness.report("first")
    assert (answer.kind, answer.reason) == (RETRY, reason)
    assert outcomes_of(harness.report("second")) == [ACCEPTED]


def test_a_token_endpoint_that_is_asked_too_often_lets_the_site_wait(harness: WixHarness) -> None:
    harness.wix.faults.script(Route.TOKEN, Trouble.status(429, headers={"Retry-After": "9"}))
    [answer] = harness.report("first")
    assert (answer.kind, answer.reason) == (LIMITED, "no token: wix 429 RESOURCE_EXHAUSTED")
    assert answer.retry_after == 9.0
    assert outcomes_of(harness.report("second")) == [ACCEPTED]


def test_a_silent_token_endpoint_makes_events_wait(harness: WixHarness) -> None:
    harness.wix.faults.script(Route.TOKEN, Trouble.silence(AN_HOUR_SECONDS))
    with with_short_timeouts(harness, for_tokens=True) as gives_up:
        assert outcomes_of(gives_up.report()) == [(RETRY, "wix timeout")]
    assert harness.wix.journal.wait_until(lambda journal: len(journal.calls(Route.TOKEN)) == 1)
    assert outcomes_of(harness.report()) == [ACCEPTED]
