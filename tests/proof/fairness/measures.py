"""What is measured of fairness: shares of equal sites, latencies beside a loud one, throughput beside an ill one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tests.proof.fairness.ports import Trouble
from tests.proof.fairness.world import Fared, Scenario, play
from trigger_provider.domain.durations import SECOND

NINE: Final = [f"site {number}" for number in range(9)]
_CALM: Final = dict.fromkeys(NINE, 2.0)
_TOO_MUCH: Final = 2_000
_LOOK_AT: Final = 2 * SECOND


def shares_of_equals() -> list[int]:
    """Return how many events of each site are reported while all nine still have too much."""
    fared = play(Scenario(1, dict.fromkeys(NINE, 0.0), at_once=dict.fromkeys(NINE, _TOO_MUCH)))
    shares = [sum(latency < _LOOK_AT for latency in fared.latencies[site]) for site in NINE]
    if not all(0 < share < _TOO_MUCH for share in shares):
        raise ValueError("a site has nothing left, or has not begun: look at another moment")
    return shares


def jain(shares: Sequence[int]) -> float:
    """Return Jain's index: 1 if all got the same, 1/n if one got all (RFC 5166, 2.5)."""
    return sum(shares) ** 2 / (len(shares) * sum(share**2 for share in shares))


def slower_beside_a_loud_site() -> float:
    """Return by how much the p95 of nine quiet sites is longer while a tenth has a hundred times their load."""
    beside = play(Scenario(1, {**_CALM, "loud": 100 * 2.0}))
    return _p95(beside) / _p95(play(Scenario(1, _CALM)))


def throughput_beside(trouble: Trouble) -> float:
    """Return which part of nine sites' events is still reported while a tenth has nothing but this trouble."""
    beside = play(Scenario(3, {**_CALM, "ill": 2.0}, troubles={"ill": trouble}))
    return _reported(beside) / _reported(play(Scenario(3, _CALM)))


def _p95(fared: Fared) -> int:
    latencies = sorted(latency for site in NINE for latency in fared.latencies[site])
    return latencies[len(latencies) * 95 // 100]


def _reported(fared: Fared) -> int:
    return sum(len(fared.latencies[site]) for site in NINE)
