"""Reports and cancels over real HTTP: calls that fail, calls of any size, and deadlines."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.sandbox.wix import BadItem, Route, Switches, Trouble
from tests.sandbox.wix.samples import guid
from tests.support.permits import UNLIMITED_PERMITS
from tests.support.waiting import AN_HOUR_SECONDS
from tests.support.wix_harness import (
    ACCEPTED,
    CONNECT,
    ELSEWHERE,
    HERE,
    KEY_TTL_MS,
    READ,
    TRIGGER,
    WixHarness,
    a_report,
    call_together,
    outcomes_of,
    patient_session,
    switch,
    timeouts_of,
    with_short_timeouts,
)
from trigger_provider.adapters.wix.automations import WixAutomations
from trigger_provider.adapters.wix.http import NO_TIME
from trigger_provider.adapters.wix.token_cache import TokenCache
from trigger_provider.domain.delivery.results import UNKNOWN_TO_WIX, ItemResult, ResultKind

DONE, REFUSED, RETRY, UNSURE, NOT_TRIED, _, LIMITED, _ = ResultKind

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
        (Trouble.status(307, headers={"Location": "/elsewhere"}), RETRY, "wix 307"),
    ],
)
@pytest.mark.parametrize("events", [["an event"], ["an event", "another"]])
def test_after_a_fault_the_same_again_makes_no_second_event(
    harness: WixHarness, events: list[str], trouble: Trouble, verdict: ResultKind, reason: str
) -> None:
    harness.wix.faults.script(Route.REPORT if len(events) == 1 else Route.BULK_REPORT, trouble)
    assert outcomes_of(harness.report(*events)) == [(verdict, reason)] * len(events)
    assert outcomes_of(harness.report(*events)) == [ACCEPTED] * len(events)
    assert harness.live() == [guid(event) for event in events]
    assert len(harness.calls()) == 3


@pytest.mark.parametrize("takes_effect", [False, True])
def test_after_silence_the_same_again_makes_no_second_event(harness: WixHarness, *, takes_effect: bool) -> None:
    harness.tokens.token(HERE, harness.soon())
    harness.wix.faults.script(Route.REPORT, Trouble.silence(AN_HOUR_SECONDS, takes_effect=takes_effect))
    with with_short_timeouts(harness) as gives_up:
        assert outcomes_of(gives_up.report()) == [(RETRY, "wix timeout")]
    assert harness.wix.journal.wait_until(lambda journal: len(journal.calls(Route.REPORT)) == 1)
    assert outcomes_of(harness.report()) == [ACCEPTED]
    assert harness.live() == [guid("an event")]
    assert len(harness.calls()) == 3


def test_wix_unwell_twice_is_asked_once_each_time(harness: WixHarness) -> None:
    harness.wix.faults.script(Route.REPORT, Trouble.status(503), times=2)
    assert [outcomes_of(harness.report())[0][0] for _ in range(3)] == [RETRY, RETRY, DONE]
    assert harness.calls(Route.REPORT) == [503, 503, 200]


def test_a_429_says_how_long_to_wait(harness: WixHarness) -> None:
    switch(harness, calls_per_minute=1, retry_after_seconds=17)
    assert outcomes_of(harness.report("first")) == [ACCEPTED]
    [answer] = harness.report("second")
    assert (answer.kind, answer.reason) == (LIMITED, "wix 429 RESOURCE_EXHAUSTED")
    assert answer.retry_after == 17.0


def test_one_refused_item_of_a_bulk_call_is_refused_alone(harness: WixHarness) -> None:
    bad = BadItem("SCHEMA_VALIDATION_FAILED", external_entity_id=guid("second"))
    harness.wix.faults.script(Route.BULK_REPORT, Trouble.failed_items(bad))
    refused = (REFUSED, "wix item SCHEMA_VALIDATION_FAILED")
    assert outcomes_of(harness.report("first", "second", "third")) == [ACCEPTED, refused, ACCEPTED]
    assert harness.live() == [guid("first"), guid("third")]


@pytest.mark.parametrize(
    "switches",
    [Switches(), Switches(defaults_left_out=False), Switches(bulk_results_reversed=True)],
    ids=["defaults left out", "defaults written", "reversed"],
)
def test_bulk_results_are_read_however_wix_writes_them(harness: WixHarness, switches: Switches) -> None:
    harness.wix.switches = switches
    broken = a_report("second", '{"contact_id": "nobody"}')
    reports = [a_report("first"), broken, a_report("third")]
    answers = harness.api.report(HERE, TRIGGER, reports, harness.soon())
    assert [answer.kind for answer in answers] == [DONE, REFUSED, DONE]
    assert [len(answer.activation_ids) for answer in answers] == [1, 0, 1]


def test_failures_without_details_are_tried_again(harness: WixHarness) -> None:
    switch(harness, detailed_failures_at_most=1)
    reports = [a_report(literal, "{}") for literal in ("first", "second")] + [a_report("third")]
    answers = harness.api.report(HERE, TRIGGER, reports, harness.soon())
    assert [answer.kind for answer in answers] == [REFUSED, RETRY, DONE]


def test_an_item_that_spoils_a_whole_call_does_not_take_its_neighbours_along(harness: WixHarness) -> None:
    switch(harness, bulk_violation_refuses_call=True)
    reports = [a_report("first"), a_report()._replace(event_id="no guid"), a_report("third")]
    answers = list(harness.api.report(HERE, TRIGGER, reports, harness.soon()))
    neighbour = (RETRY, "wix 400 because of a neighbour")
    assert outcomes_of(answers) == [neighbour, (REFUSED, "wix 400 /externalEntityId FORMAT"), neighbour]


def test_an_item_that_spoils_a_whole_call_is_found_even_if_wix_does_not_name_it(harness: WixHarness) -> None:
    names = [f"event {number}" for number in range(9)]
    reports = [a_report(name) for name in names]
    # No object: nothing of the call can be read, and the answer is a message and no more.
    reports[5] = a_report(names[5], "[]")
    answers = list(harness.api.report(HERE, TRIGGER, reports, harness.soon()))
    assert outcomes_of(answers) == [ACCEPTED] * 5 + [(REFUSED, "wix 400")] + [ACCEPTED] * 3
    assert harness.live() == [guid(name) for name in names if name != names[5]]
    assert harness.calls(Route.BULK_REPORT) == [400, 200, 400, 400, 200]
    assert harness.calls(Route.REPORT) == [400, 200]


def test_a_call_that_is_too_large_for_wix_is_made_smaller(harness: WixHarness) -> None:
    harness.wix.faults.script(Route.BULK_REPORT, Trouble.not_json("<h1>Too Large</h1>", status=413, takes_effect=False))
    assert outcomes_of(harness.report("a", "b", "c", "d")) == [ACCEPTED] * 4
    assert harness.calls(Route.BULK_REPORT) == [413, 200, 200]


def test_a_call_that_is_refused_for_its_trigger_is_not_asked_again(harness: WixHarness) -> None:
    reports = [a_report("first"), a_report("second")]
    answers = list(harness.api.report(HERE, "nobody_s", reports, harness.soon()))
    assert outcomes_of(answers) == [(REFUSED, "wix 404 NOT_FOUND")] * 2
    answers = list(harness.api.report(HERE, "x" * 101, reports, harness.soon()))
    assert outcomes_of(answers) == [(REFUSED, "wix 400 /triggerKey OUT_OF_RANGE")] * 2
    assert harness.calls(Route.BULK_REPORT) == [404, 400]
    assert harness.calls(Route.REPORT) == []


@pytest.mark.parametrize("status", [400, 403, 404, 428])
def test_a_page_of_somebody_between_us_and_wix_ends_no_event(harness: WixHarness, status: int) -> None:
    page = Trouble.not_json("<h1>Not here</h1>", status=status, takes_effect=False)
    harness.wix.faults.script(Route.REPORT, page)
    harness.wix.faults.script(Route.CANCEL, page)
    assert outcomes_of(harness.report()) == [(RETRY, f"wix {status} without a JSON object")]
    assert outcomes_of(harness.cancel()) == [(RETRY, f"wix {status} without a JSON object")]


def test_an_unknown_event_is_cancelled_whatever_wix_says(harness: WixHarness) -> None:
    switch(harness, unknown_entity_not_found=True)
    assert outcomes_of(harness.cancel("one")) == [(DONE, UNKNOWN_TO_WIX)]
    assert outcomes_of(harness.cancel("one", "two")) == [(DONE, UNKNOWN_TO_WIX)] * 2


def test_a_cancel_that_is_refused_says_so(harness: WixHarness) -> None:
    harness.wix.faults.script(Route.CANCEL, Trouble.status(428))
    assert outcomes_of(harness.cancel()) == [(REFUSED, "wix 428 FAILED_PRECONDITION")]


def test_every_answer_bears_wix_own_request_id(harness: WixHarness) -> None:
    harness.wix.faults.script(Route.REPORT, Trouble.status(503), Trouble.status(401), Trouble.status(401))
    harness.wix.faults.script(Route.TOKEN, Trouble.status(500, site=ELSEWHERE))
    answers = [*harness.report("a", "b"), *harness.report(), *harness.report(), *harness.report(), *harness.cancel()]
    answers += harness.report(site=ELSEWHERE)
    assert {answer.wix_request_id for answer in answers} <= {call.request_id for call in harness.wix.journal}
    assert answers[0].wix_request_id == answers[1].wix_request_id
    assert len({answer.wix_request_id for answer in answers}) == 6


def test_a_wix_that_is_not_there_is_a_fault(harness: WixHarness) -> None:
    harness.tokens.token(HERE, harness.soon())
    with patient_session(1) as http:
        api = WixAutomations(
            http, "http://127.0.0.1:9", harness.tokens, harness.clock, (CONNECT, READ), KEY_TTL_MS, UNLIMITED_PERMITS
        )
        assert outcomes_of([*api.report(HERE, TRIGGER, [a_report()], harness.soon())]) == [
            (RETRY, "wix connection fault")
        ]


# Calls and their sizes


def test_250_events_go_in_three_calls(harness: WixHarness) -> None:
    events = [f"event {number}" for number in range(250)]
    assert outcomes_of(harness.report(*events)) == [ACCEPTED] * 250
    assert [len(call.items) for call in harness.wix.journal.calls(Route.BULK_REPORT)] == [100, 100, 50]
    assert harness.live() == [guid(event) for event in events]
    assert outcomes_of(harness.cancel(*events)) == [ACCEPTED] * 250
    assert [len(call.items) for call in harness.wix.journal.calls(Route.BULK_CANCEL)] == [100, 100, 50]
    assert harness.live() == []


def test_one_part_that_fails_leaves_the_others_alone(harness: WixHarness) -> None:
    harness.wix.faults.script(Route.BULK_CANCEL, Trouble.status(200, body={}), Trouble.status(503))
    answers = harness.cancel(*(f"event {number}" for number in range(201)))
    assert {answer.reason for answer in answers[:100]} == {"wix gave no result"}
    assert {answer.reason for answer in answers[100:200]} == {"wix 503"}
    assert outcomes_of(answers[200:]) == [ACCEPTED]
    assert harness.calls(Route.CANCEL) == [200]


def test_threads_share_one_client(harness: WixHarness) -> None:
    numbers = iter(range(16))
    lock = threading.Lock()

    def report_one() -> list[tuple[ResultKind, str]]:
        with lock:
            event = f"event {next(numbers)}"
        return outcomes_of(harness.report(event))

    assert call_together(16, report_one) == [[ACCEPTED]] * 16
    assert len(harness.live()) == 16


# Deadlines


@pytest.mark.parametrize("read, waits", [(0.3, 0.3), (READ, 1.0)])
def test_a_call_that_could_not_end_in_time_is_not_started(harness: WixHarness, read: float, waits: float) -> None:
    """It must have time for its own timeouts, or for waits of a second each if these are longer."""
    needed = int((CONNECT + 2 * waits) * 1000)
    too_soon, just_right = harness.clock.now() + needed - 1, harness.clock.now() + needed
    with patient_session(1) as http:
        api = WixAutomations(
            http, harness.wix.url, harness.tokens, harness.clock, (CONNECT, read), KEY_TTL_MS, UNLIMITED_PERMITS
        )
        harness.tokens.token(HERE, harness.soon())
        assert list(api.report(HERE, TRIGGER, [a_report()], too_soon)) == [ItemResult(NOT_TRIED, NO_TIME)]
        assert list(api.cancel(HERE, TRIGGER, ["one", "two"], too_soon)) == [ItemResult(NOT_TRIED, NO_TIME)] * 2
        assert (harness.calls(Route.REPORT), harness.calls(Route.BULK_CANCEL)) == ([], [])
        assert outcomes_of(list(api.report(HERE, TRIGGER, [a_report()], just_right))) == [ACCEPTED]
        assert timeouts_of(http) == [(CONNECT, waits)]


class SlowTokens(TokenCache):
    """Tokens that take half a minute each, by the clock."""

    def token(self, site: str, deadline: int) -> str:
        token = super().token(site, deadline)
        clock: Any = self._clock
        clock.ahead += 30_000
        return token


def test_what_no_time_was_left_for_is_told_from_what_was_sent(harness: WixHarness) -> None:
    with patient_session(1) as http:
        tokens = SlowTokens(http, harness.wix.url, harness.secret, harness.clock, (CONNECT, READ), UNLIMITED_PERMITS)
        api = WixAutomations(
            http, harness.wix.url, tokens, harness.clock, (CONNECT, READ), KEY_TTL_MS, UNLIMITED_PERMITS
        )
        reports = [a_report(f"event {number}") for number in range(150)]
        answers = list(api.report(HERE, TRIGGER, reports, harness.clock.now() + 60_000))
    assert outcomes_of(answers) == [ACCEPTED] * 100 + [(NOT_TRIED, NO_TIME)] * 50
    assert len(harness.live()) == 100


@pytest.mark.parametrize("seconds, waits", [(3.0, 1.25), (CONNECT + 2 * READ, READ), (60.0, READ)])
def test_a_call_waits_no_longer_than_its_deadline_allows(harness: WixHarness, seconds: float, waits: float) -> None:
    harness.tokens.token(HERE, harness.soon())
    with patient_session(1) as http:
        api = WixAutomations(
            http, harness.wix.url, harness.tokens, harness.clock, (CONNECT, READ), KEY_TTL_MS, UNLIMITED_PERMITS
        )
        api.report(HERE, TRIGGER, [a_report()], harness.clock.now() + int(seconds * 1000))
        assert timeouts_of(http) == [(CONNECT, waits)]
    assert CONNECT + 2 * waits <= seconds
