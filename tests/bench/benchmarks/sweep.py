"""What one cancel of very many real-time events costs: `python -m tests.bench.benchmarks.sweep`.

The use case that ships, over a ledger in memory and a clock that moves by 300 ms for each call to Wix. A row that waits
is delivered again when its time has come, as recovery does it.
"""

from __future__ import annotations

import argparse
import sys
import tracemalloc
from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

from tests.support.builders import ENTITY, NOW, POLICY, SETTLE_DELAY, a_tombstone, an_occurrence
from tests.support.fixed_clock import FixedClock
from tests.support.memory_automations import MemoryAutomations
from tests.support.memory_ledger import MemoryLedger
from tests.support.memory_sites import MemorySites
from tests.support.rows import APP
from tests.support.template import parameter, timing
from trigger_provider.domain.delivery.results import ItemResult
from trigger_provider.domain.durations import MINUTE, SECOND
from trigger_provider.domain.ledger.rows import ON_THE_WAY, OccurrencePage, RealtimeEvent, RowKey, State
from trigger_provider.use_cases.delivery.admission import Admission
from trigger_provider.use_cases.delivery.deliver import Deliver, Delivery

_A_CALL: Final = 300


class CountingLedger(MemoryLedger):
    """A ledger whose pages are found by bisection, as an index finds them, and that counts the rows of pages."""

    def __init__(self, events: int) -> None:
        super().__init__()
        self.read = 0
        rows = (
            an_occurrence(f"visit {number}", ENTITY, state=State.REPORTED, acked_at=NOW - SETTLE_DELAY, payload=None)
            for number in range(events)
        )
        self.rows = {row.key: row for row in sorted(rows, key=lambda row: row.key)}
        self._keys = list(self.rows)

    def occurrence_page(self, entity: RowKey, position: str, limit: int) -> OccurrencePage:
        start = bisect_right(self._keys, RowKey(entity.partition, position))
        keys = self._keys[start : start + limit]
        self.read += len(keys)
        rows = tuple(row for key in keys if isinstance(row := self.rows[key], RealtimeEvent))
        return OccurrencePage(rows, keys[-1].row if start + limit < len(self._keys) else None)


class SlowWix(MemoryAutomations):
    """Takes its time, and keeps nothing of the calls."""

    def __init__(self, clock: FixedClock) -> None:
        super().__init__()
        self.clock, self.count = clock, 0

    def cancel(self, site: str, trigger: str, event_ids: Sequence[str], deadline: int) -> Sequence[ItemResult]:
        self.count += 1
        self.clock.wait(_A_CALL)
        results = super().cancel(site, trigger, event_ids, deadline)
        self.calls.clear()
        return results


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.benchmarks.sweep", description=__doc__)
    parser.add_argument("--events", type=int, default=100_000, help="how many events the cancel stops")
    events = parser.parse_args().events
    clock, ledger = FixedClock(), CountingLedger(events)
    wix, tombstone = SlowWix(clock), a_tombstone(ENTITY, version=2)
    ledger.rows[tombstone.key] = tombstone
    deliver = _use_case(ledger, wix, clock)
    runs, most = 0, 0
    tracemalloc.start()
    while (row := ledger.rows[tombstone.key]).state in ON_THE_WAY:
        clock.time = max(clock.time, row.next_attempt_at or 0)
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        deliver.process([Delivery(row.key, row.revision, clock.now())], clock.now() + timing("DeliverTimeout") * SECOND)
        most, runs = max(most, tracemalloc.get_traced_memory()[1] - before), runs + 1
    closed = sum(isinstance(row, RealtimeEvent) and row.closed for row in ledger.rows.values())
    sys.stdout.write(
        f"{events:,} events, {row.state}: {closed:,} closed in {runs} runs, {wix.count:,} calls and "
        f"{(clock.now() - NOW) / MINUTE:.1f} minutes; {ledger.read / events:.2f} reads an event; "
        f"at most {most / 2**20:.0f} MB in a run, closed rows of the ledger in memory included\n"
    )


def _use_case(ledger: MemoryLedger, wix: SlowWix, clock: FixedClock) -> Deliver:
    admission = Admission(MemorySites(), clock, lambda: "token", parameter("SiteCallsPerMinute"), POLICY.retention)
    return Deliver(ledger, wix, clock, lambda: 0.5, lambda: "token", POLICY, APP, MINUTE, admission)


if __name__ == "__main__":
    main()
