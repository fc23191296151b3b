"""Waits that double."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trigger_provider.domain.durations import HOUR, SECOND, back_off


def test_each_wait_is_twice_the_one_before_until_the_longest() -> None:
    assert [back_off(SECOND, doublings, 5 * SECOND) for doublings in range(4)] == [1_000, 2_000, 4_000, 5_000]


@given(st.integers(-(10**9), 10**9))
def test_a_wait_lies_between_the_first_and_the_longest_however_often_it_doubled(doublings: int) -> None:
    assert SECOND <= back_off(SECOND, doublings, HOUR) <= HOUR
