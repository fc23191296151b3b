"""The way to a port: a call takes some time, and may fail on the way there and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from greenlet import GreenletExit

from tests.proof.simulation.fault_injection import Fault, FaultInjection, Place
from tests.proof.simulation.journal import Journal
from tests.proof.simulation.scheduler import Scheduler
from trigger_provider.errors import TriggerProviderError

Item = TypeVar("Item")
Result = TypeVar("Result")


class Connection:
    """The way to one port. A call that fails raises `error`."""

    def __init__(
        self,
        place: Place,
        scheduler: Scheduler,
        fault_injection: FaultInjection,
        journal: Journal,
        error: type[TriggerProviderError],
    ) -> None:
        self.scheduler = scheduler
        self._place = place
        self._fault_injection = fault_injection
        self._journal = journal
        self._error = error

    def call(self, name: str, items: Sequence[Item], do: Callable[[Sequence[Item]], Result]) -> list[Result]:
        """Do it for the items at once, or in two parts with other processes in between. Return each part's results."""
        fault = self._fault_injection.strike(self._place)
        self.scheduler.pause(self._fault_injection.latency())
        if fault is None:
            return [do(items)]
        self._journal.say(lambda: f"{name}: {fault}")
        return self._struck(fault, items, do)

    def _struck(self, fault: Fault, items: Sequence[Item], do: Callable[[Sequence[Item]], Result]) -> list[Result]:
        half = len(items) // 2
        match fault:
            case Fault.DIES_BEFORE:
                raise GreenletExit
            case Fault.FAILS:
                raise self._error
            case Fault.SLOW:
                self.scheduler.pause(self._fault_injection.slowness())
            case Fault.TORN if half:
                first = do(items[:half])
                self.scheduler.pause(self._fault_injection.slowness())
                return [first, do(items[half:])]
            case Fault.PART:
                do(items[:half])
                raise self._error
        results = [do(items)]
        if fault is Fault.DIES_AFTER:
            raise GreenletExit
        if fault is Fault.LOST:
            raise self._error
        return results
