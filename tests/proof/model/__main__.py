"""The search at length: `python -m tests.proof.model --long` adds the long cases, and prints a line for each."""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from tests.proof.model.search import search
from tests.proof.model.suite import LONG, SHORT


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.proof.model", description=__doc__)
    parser.add_argument("--long", action="store_true", help="the long cases too: some millions of states, minutes")
    parser.add_argument("--only", default="", metavar="WORDS", help="only cases whose name begins so, as in 'S1 X2'")
    asked = parser.parse_args()
    cases = [case for case in (LONG + SHORT if asked.long else SHORT) if case.name.startswith(asked.only)]
    bad = 0
    with ProcessPoolExecutor(mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        begun = {pool.submit(search, case): case for case in cases}
        for number, ended in enumerate(as_completed(begun), 1):
            result, case = ended.result(), begun[ended]
            bad += result.wrong is not None
            line = f"{number:3}/{len(cases)}  {result.states:9,} states {result.seconds:6.1f} s  {case.name}"
            sys.stdout.write(f"{line}: all is well\n" if result.wrong is None else f"{line}\n{result}\n")
            sys.stdout.flush()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
