"""A site for which Wix gives no answer in time is tried by one piece of work at a time."""

from __future__ import annotations

from tests.support.rows import SITE
from trigger_provider.domain.delivery.results import Verdict
from trigger_provider.domain.durations import MINUTE, SECOND
from trigger_provider.domain.ledger.rows import RowKey
from trigger_provider.domain.sites.admission import SILENT, Need, admitted
from trigger_provider.domain.sites.circuit_breaker import heard, silent
from trigger_provider.domain.sites.site import SiteRow, unknown_site

NOW = 1_760_000_000_000
MOST = 195
NEEDS = [Need(RowKey("partition", f"row {number}"), "trigger", 1, reports=True) for number in range(3)]


def a_silent_site(at: int = NOW) -> SiteRow:
    return silent(unknown_site(SITE), at - 10 * SECOND, at)


def test_a_silent_site_waits_and_longer_each_time_up_to_a_quarter_of_an_hour() -> None:
    row, waits = unknown_site(SITE), []
    for at in range(NOW, NOW + 10 * MINUTE, MINUTE):
        row = silent(row, at, at)
        waits.append((row.waits_until or 0) - at)
    assert waits[:4] == [15 * SECOND, 30 * SECOND, 60 * SECOND, 120 * SECOND]
    assert waits[-1] == 15 * MINUTE


def test_workers_that_wait_in_vain_at_the_same_time_are_one_silence() -> None:
    row = a_silent_site()
    assert silent(row, NOW - SECOND, NOW + SECOND) == row


def test_nobody_calls_a_silent_site_before_its_time() -> None:
    waits = admitted(a_silent_site(), NEEDS, NOW + 15 * SECOND - 1, MOST)
    assert waits.works == frozenset()
    assert waits.refusal is not None
    assert waits.refusal.verdict is Verdict.WAITS


def test_one_piece_of_work_tries_it_then_and_all_others_wait_for_longer_than_a_call_may_take() -> None:
    tried = admitted(a_silent_site(), NEEDS, NOW + 15 * SECOND, MOST)
    assert tried.works == {NEEDS[0].key}
    assert tried.refusal is not None
    assert (tried.refusal.reason, tried.refusal.retry_after) == (SILENT, 15)
    assert admitted(tried.row, NEEDS, NOW + 29 * SECOND, MOST).works == frozenset()


def test_an_answer_makes_it_a_site_as_any_other() -> None:
    row = admitted(a_silent_site(), NEEDS, NOW + 15 * SECOND, MOST).row
    again = heard(row, NOW + 15 * SECOND)
    assert (again.consecutive_timeouts, again.last_timeout_at, again.waits_until) == (0, None, None)
    assert len(admitted(again, NEEDS, NOW + 16 * SECOND, MOST).works) == len(NEEDS)


def test_an_answer_to_a_call_from_before_the_silence_says_nothing_of_it() -> None:
    row = a_silent_site()
    assert heard(row, NOW - 1) == row
