"""`make demo`: every scenario, played through the deployed stack; exit code 0 only if all ended as expected."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from typing import Final

from tests.sandbox.aws.ministack import ROOT
from tests.sandbox.demo.display import PlainDisplay, has_live_terminal
from tests.sandbox.demo.live import LiveDisplay
from tests.sandbox.demo.log import DemoLog
from tests.sandbox.demo.performing import NotOpenedError, perform
from tests.sandbox.demo.report import EXAMPLE, format_all, report_lines, trouble_lines
from tests.sandbox.demo.selection import NoSuchScenarioError, choose_scenarios, list_scenarios
from tests.sandbox.scenarios import SCENARIOS

MOST_LINES: Final = 80
MAKE_LINES: Final = 5
"""What `make` may print besides: it sets up uv and three environments at first, and says last that a demo failed."""

WRONG_USE: Final = 2
INTERRUPTED: Final = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Play the scenarios that are asked for, and return the exit code."""
    options = parse(arguments)
    if options.scenario == "list":
        print("\n".join(list_scenarios(SCENARIOS)))
        return 0
    try:
        log = DemoLog(choose_scenarios(SCENARIOS, options.scenario))
    except NoSuchScenarioError as error:
        print(error, file=sys.stderr)
        return WRONG_USE
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    display = LiveDisplay(len(log.scenarios)) if has_live_terminal() else PlainDisplay(len(log.scenarios))
    return run(display, log, is_verbose=options.verbose)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.sandbox.demo", description=__doc__)
    parser.add_argument("scenario", nargs="?", default="", help="a name, a number, or a part of a sentence; or 'list'")
    parser.add_argument("--verbose", action="store_true", help="tell every scenario in full")
    return parser.parse_args(arguments)


def run(display: PlainDisplay, log: DemoLog, *, is_verbose: bool) -> int:
    """Play the scenarios of the log, report, and return the exit code."""
    try:
        perform(display, log)
    except NotOpenedError as error:
        display.print_lines([*trouble_lines(str(error), error.__cause__ or error, display.width), *where_logs_are(log)])
        return 1
    except KeyboardInterrupt:
        display.print_lines(["Interrupted: nothing is left running.", *where_logs_are(log)])
        return INTERRUPTED
    report(display, log, is_verbose=is_verbose)
    return 1 if any(ending.failure for ending in log.endings.values()) else 0


def report(display: PlainDisplay, log: DemoLog, *, is_verbose: bool) -> None:
    """Print how the scenarios ended, in full if asked for, and where the logs are."""
    endings, end = log.in_order(), [*hints(log, is_verbose=is_verbose), *where_logs_are(log)]
    room = MOST_LINES - MAKE_LINES - display.lines_printed - len(end)
    display.print_lines(format_all(endings) if is_verbose else report_lines(endings, width=display.width, room=room))
    display.print_lines(end)


def hints(log: DemoLog, *, is_verbose: bool) -> list[str]:
    """Return how to see more: a failed scenario again, or else one alone or all in full."""
    if len(log.scenarios) == 1:
        return []
    failed = [ending.scenario.name for ending in log.in_order() if ending.failure]
    if failed:
        return [f"Once more, alone: make demo SCENARIO={failed[0]}"]
    return (
        [] if is_verbose else [f"One scenario alone: make demo SCENARIO={EXAMPLE}; each in full: make demo VERBOSE=1"]
    )


def where_logs_are(log: DemoLog) -> list[str]:
    """Return where everything is written down."""
    line = f"The full log: {log.text.relative_to(ROOT)}"
    return [f"{line}; MiniStack's: {log.ministack.relative_to(ROOT)}" if log.ministack.exists() else line]


if __name__ == "__main__":
    sys.exit(main())
