"""The ports as they would take their time: the in-memory fakes, on the scheduler's clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Final

from tests.proof.simulation.figures import CONNECT, READ
from tests.proof.simulation.scheduler import Scheduler
from tests.support.memory_automations import MemoryAutomations
from tests.support.memory_ledger import MemoryLedger
from tests.support.memory_sites import MemorySites
from trigger_provider.domain.delivery.results import TIMED_OUT, EventReport, ItemResult, ResultKind
from trigger_provider.domain.ledger.rows import Row, RowKey
from trigger_provider.domain.sites.site import SiteRow

AWS_CALL: Final = 8
WIX_CALL: Final = 120
_ROWS_A_READ: Final = 100
_ROWS_A_SAVE: Final = 25


class Trouble(StrEnum):
    """What Wix answers to all calls for a site."""

    UNAVAILABLE = "wix 503"
    TIMEOUT = TIMED_OUT


class SlowLedger(MemoryLedger):
    """Keeps the port `Ledger`."""

    def __init__(self, scheduler: Scheduler) -> None:
        super().__init__()
        self._scheduler = scheduler

    def load_many(self, keys: Iterable[RowKey]) -> Mapping[RowKey, Row]:
        asked = list(keys)
        self._scheduler.pause(AWS_CALL * -(-len(asked) // _ROWS_A_READ))
        return super().load_many(asked)

    def save_many(self, rows: Sequence[Row]) -> frozenset[RowKey]:
        self._scheduler.pause(AWS_CALL * -(-len(rows) // _ROWS_A_SAVE))
        return super().save_many(rows)


class SlowSites(MemorySites):
    """Keeps the port `Sites`."""

    def __init__(self, scheduler: Scheduler) -> None:
        super().__init__()
        self._scheduler = scheduler

    def load_many(self, sites: Iterable[str]) -> Mapping[str, SiteRow]:
        asked = list(sites)
        self._scheduler.pause(AWS_CALL * -(-len(asked) // _ROWS_A_READ))
        return super().load_many(asked)

    def save_many(self, rows: Sequence[SiteRow]) -> frozenset[str]:
        self._scheduler.pause(AWS_CALL * -(-len(rows) // _ROWS_A_SAVE))
        return super().save_many(rows)


class SlowWix(MemoryAutomations):
    """Keeps the port `AutomationsApi`."""

    def __init__(self, scheduler: Scheduler, troubles: Mapping[str, Trouble]) -> None:
        super().__init__(scheduler)
        self._scheduler = scheduler
        self._troubles = troubles

    def report(self, site: str, trigger: str, reports: Sequence[EventReport], deadline: int) -> Sequence[ItemResult]:
        trouble = self._troubles.get(site)
        self._scheduler.pause(CONNECT + READ if trouble is Trouble.TIMEOUT else WIX_CALL)
        if trouble is not None:
            return [ItemResult(ResultKind.RETRY, trouble)] * len(reports)
        return super().report(site, trigger, reports, deadline)
