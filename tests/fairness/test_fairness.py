"""One site's load and trouble stay its own: measured in virtual time, behind a model of SQS's fair queues."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pytest

from tests.fairness.ports import Trouble
from tests.fairness.world import Fared, Scenario, play
from trigger_provider.decisions.policy import SECOND

NINE: Final = [f"site {number}" for number in range(9)]
CALM: Final = dict.fromkeys(NINE, 2.0)
NOISE: Final = 100 * 2.0


def jain(shares: Sequence[int]) -> float:
    """Give Jain's index: 1 if all got the same, 1/n if one got all (RFC 5166, 2.5)."""
    return sum(shares) ** 2 / (len(shares) * sum(share**2 for share in shares))


def p95(fared: Fared, sites: Sequence[str]) -> int:
    """Give the latency that 95 of a hundred events of these sites stay below."""
    latencies = sorted(latency for site in sites for latency in fared.latencies[site])
    return latencies[len(latencies) * 95 // 100]


def reported(fared: Fared) -> int:
    return sum(len(fared.latencies[site]) for site in NINE)


def test_nine_sites_that_all_have_too_much_get_the_same_share() -> None:
    fared = play(Scenario(1, dict.fromkeys(NINE, 0.0), at_once=dict.fromkeys(NINE, 2_000)))
    shares = [sum(latency < 2 * SECOND for latency in fared.latencies[site]) for site in NINE]
    assert all(0 < share < 2_000 for share in shares), "all of them still have too much"
    assert jain(shares) >= 0.99


def test_a_site_with_a_hundred_times_the_load_of_others_keeps_none_of_them_waiting() -> None:
    alone = play(Scenario(1, CALM))
    beside = play(Scenario(1, {**CALM, "loud": NOISE}))
    assert p95(beside, NINE) <= 2 * p95(alone, NINE)


@pytest.mark.parametrize("trouble", Trouble)
def test_a_site_that_is_always_in_trouble_takes_no_throughput_from_others(trouble: Trouble) -> None:
    without = play(Scenario(3, CALM))
    beside = play(Scenario(3, {**CALM, "ill": 2.0}, troubles={"ill": trouble}))
    assert reported(beside) >= 0.95 * reported(without)
