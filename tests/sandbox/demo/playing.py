"""Plays scenarios on an open environment, several at once."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Final

from tests.sandbox.environment import Environment
from tests.sandbox.narrator import Narrator, Scenario
from tests.sandbox.scenarios import SCENARIOS

AT_ONCE: Final = 10

OnBegin = Callable[[Scenario, Narrator], None]


@dataclass(frozen=True, slots=True)
class Ending:
    """How a scenario ended.

    `failure` says which expectation did not hold, or which error came in between; it is None if all expectations held.
    """

    scenario: Scenario
    narrator: Narrator
    seconds: float
    failure: str | None = None
    trace: str = ""


def play_all(
    environment: Environment,
    scenarios: Sequence[Scenario] = SCENARIOS,
    on_begin: OnBegin = lambda _scenario, _narrator: None,
) -> Iterator[Ending]:
    """Play the scenarios, and yield each ending as it comes; `on_begin` is called from the scenarios' own threads."""
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        for future in as_completed([pool.submit(play, scenario, environment, on_begin) for scenario in scenarios]):
            yield future.result()
    finally:
        # After Ctrl-C no scenario begins any more, and those that play fail as soon as the environment is closed.
        pool.shutdown(wait=False, cancel_futures=True)


def play(scenario: Scenario, environment: Environment, on_begin: OnBegin) -> Ending:
    """Play one scenario; whatever goes wrong in it is its failure, and the other scenarios go on."""
    narrator, start = Narrator(), time.monotonic()
    on_begin(scenario, narrator)
    failure, trace = None, ""
    try:
        scenario.play(environment, narrator)
    except Exception as error:  # noqa: BLE001 - see above
        failure, trace = describe(error), traceback.format_exc()
    return Ending(scenario, narrator, time.monotonic() - start, failure, trace)


def describe(error: Exception) -> str:
    """Return what an error says; a scenario's own expectations are sentences already."""
    return str(error) if isinstance(error, AssertionError) and str(error) else f"{type(error).__name__}: {error}"
