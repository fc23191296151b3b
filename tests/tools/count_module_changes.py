"""How often one event's walk changes module: `python -m tests.tools.count_module_changes`, with `-v` the walk itself.

Who follows an event through the code must change files as often. Counted is each call of a function of the package that
stands in another module than the one called before. What a dataclass generates, comprehensions and lambdas don't count:
there is nothing to look up. Parts in memory stand for AWS and Wix.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import count, groupby
from types import FrameType
from typing import Final

from tests.support.builders import POLICY
from tests.support.handlers import Handlers, an_invoice
from tests.support.memory_automations import MemoryAutomations
from tests.support.rows import APP
from tests.support.site_builders import an_admission
from trigger_provider.domain.durations import SECOND
from trigger_provider.use_cases.delivery.deliver import Deliver, Delivery

PACKAGE: Final = "trigger_provider."
GOALS: Final = {"intake": 25, "delivery": 40}
LIMITS: Final = {"intake": 43, "delivery": 42}
"""What a test holds: the goal, or where that is not reached yet, the count of today."""


def walks() -> dict[str, list[str]]:
    """Return the modules that a scheduled report passes in intake and in delivery, after another has warmed all up."""
    handlers = Handlers()
    tokens = (f"token {number}" for number in count())
    deliver = Deliver(
        handlers.ledger, MemoryAutomations(handlers.clock), handlers.clock, lambda: 0.5, lambda: next(tokens), POLICY,
        APP, 15 * SECOND, an_admission(handlers.clock),
    )  # fmt: skip

    def take() -> None:
        handlers.ask(an_invoice(entityId=next(tokens)))

    def send() -> None:
        now, message = handlers.clock.now(), handlers.outbox.sent[-1]
        deliver.process([Delivery(message.key, message.revision, now)], now + 30 * SECOND)

    take()
    send()
    return {"intake": modules_of(take), "delivery": modules_of(send)}


def modules_of(walk: Callable[[], None]) -> list[str]:
    """Return the modules of the functions of the package that are called meanwhile, without repetitions in a row."""
    modules: list[str] = []

    def record(frame: FrameType, event: str, _: object) -> None:
        name, code = str(frame.f_globals.get("__name__")), frame.f_code
        is_written = not code.co_filename.startswith("<") and not code.co_name.startswith("<")
        if event == "call" and is_written and name.startswith(PACKAGE):
            modules.append(name.removeprefix(PACKAGE))

    sys.setprofile(record)
    try:
        walk()
    finally:
        sys.setprofile(None)
    return [name for name, _ in groupby(modules)]


def count_changes(modules: list[str]) -> int:
    """Return how often a walk changes from one module to another."""
    return len(modules) - 1


def main() -> None:
    """Print the counts beside their goals."""
    for name, modules in walks().items():
        print(f"{name:<10} {count_changes(modules):>3} changes between {len(set(modules))} modules, goal {GOALS[name]}")
        if "-v" in sys.argv:
            print("\n".join(f"  {module}" for module in modules))


if __name__ == "__main__":
    main()
