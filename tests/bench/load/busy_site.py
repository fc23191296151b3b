"""`python -m tests.bench.load.busy_site`: one site with more events than its calls are enough for, in real time.

Eight workers, a client each, over a table in the local AWS and the local Wix; what Wix has counted is printed.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from bisect import bisect_left
from collections import Counter

from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn

from tests.proof.traffic.table import table
from tests.sandbox.aws import MiniStack
from tests.sandbox.wix import Switches, WixSandbox
from tests.sandbox.wix.samples import APP, SITE
from tests.support.busy_site import HERE, WORKERS, BusySite
from tests.support.ledger_table import new_ledger_table
from trigger_provider.adapters.dynamodb.sites import DynamoDbSites
from trigger_provider.adapters.system.clock import SystemClock
from trigger_provider.adapters.wix.automations import session
from trigger_provider.use_cases.delivery.deliver import Deliver

_MOST = 195
_MINUTE = 60.0


def main() -> int:
    asked = arguments()
    columns = (*Progress.get_default_columns(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns) as progress, MiniStack() as aws, WixSandbox([APP], [SITE], Switches()) as wix:
        name = new_ledger_table(aws.clients.dynamodb)
        new_sites = lambda: DynamoDbSites(aws.clients.dynamodb, name)  # noqa: E731 - a name for it
        busy = BusySite(wix, SystemClock(), new_sites, _MOST, new_session=session)
        busy.has(asked.events)
        work(busy, asked.events, asked.minutes, progress)
        calls = [(call.at, call.status, len(call.items)) for call in wix.journal.calls()]
        busiest = wix.busiest_minute(HERE)
    starts = [at for at, _, _ in calls]
    minutes = [
        sum(items for _, _, items in calls[bisect_left(starts, start) : bisect_left(starts, start + _MINUTE)])
        for start in starts
    ]
    statuses = Counter(status for _, status, _ in calls)
    figures = {"events reported": busy.reported(), "calls": len(calls), "most calls in any minute": busiest}
    figures |= {"most events in any minute": max(minutes), "answers of 429": statuses[429]}
    print(table(figures))
    return 0 if busiest <= 200 and not statuses[429] else 1


def work(busy: BusySite, events: int, minutes: float, progress: Progress) -> None:
    """Let all work until every event is reported, or so many minutes have passed."""
    is_over = threading.Event()

    def works(deliver: Deliver) -> None:
        while not is_over.wait(0.05):
            busy.work_alone(deliver)

    threads = [threading.Thread(target=works, args=(worker,)) for worker in busy.workers[:WORKERS]]
    for thread in threads:
        thread.start()
    bar, end, next_run = progress.add_task("events reported", total=events), time.monotonic() + 60 * minutes, 0.0
    while time.monotonic() < end and (reported := busy.reported()) < events:
        progress.update(bar, completed=reported)
        if time.monotonic() >= next_run:
            next_run = time.monotonic() + _MINUTE
            busy.recover.run()
        is_over.wait(0.5)
    is_over.set()
    for thread in threads:
        thread.join()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.load.busy_site", description=__doc__)
    parser.add_argument("--events", type=int, default=50_000)
    parser.add_argument("--minutes", type=float, default=4, help="how long at most")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
