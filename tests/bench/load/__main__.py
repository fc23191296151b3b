"""`make load`: many events through the deployed stack at a steady rate, and then each of them is looked after.

The local Wix does not count calls here, but our own budget of 195 a minute for each site holds. By default a site has
90 events a minute, and fewer calls than 195 for them and their cancels; at twice that the budget is what is measured.
"""

from __future__ import annotations

import argparse
import sys

from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn

from tests.bench.load.phases import send, verify
from tests.bench.load.report import report
from tests.proof.traffic.oracle import expectations
from tests.proof.traffic.producers import Producers
from tests.proof.traffic.table import table
from tests.sandbox.opening import guid, open_environment
from tests.sandbox.wix import Site, Switches

NO_LIMIT = Switches(calls_per_minute=1_000_000)


def main() -> int:
    asked = arguments()
    sites = [guid(f"busy site {number}") for number in range(asked.sites)]
    requests = Producers(sites, asked.seed).requests(asked.events)
    columns = (*Progress.get_default_columns(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns) as progress, open_environment(progress.console.print) as environment:
        environment.wix.switches = NO_LIMIT
        for site in sites:
            environment.wix.add_site(Site(site))
        seconds = send(environment, requests, asked.rate, progress)
        expected = expectations(environment.app.app_id, requests)
        audit = verify(environment, expected, sites, progress)
        figures = report(environment, requests, expected, seconds)
    print(table({**figures, **audit.figures}), audit.lines, sep="\n")
    return 0 if audit.is_clean else 1


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.load", description=__doc__)
    parser.add_argument("--events", type=int, default=20_000, help="how many are sent")
    parser.add_argument("--rate", type=float, default=75, help="events a second")
    parser.add_argument("--sites", type=int, default=50, help="how many sites they are of")
    parser.add_argument("--seed", type=int, default=1, help="of what is sent")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
