"""Many worlds in which everything goes wrong come to rest well, and would not without the rules of the protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from tests.simulation.breakages import BREAKAGES, RARE
from tests.simulation.campaign import campaign, found_without
from tests.simulation.replay import command, numbers, told
from tests.simulation.run import Run, Script, run
from tests.simulation.shrink import Shrinker

SEEDS = range(1_200)
MOST_SEEDS = 60
RULES = [rule for rule in BREAKAGES if rule != RARE]

Record = Callable[[str, object], None]
Searches = dict[str, Future[Run | None]]


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as processes:
        yield processes


@pytest.fixture(scope="module")
def searches(pool: ProcessPoolExecutor) -> Searches:
    """Begin all searches at once."""
    return {rule: pool.submit(found_without, rule, MOST_SEEDS) for rule in RULES}


def test_every_world_comes_to_rest_well(record_property: Record) -> None:
    whole = campaign(SEEDS)
    record_property("simulated", whole.figures)
    if whole.failed:
        pytest.fail(told(Shrinker(whole.failed[0].script).shrunk()), pytrace=False)
    assert whole.figures["seeds"] == len(SEEDS)


@pytest.mark.parametrize("rule", RULES)
def test_without_this_rule_some_world_does_not(rule: str, searches: Searches) -> None:
    assert searches[rule].result() is not None


def test_a_seed_comes_out_the_same_in_every_process(pool: ProcessPoolExecutor) -> None:
    """Each process has its own order of sets."""
    script = Script(4, 60)
    here = run(script, tells=True)
    assert pool.submit(run, script, tells=True).result() == here
    assert len(here.lines) > here.requests


def test_a_failing_seed_is_made_small_and_told_so_that_it_can_be_played_again() -> None:
    parts = BREAKAGES["save before enqueue"]
    found = Shrinker(Script(0, 40), parts).shrunk()
    assert found.requests == 1
    assert run(found.script, parts, tells=True) == found
    assert told(found).splitlines()[-1] == command(found.script)


def test_what_is_typed_for_numbers_is_what_was_written() -> None:
    assert numbers("1-3,7") == {1, 2, 3, 7}
    assert command(Script(5, kept=frozenset({1, 2, 3, 7}))) == "python -m tests.simulation --seed 5 --keep 1-3,7"
