"""Six hundred events, while AWS and Wix fail and workers are killed in mid-batch: and nothing comes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.proof.faults.campaign import Outcome, Scale, campaign
from tests.proof.faults.lambdas import KILLED

if TYPE_CHECKING:
    from tests.sandbox.aws import MiniStack

Record = Callable[[str, object], None]

pytest_plugins = ["tests.support.aws"]

SCALE = Scale(events=600, kills=8, rate=60)
OF_AWS = {
    "AWS: error:ProvisionedThroughputExceededException",
    "AWS: error:RequestThrottled",
    "AWS: reset",
    "AWS: response:abort",
}
OF_WIX = {"Wix: 503", "Wix: connection closed before the effect", "Wix: connection closed after the effect"}


@pytest.fixture(scope="module")
def outcome(aws: MiniStack, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return campaign(aws, SCALE, tmp_path_factory.mktemp("workers"))


def test_workers_were_killed_and_everything_failed(outcome: Outcome, record_property: Record) -> None:
    """Otherwise the tests after this one would show nothing."""
    record_property("figures", outcome.figures)
    met = {kind for kind, number in outcome.figures.items() if number}
    assert outcome.figures[KILLED] >= SCALE.kills
    assert met >= OF_AWS | OF_WIX


def test_no_event_is_lost(outcome: Outcome) -> None:
    assert outcome.audit.lost == []


def test_no_event_runs_twice(outcome: Outcome) -> None:
    assert outcome.audit.doubled == []


def test_nothing_that_was_changed_or_cancelled_is_live(outcome: Outcome) -> None:
    assert outcome.audit.stale == []


def test_the_ledger_says_of_every_event_what_wix_holds(outcome: Outcome) -> None:
    assert outcome.audit.untrue == []


def test_nothing_good_was_refused(outcome: Outcome) -> None:
    assert outcome.figures["refused"] == 0
