"""Every interleaving of the protocol ends well, and would not if any of its rules were missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from tests.model.ablations import ABLATIONS, search_without
from tests.model.search import Found, search
from tests.model.suite import SHORT

CASES = {case.name: case for case in SHORT}

Searches = dict[str, Future[Found]]
Record = Callable[[str, object], None]


@pytest.fixture(scope="module")
def searches(request: pytest.FixtureRequest) -> Iterator[Searches]:
    """Begin the searches of all tests that are to run, on all processors; each test then waits for its own."""
    names = [name for item in request.session.items for name in _searched(item)]
    pool = ProcessPoolExecutor(mp_context=get_context("spawn"))
    try:
        yield {name: _begun(pool, name) for name in names}
    finally:
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("name", CASES)
def test_every_interleaving_ends_well(name: str, searches: Searches, record_property: Record) -> None:
    found = searches[name].result()
    record_property("states", found.states)
    assert found.wrong is None, f"{name}\n{found}"
    assert found.rests > 0


@pytest.mark.parametrize("name", ABLATIONS)
def test_without_this_rule_it_does_not(name: str, searches: Searches) -> None:
    found = searches[name].result()
    assert found.wrong == ABLATIONS[name].wrong, f"{name}\n{found}"


def test_every_case_has_a_name_of_its_own() -> None:
    assert len(CASES) == len(SHORT)


def _begun(pool: ProcessPoolExecutor, name: str) -> Future[Found]:
    return pool.submit(search, CASES[name]) if name in CASES else pool.submit(search_without, name)


def _searched(item: pytest.Item) -> list[str]:
    """Give what the test searches, which its parameter says."""
    name = getattr(item, "callspec", None) and item.name.partition("[")[2].removesuffix("]")
    return [name] if item.path.name == "test_model.py" and name else []
