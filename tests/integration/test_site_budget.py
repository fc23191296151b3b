"""Eight workers on one busy site over real HTTP: what Wix counts in any sixty seconds, and what goes out in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.sandbox.wix import Switches, WixSandbox
from tests.sandbox.wix.samples import APP, SITE
from tests.support.busy_site import HERE, WORKERS, BusySite
from tests.support.fixed_clock import FixedClock
from tests.support.ledger_table import new_ledger_table
from trigger_provider.adapters.dynamodb.sites import DynamoDbSites
from trigger_provider.domain.durations import SECOND

if TYPE_CHECKING:
    from tests.sandbox.aws import MiniStack

pytest_plugins = ["tests.support.aws"]


@dataclass(frozen=True)
class Day:
    """What a site may have: `most` calls a minute by us, a token for each worker included, and `limit` by Wix."""

    events: int
    most: int
    limit: int


DAYS = [
    pytest.param(Day(events=5_000, most=39, limit=40), id="a fifth of what a site may have"),
    pytest.param(Day(events=2_500, most=20, limit=20), id="nothing is to spare"),
]


@pytest.mark.parametrize("day", DAYS)
def test_a_busy_site_is_never_called_too_often_and_wastes_no_minute(aws: MiniStack, day: Day) -> None:
    table = new_ledger_table(aws.clients.dynamodb)
    clock = FixedClock()
    switches = Switches(calls_per_minute=day.limit, token_calls_count=True)
    with WixSandbox([APP], [SITE], switches, lambda: clock.now() / SECOND) as wix:
        new_sites = lambda: DynamoDbSites(aws.clients.dynamodb, table)  # noqa: E731 - a name for it
        busy = BusySite(wix, clock, new_sites, day.most)
        busy.has(day.events)
        in_the_first_minute = 0
        for second in range(300):
            if second % 60 == 0:
                in_the_first_minute = in_the_first_minute or busy.reported()
                busy.recover.run()
            busy.work()
            if busy.reported() == day.events:
                break
            clock.wait(SECOND)
        assert busy.reported() == day.events
        assert {call.status for call in wix.journal.calls()} == {200}
        assert wix.busiest_minute(HERE) == day.most <= day.limit
        assert (day.most - WORKERS) * 100 <= in_the_first_minute <= day.most * 100
