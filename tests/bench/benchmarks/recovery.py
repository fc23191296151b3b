"""How many waiting rows half a run of `recover` requeues: `python -m tests.bench.benchmarks.recovery`.

The handler that ships, in a process whose AWS is a stub in another process. Each call to AWS takes 8 ms.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from typing import Final

from tests.bench.benchmarks.environment import environment
from tests.bench.benchmarks.stubs.stub_client import StubProcess
from tests.support.builders import an_occurrence
from trigger_provider.adapters.aws.clients import calls, client
from trigger_provider.adapters.dynamodb.ledger import DynamoDbLedger
from trigger_provider.domain.delivery.policy import RECOVERY_RESERVE
from trigger_provider.domain.durations import SECOND
from trigger_provider.domain.ledger.rows import SHARDS, State
from trigger_provider.wiring.recovery import scheduled_recovery

_A_CALL: Final = 8
_PORTION: Final = 1_000
_SITES: Final = 100


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.benchmarks.recovery", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="how many rows wait")
    rows = parser.parse_args().rows
    with StubProcess() as stub:
        world = stub.world("recovery")
        os.environ.update(environment(world.base_url))
        _fill(rows)
        world.ask("late", dynamodb=_A_CALL, sqs=_A_CALL)
        handler = scheduled_recovery(os.environ)
        cpu, wall = time.process_time(), time.perf_counter()
        recovered = handler.recover.run(range(SHARDS // 2), with_sites=False)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    patience = (int(os.environ["INTAKE_TIMEOUT_SECONDS"]) * SECOND - RECOVERY_RESERVE) / SECOND
    sys.stdout.write(
        f"{rows:,} rows of {_SITES} sites wait: half a run requeues {recovered.rows:,} of its half in {wall:.1f} s of "
        f"{patience:.0f} s, {cpu:.1f} s of them processor time; errors: {len(recovered.errors)}\n"
    )


def _fill(rows: int) -> None:
    """Let so many rows wait whose time has come."""
    now = int(time.time() * SECOND)
    ledger = DynamoDbLedger(client("dynamodb", calls(3)), os.environ["LEDGER_TABLE_NAME"])
    for start in range(0, rows, _PORTION):
        ledger.save_many(
            [
                an_occurrence(
                    f"visit {number}", None, site=f"site {number % _SITES}", state=State.RETRYING, revision=1,
                    next_attempt_at=now - rows + number, accepted_at=now - rows,
                )
                for number in range(start, min(rows, start + _PORTION))
            ]
        )  # fmt: skip


if __name__ == "__main__":
    main()
