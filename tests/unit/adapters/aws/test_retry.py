"""What all calls to AWS share."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from tests.support.waiting import PATIENCE_SECONDS
from trigger_provider.adapters.aws.retry import run_concurrently


def test_calls_are_under_way_at_the_same_time_and_answer_in_order() -> None:
    all_are_there = threading.Barrier(3)

    def call(portion: str) -> Sequence[str]:
        all_are_there.wait(PATIENCE_SECONDS)
        return [portion, portion.upper()]

    assert run_concurrently(call, ["a", "b", "c"]) == ["a", "A", "b", "B", "c", "C"]


def test_one_call_alone_is_made_by_whoever_asks() -> None:
    assert run_concurrently(lambda _: [threading.current_thread()], ["a"]) == [threading.current_thread()]


def test_when_one_call_has_failed_no_other_is_under_way_any_more() -> None:
    goes_on, ended = threading.Event(), list[str]()

    def call(portion: str) -> Sequence[str]:
        if portion == "fails":
            threading.Timer(0.1, goes_on.set).start()
            raise ValueError(portion)
        goes_on.wait(PATIENCE_SECONDS)
        ended.append(portion)
        return []

    with pytest.raises(ValueError, match="fails"):
        run_concurrently(call, ["fails", "one", "two", "three"])
    assert sorted(ended) == ["one", "three", "two"]
