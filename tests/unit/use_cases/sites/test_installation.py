"""What sites do with the app: however often and in whatever order we hear of it, the newest news stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.fixed_clock import FixedClock
from tests.support.memory_sites import MemorySites
from tests.support.rows import SITE
from trigger_provider.domain.durations import DAY, HOUR, SECOND
from trigger_provider.domain.sites.site import NEVER, SiteRow, SiteState
from trigger_provider.errors import LedgerUnavailable
from trigger_provider.use_cases.sites.installation import Change, Installation, LifecycleEvent
from trigger_provider.use_cases.sites.updates import MOST_ROUNDS

NOW = 1_795_507_200_000
RETENTION = 45 * DAY
INSTALLED, REMOVED = Change


class BusySites(MemorySites):
    """Rows that somebody else always changes first, so many times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self._remaining = times

    def save_many(self, rows: Sequence[SiteRow]) -> frozenset[str]:
        self._remaining -= 1
        return frozenset(row.site for row in rows) if self._remaining >= 0 else super().save_many(rows)


def installation(sites: MemorySites) -> Installation:
    tokens = count()
    return Installation(sites, FixedClock(NOW), lambda: f"token-{next(tokens)}", RETENTION)


def lifecycle_event(change: Change, at: int = NOW) -> LifecycleEvent:
    return LifecycleEvent(SITE, change, at)


def test_a_removal_suspends_the_site_until_it_is_installed_again() -> None:
    sites = MemorySites()
    installation(sites).record(lifecycle_event(REMOVED))
    assert sites.rows[SITE].state is SiteState.SUSPENDED
    installation(sites).record(lifecycle_event(INSTALLED, NOW + SECOND))
    assert sites.rows[SITE].state is SiteState.RESUMING
    assert sites.rows[SITE].installed_at == NOW + SECOND


def test_what_is_saved_is_given_and_nothing_where_nothing_is_new() -> None:
    sites = MemorySites()
    assert installation(sites).record(lifecycle_event(INSTALLED)) == sites.rows[SITE]
    before = sites.rows[SITE]
    assert installation(sites).record(lifecycle_event(INSTALLED)) is None
    assert installation(sites).record(lifecycle_event(REMOVED, NOW - SECOND)) is None
    assert sites.rows[SITE] == replace(before, removed_at=NOW - SECOND, revision=2)


def test_a_row_that_others_change_meanwhile_is_decided_about_anew() -> None:
    sites = BusySites(times=5)
    assert installation(sites).record(lifecycle_event(REMOVED)) is not None
    assert sites.rows[SITE].state is SiteState.SUSPENDED


@pytest.mark.parametrize("times", [MOST_ROUNDS, 1_000])
def test_if_others_never_stop_the_ledger_counts_as_unavailable_and_nothing_is_changed(times: int) -> None:
    sites = BusySites(times)
    with pytest.raises(LedgerUnavailable):
        installation(sites).record(lifecycle_event(REMOVED))
    assert sites.rows == {}


def test_a_ledger_that_is_down_is_said_to_be_so() -> None:
    sites = MemorySites()
    sites.down = True
    with pytest.raises(LedgerUnavailable):
        installation(sites).record(lifecycle_event(REMOVED))


@given(st.lists(st.tuples(st.sampled_from(Change), st.integers(0, 5)), min_size=1, max_size=8), st.data())
def test_any_order_and_any_repetition_end_as_the_newest_news_says(
    history: list[tuple[Change, int]], data: st.DataObject
) -> None:
    heard = data.draw(st.permutations(history + data.draw(st.lists(st.sampled_from(history), max_size=8))))
    sites = MemorySites()
    for change, second in heard:
        installation(sites).record(lifecycle_event(change, NOW + second * SECOND))
    newest = max(second for _, second in history)
    says = {change for change, second in history if second == newest}
    row = sites.rows[SITE]
    assert row.installed_at == NOW + newest * SECOND
    assert (row.state is SiteState.SUSPENDED) == (says == {REMOVED})


@given(st.lists(st.sampled_from(Change), min_size=1, max_size=6), st.data())
def test_if_wix_signs_anew_what_it_repeats_no_site_that_has_the_app_is_silent_for_ever(
    history: list[Change], data: st.DataObject
) -> None:
    """What is repeated is newer by its token than by what it says, for two days; a site is silent if none may probe."""
    happened = [(index, index, change) for index, change in enumerate(history)]
    repeated = st.sampled_from(happened).flatmap(lambda pair: st.tuples(st.integers(pair[0], 47), st.just(pair[1])))
    again = [(hour, of, history[of]) for hour, of in data.draw(st.lists(repeated, max_size=8))]
    sites = MemorySites()
    for hour, _, change in sorted([*happened, *again]):
        installation(sites).record(lifecycle_event(change, NOW + hour * HOUR))
    row = sites.rows[SITE]
    if history[-1] is INSTALLED:
        assert row.state is not SiteState.SUSPENDED or row.next_attempt_at != NEVER
