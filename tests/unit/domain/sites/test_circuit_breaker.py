"""A site for which Wix gives no answer in time is tried by one piece of work at a time."""

from __future__ import annotations

from tests.support.rows import SITE
from trigger_provider.domain.delivery.results import ResultKind
from trigger_provider.domain.durations import MINUTE, SECOND
from trigger_provider.domain.ledger.rows import RowKey
from trigger_provider.domain.sites.admission import TIMED_OUT, CallDemand, decide_admission
from trigger_provider.domain.sites.circuit_breaker import record_success, record_timeout
from trigger_provider.domain.sites.site import SiteRow, unknown_site

NOW = 1_760_000_000_000
MOST = 195
NEEDS = [CallDemand(RowKey("partition", f"row {number}"), "trigger", 1, reports=True) for number in range(3)]


def a_silent_site(at: int = NOW) -> SiteRow:
    return record_timeout(unknown_site(SITE), at - 10 * SECOND, at)


def test_a_silent_site_waits_and_longer_each_time_up_to_a_quarter_of_an_hour() -> None:
    row, waits = unknown_site(SITE), []
    for at in range(NOW, NOW + 10 * MINUTE, MINUTE):
        row = record_timeout(row, at, at)
        waits.append((row.waits_until or 0) - at)
    assert waits[:4] == [15 * SECOND, 30 * SECOND, 60 * SECOND, 120 * SECOND]
    assert waits[-1] == 15 * MINUTE


def test_workers_that_wait_in_vain_at_the_same_time_are_one_silence() -> None:
    row = a_silent_site()
    assert record_timeout(row, NOW - SECOND, NOW + SECOND) == row


def test_nobody_calls_a_silent_site_before_its_time() -> None:
    waits = decide_admission(a_silent_site(), NEEDS, NOW + 15 * SECOND - 1, MOST)
    assert waits.jobs == frozenset()
    assert waits.refusal is not None
    assert waits.refusal.kind is ResultKind.THROTTLED_LOCALLY


def test_one_piece_of_work_tries_it_then_and_all_others_wait_for_longer_than_a_call_may_take() -> None:
    tried = decide_admission(a_silent_site(), NEEDS, NOW + 15 * SECOND, MOST)
    assert tried.jobs == {NEEDS[0].key}
    assert tried.refusal is not None
    assert (tried.refusal.reason, tried.refusal.retry_after) == (TIMED_OUT, 15)
    assert decide_admission(tried.row, NEEDS, NOW + 29 * SECOND, MOST).jobs == frozenset()


def test_an_answer_makes_it_a_site_as_any_other() -> None:
    row = decide_admission(a_silent_site(), NEEDS, NOW + 15 * SECOND, MOST).row
    again = record_success(row, NOW + 15 * SECOND)
    assert (again.consecutive_timeouts, again.last_timeout_at, again.waits_until) == (0, None, None)
    assert len(decide_admission(again, NEEDS, NOW + 16 * SECOND, MOST).jobs) == len(NEEDS)


def test_an_answer_to_a_call_from_before_the_silence_says_nothing_of_it() -> None:
    row = a_silent_site()
    assert record_success(row, NOW - 1) == row
