"""The numbers that decisions depend on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.builders import POLICY
from trigger_provider.domain.delivery.policy import IDEMPOTENCY_KEY_TTL
from trigger_provider.domain.durations import DAY, HOUR, MINUTE, SECOND

jitters = st.floats(0, 1, exclude_max=True)
ALMOST_ONE = 1 - 2**-53


def test_wix_remembers_a_key_for_longer_than_any_replay_can_come_after_it() -> None:
    queue, dead_letter_queue = 4 * DAY, 14 * DAY

    assert queue + dead_letter_queue < IDEMPOTENCY_KEY_TTL


@given(st.integers(1, POLICY.quick_retries), jitters)
def test_a_quick_retry_comes_within_seconds(attempts: int, jitter: float) -> None:
    assert SECOND <= POLICY.quick_delay(attempts, jitter) <= 10 * SECOND


@pytest.mark.parametrize(
    "attempts,most", [(3, 30 * SECOND), (4, MINUTE), (5, 2 * MINUTE), (9, 32 * MINUTE), (10, HOUR), (1_000_000, HOUR)]
)
def test_the_longest_wait_doubles_with_each_attempt_up_to_an_hour(attempts: int, most: int) -> None:
    assert POLICY.wait(attempts, ALMOST_ONE) == pytest.approx(most + SECOND, abs=1)


@given(st.integers(1, 1000), jitters)
def test_a_wait_may_be_as_short_as_a_second_so_that_rows_spread_over_all_of_it(attempts: int, jitter: float) -> None:
    assert POLICY.wait(attempts, 0) == SECOND <= POLICY.wait(attempts, jitter)
