"""One seed, run and judged."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.proof.simulation.invariants import broken
from tests.proof.simulation.parts import SOUND, Parts
from tests.proof.simulation.producers import asks
from tests.proof.simulation.world import World
from trigger_provider.observability.telemetry import logger

SIZE = 200


@dataclass(frozen=True, slots=True)
class Script:
    """What to run: only the requests with the numbers in `kept`, if given, and without the faults in `spared`.

    `roll` lets everything but the requests come out otherwise.
    """

    seed: int
    size: int = SIZE
    kept: frozenset[int] | None = None
    spared: frozenset[int] = frozenset()
    roll: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """What came of it: what is wrong, if anything, and how much has happened."""

    script: Script
    wrong: tuple[str, ...]
    requests: int
    steps: int
    calls: int
    faults: int
    lines: tuple[str, ...] = ()


def run(script: Script, parts: Parts = SOUND, *, tells: bool = False) -> Run:
    """Run a script from the start: it comes out the same each time."""
    sent = asks(script.seed, script.size)
    kept = [ask for ask in sent if script.kept is None or ask.number in script.kept]
    world = World(script.seed, script.roll, kept, parts, script.spared, tells=tells)
    with _silence():
        world.run()
    return Run(
        script, tuple(broken(world)), len(kept), world.scheduler.steps, world.wix.calls, len(world.fault_injection.met),
        tuple(world.journal.lines),
    )  # fmt: skip


@contextmanager
def _silence() -> Iterator[None]:
    """Let the entry points log nothing."""
    level = logger.log_level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)
