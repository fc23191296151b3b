"""Many seeds, `python -m tests.proof.simulation --seeds 10000`, or one of them again, `--seed 285`, with its trace."""

from __future__ import annotations

import argparse
import sys
import time

from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn

from tests.proof.simulation.campaign import Campaign, campaign
from tests.proof.simulation.parts import SOUND
from tests.proof.simulation.replay import describe, numbers
from tests.proof.simulation.run import SIZE, Script, run
from tests.proof.simulation.sabotages import SABOTAGES
from tests.proof.simulation.shrink import Shrinker


def main() -> int:
    asked = _parser().parse_args()
    parts = SABOTAGES[asked.without] if asked.without else SOUND
    script = Script(asked.seed or 0, asked.size, asked.keep, asked.spare or frozenset(), asked.roll)
    if asked.seed is None:
        whole = _campaign(range(asked.first, asked.first + asked.seeds), asked.size)
        if not whole.failed:
            return 0
        script = whole.failed[0].script
    is_whole = asked.seed is None or asked.shrink
    result = Shrinker(script, parts, _say).shrunk() if is_whole else run(script, parts, tells=True)
    _write(describe(result))
    return 1 if result.wrong else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.proof.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=10_000, help="how many to run")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--size", type=int, default=SIZE, help="requests in each")
    parser.add_argument("--seed", type=int, help="run this one alone, and tell what happens")
    parser.add_argument("--shrink", action="store_true", help="make it small first, if it fails")
    parser.add_argument("--roll", type=int, default=0, help="let all but the requests come out otherwise")
    parser.add_argument("--keep", type=numbers, metavar="1-3,7", help="only these requests")
    parser.add_argument("--spare", type=numbers, metavar="1-3,7", help="without these faults")
    parser.add_argument("--without", choices=SABOTAGES, metavar="RULE", help="with one rule broken, as tests do")
    return parser


def _campaign(seeds: range, size: int) -> Campaign:
    columns = (*Progress.get_default_columns(), MofNCompleteColumn(), TimeElapsedColumn())
    began = time.monotonic()
    with Progress(*columns) as progress:
        bar = progress.add_task("seeds", total=len(seeds))
        whole = campaign(seeds, size, lambda more: progress.advance(bar, more))
    figures = ", ".join(f"{number:,} {name}" for name, number in whole.figures.items())
    _write(f"{figures} in {time.monotonic() - began:.0f} s: {'one has failed' if whole.failed else 'all is well'}")
    return whole


def _say(how_far: str) -> None:
    _write(f"shrinking: it still fails with {how_far}")


def _write(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
