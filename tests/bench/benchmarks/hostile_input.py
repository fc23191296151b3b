"""What hostile bodies cost: each is printed beside an ordinary body of its size.

Run it by `python -m tests.bench.benchmarks.hostile_input`.

Measured is the processor's time for all that intake does of its own with a message: parsing, mapping and checking. So
others on the same machine make no difference.
"""

from __future__ import annotations

import time

from tests.support.fixed_clock import FixedClock
from tests.support.handlers import CHECKER, NOW
from tests.support.hostile import HOSTILE, ordinary
from trigger_provider.entrypoints.message_reader import MessageReader

READER = MessageReader(CHECKER, FixedClock(NOW))
TRIES = 5


def milliseconds(body: str) -> float:
    """Return the best of some tries."""
    return min(_once(body) for _ in range(TRIES))


def _once(body: str) -> float:
    start = time.process_time()
    READER.read_text(body)
    return (time.process_time() - start) * 1_000


def main() -> None:
    """Print the table."""
    usual = milliseconds(ordinary())
    print(f"{usual:8.2f} ms        an ordinary body of {len(ordinary()):,} bytes")
    for name, make in HOSTILE.items():
        spent = milliseconds(body := make())
        print(f"{spent:8.2f} ms {spent / usual:5.2f} x {name} ({len(body):,} bytes)")


if __name__ == "__main__":
    main()
