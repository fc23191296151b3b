"""Many worlds in which everything goes wrong come to rest well, and would not without the rules of the protocol."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from tests.proof.simulation.campaign import Campaign, found_without, run_until_one_fails
from tests.proof.simulation.replay import command, describe, numbers
from tests.proof.simulation.run import Script, run
from tests.proof.simulation.sabotages import KNOWN_SEEDS, RARE, SABOTAGES
from tests.proof.simulation.shrink import Shrinker

SEEDS = 200
PORTION = 25
"""How many seeds a test runs: processors share the tests."""
MOST_SEEDS = 60

Record = Callable[[str, object], None]


@pytest.mark.parametrize("first", range(0, SEEDS, PORTION))
def test_every_world_comes_to_rest_well(first: int, record_property: Record) -> None:
    whole = Campaign()
    for ended in run_until_one_fails(range(first, first + PORTION)):
        whole.add(ended)
    record_property("simulated", whole.figures)
    if whole.failed:
        pytest.fail(describe(Shrinker(whole.failed[0].script).shrunk()), pytrace=False)
    assert whole.figures["seeds"] == PORTION


@pytest.mark.parametrize("rule", KNOWN_SEEDS)
def test_without_this_rule_some_world_does_not(rule: str) -> None:
    assert found_without(rule, [KNOWN_SEEDS[rule], *range(MOST_SEEDS)]) is not None


def test_every_rule_is_broken_in_turn_but_for_a_rare_one() -> None:
    assert set(KNOWN_SEEDS) == set(SABOTAGES) - {RARE}


def test_a_seed_comes_out_the_same_in_every_process() -> None:
    """Each process has its own order of sets."""
    script = Script(4, 60)
    here = run(script, tells=True)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as other:
        assert other.submit(run, script, tells=True).result() == here
    assert len(here.lines) > here.requests


def test_a_failing_seed_is_made_small_and_told_so_that_it_can_be_played_again() -> None:
    parts = SABOTAGES["save before enqueue"]
    shortest = Shrinker(Script(3, 40), parts).shrunk()
    assert shortest.requests == 1
    assert run(shortest.script, parts, tells=True) == shortest
    assert describe(shortest).splitlines()[-1] == command(shortest.script)


def test_what_is_typed_for_numbers_is_what_was_written() -> None:
    assert numbers("1-3,7") == {1, 2, 3, 7}
    assert command(Script(5, kept=frozenset({1, 2, 3, 7}))) == "python -m tests.proof.simulation --seed 5 --keep 1-3,7"
