"""How many calls a site gets, and when the others come again."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field, replace
from random import Random

import pytest

from tests.support.rows import SITE
from trigger_provider.domain.durations import HOUR, MINUTE, SECOND
from trigger_provider.domain.sites.rate_limit import MARGIN, Lease, acquire, record_rate_limit
from trigger_provider.domain.sites.site import SiteRow, unknown_site

NOW = 1_760_000_000_000
MOST = 195
CYCLE = MINUTE + MARGIN + 1_500
"""About how long a call counts."""


@dataclass
class Site:
    """A site's row, as its callers change it."""

    row: SiteRow = field(default_factory=lambda: unknown_site(SITE))

    def ask(self, wanted: int, now: int = NOW, limit: int = MOST) -> Lease:
        self.row, grant = acquire(self.row, wanted, now, limit)
        return grant


def test_a_site_of_which_nothing_is_known_has_its_whole_budget_at_once_and_no_more() -> None:
    site = Site()
    assert site.ask(200).calls == MOST
    assert site.ask(1, NOW + SECOND).calls == 0


def test_what_is_granted_is_good_for_a_second_or_two_near_the_limit_and_for_half_a_minute_far_from_it() -> None:
    site = Site()
    assert site.ask(48, NOW + 700).good_until == NOW + 31 * SECOND
    assert site.ask(1, NOW + 700).good_until == NOW + 2 * SECOND


def test_a_call_counts_until_a_minute_and_the_margin_after_its_permit_was_good() -> None:
    site = Site()
    free_at = site.ask(MOST).good_until + MINUTE + MARGIN
    assert site.ask(1, free_at - 1).calls == 0
    assert site.ask(1, free_at).calls == 1


def test_the_log_stays_small_however_many_calls_there_are() -> None:
    site = Site()
    for number in range(2_000):
        site.ask(1, NOW + 330 * number)
    assert len(site.row.calls) < 100


def test_whoever_gets_nothing_comes_again_when_the_first_call_counts_no_more() -> None:
    site = Site()
    free_at = site.ask(MOST).good_until + MINUTE + MARGIN
    assert site.ask(1, NOW + SECOND).next_attempt_at == free_at


def test_those_who_wait_come_at_the_pace_of_the_budget_one_after_the_other() -> None:
    site = Site()
    site.ask(MOST)
    times = [site.ask(1, NOW + SECOND + number).next_attempt_at for number in range(MOST)]
    assert times == sorted(set(times))
    assert 0.95 < (times[-1] - times[0]) / CYCLE < 1


def test_whoever_gets_a_part_is_told_when_the_rest_may_come() -> None:
    site = Site()
    site.ask(MOST - 2)
    grant = site.ask(5, NOW + SECOND)
    assert grant.calls == 2
    assert grant.next_attempt_at > NOW + MINUTE


def test_nobody_is_sent_farther_than_an_hour() -> None:
    site = Site(replace(unknown_site(SITE), reserved_until=NOW + 5 * HOUR))
    site.ask(MOST)
    assert site.ask(1).next_attempt_at == NOW + HOUR


def test_a_site_that_wix_lets_wait_gets_nothing_until_then() -> None:
    site = Site(record_rate_limit(unknown_site(SITE), 20.0, NOW))
    assert site.ask(3, NOW + 20 * SECOND - 1) == Lease(0, NOW + 50 * SECOND, NOW + 20 * SECOND + 1_000 - 1)
    assert site.ask(3, NOW + 20 * SECOND).calls == 3


def test_without_a_word_from_wix_a_site_waits_longer_each_time_in_succession() -> None:
    row, now, waits = unknown_site(SITE), NOW, []
    for _ in range(9):
        row = record_rate_limit(row, None, now)
        waits.append(((row.waits_until or 0) - now) // SECOND)
        now = (row.waits_until or 0) + SECOND
    assert waits == [15, 30, 60, 120, 240, 480, 900, 900, 900]
    row = record_rate_limit(row, None, now + 15 * MINUTE)
    assert (row.waits_until or 0) - now - 15 * MINUTE == 15 * SECOND


def test_answers_of_calls_that_were_on_their_way_make_no_wait_longer_but_wix_may() -> None:
    row = record_rate_limit(unknown_site(SITE), None, NOW)
    assert record_rate_limit(row, None, NOW + SECOND) == row
    assert record_rate_limit(row, 60.0, NOW + SECOND).waits_until == NOW + 61 * SECOND
    assert record_rate_limit(row, 1.0, NOW + SECOND).waits_until == row.waits_until


@pytest.mark.parametrize("seed", range(40))
def test_no_sliding_minute_at_wix_ever_holds_more_calls_than_the_site_may_have(seed: int) -> None:
    """Eight workers, whose clocks differ by up to half a second, call as late as they may, and half a second late."""
    chance, site, now, arrivals = Random(seed), Site(), 0, list[int]()  # noqa: S311 - a test's chance
    skews = [chance.choice((-250, 0, 250)) for _ in range(8)]
    for _ in range(400):
        now += chance.choice((0, 5, 300, 2_000))
        skew = chance.choice(skews)
        grant = site.ask(chance.choice((1, 2, 60)), NOW + now + skew)
        for _ in range(grant.calls):
            begins = chance.choice((NOW + now, grant.good_until - 1 - skew))
            arrivals.append(begins + chance.choice((0, 500)))
    assert _most_in_a_minute(arrivals) <= MOST


@pytest.mark.parametrize("seed", range(5))
def test_a_busy_site_is_called_about_187_times_a_minute(seed: int) -> None:
    chance, site, calls, now = Random(seed), Site(), 0, NOW  # noqa: S311 - a test's chance
    while now < NOW + 20 * MINUTE:
        calls += site.ask(chance.randint(1, 3), now).calls
        now += chance.randint(50, 500)
    assert 185 < calls / 20 < 195


def _most_in_a_minute(times: list[int]) -> int:
    times = sorted(times)
    return max(bisect_right(times, time + MINUTE - 1) - at for at, time in enumerate(times))
