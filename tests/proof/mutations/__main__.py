"""`python -m tests.proof.mutations`: every mutation against the model and the ledger's suites; 1 if one survives."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor, as_completed

from tests.proof.mutations.mutations import MUTATIONS
from tests.proof.mutations.trial import is_caught


def main() -> int:
    """Try them, two at a time, a line for each as it ends."""
    survivors = 0
    with ThreadPoolExecutor(2) as pool:
        begun = {pool.submit(is_caught, mutation, thoroughly=True): mutation for mutation in MUTATIONS}
        for number, ended in enumerate(as_completed(begun), 1):
            caught = ended.result()
            survivors += not caught
            word = "caught" if caught else "SURVIVES"
            sys.stdout.write(f"{number:3}/{len(MUTATIONS)}  {word:8}  {begun[ended].wrong}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{len(MUTATIONS) - survivors} of {len(MUTATIONS)} mutations are caught\n")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
