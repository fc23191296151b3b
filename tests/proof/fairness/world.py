"""The way from acceptance to Wix in virtual time: the use cases that ship, a fair queue, and ports that take time.

Nothing goes wrong here but what a scenario says: it is about who waits for whom. MiniStack models no fair queues, hence
this simulation; its times are what AWS and Wix may take, not what this machine does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from random import Random
from typing import Final

from tests.proof.fairness.mapping import Delivery
from tests.proof.fairness.ports import SlowLedger, SlowSites, SlowWix, Trouble
from tests.proof.simulation.figures import (
    DELIVER_TIMEOUT,
    INTAKE_TIMEOUT,
    INTAKE_WINDOW,
    POLICY,
    RECOVER_TIMEOUT,
    RETENTION,
    SETTLE_RESERVE,
)
from tests.proof.simulation.scheduler import START, Scheduler
from tests.support.builders import a_report
from tests.support.rows import APP
from tests.support.template import parameter
from trigger_provider.adapters.sqs.delivery_queue import decode
from trigger_provider.domain.durations import MINUTE
from trigger_provider.domain.intake.commands import OccurrenceReport
from trigger_provider.domain.ledger.rows import RealtimeEvent
from trigger_provider.entrypoints.deliver import DeliveryHandler
from trigger_provider.observability.telemetry import metrics
from trigger_provider.use_cases.concurrency import MOST_AT_ONCE, Item, Result
from trigger_provider.use_cases.delivery import deliver
from trigger_provider.use_cases.delivery.admission import Admission
from trigger_provider.use_cases.intake.accept import Accept
from trigger_provider.use_cases.recovery.recover import Recover
from trigger_provider.use_cases.recovery.requeue import Requeue
from trigger_provider.use_cases.recovery.resume_sites import ResumeSites

_TICK: Final = 100
_PORTION: Final = 100
_MOST_WAITING: Final = 3_000
_LOOK: Final = 10


@dataclass(frozen=True, slots=True)
class Scenario:
    """What sites ask for: events at once, events a second, and what Wix answers them if not 200."""

    minutes: int
    rates: Mapping[str, float]
    at_once: Mapping[str, int] = field(default_factory=dict)
    troubles: Mapping[str, Trouble] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fared:
    """How each site fared: how many milliseconds each of its events took from acceptance to Wix's acknowledgement."""

    latencies: Mapping[str, Sequence[int]]


def play(scenario: Scenario) -> Fared:
    """Let a scenario happen."""
    world = _World(scenario)
    world.run()
    latencies: dict[str, list[int]] = {site: [] for site in scenario.rates}
    for row in world.ledger.rows.values():
        if isinstance(row, RealtimeEvent) and row.acked_at is not None:
            latencies[row.site].append(row.acked_at - row.accepted_at)
    return Fared(latencies)


class _UnmeteredDeliver(deliver.Deliver):
    """Metrics concern nobody here, and Powertools keeps no more than a hundred of one name."""

    def process(self, deliveries: Sequence[deliver.Delivery], deadline: int) -> deliver.Delivered:
        delivered = deliver.Deliver.process(self, deliveries, deadline)
        metrics.clear_metrics()
        return delivered


class _World:
    def __init__(self, scenario: Scenario) -> None:
        chance, tokens, self._numbers = Random(1), count(), count()  # noqa: S311 - to be the same in every run
        self._scenario = scenario
        self._owed = {site: float(scenario.at_once.get(site, 0)) for site in scenario.rates}
        self._scheduler = Scheduler(chance)
        self.ledger, sites = SlowLedger(self._scheduler), SlowSites(self._scheduler)
        new_token = lambda: str(next(tokens))  # noqa: E731 - a name for what three of them take
        delivery = Delivery(self._scheduler, lambda event: handler.handle(event, DELIVER_TIMEOUT))
        deliver = _UnmeteredDeliver(
            ledger=self.ledger,
            automations=SlowWix(self._scheduler, scenario.troubles),
            clock=self._scheduler,
            jitter=chance.random,
            new_token=new_token,
            policy=POLICY,
            app_id=APP,
            intake_window=INTAKE_WINDOW,
            admission=Admission(sites, self._scheduler, new_token, parameter("SiteCallsPerMinute"), RETENTION),
            spread=self._side_by_side,
        )
        handler = DeliveryHandler(deliver, decode, delivery, self._scheduler, SETTLE_RESERVE, self._scheduler.pause)
        self._accept = Accept(self.ledger, delivery, self._scheduler, new_token, RETENTION)
        requeue = Requeue(self.ledger, delivery, self._scheduler, new_token, self._side_by_side)
        resume_sites = ResumeSites(requeue, sites, POLICY, _MOST_WAITING, self._side_by_side)
        self._recover = Recover(requeue, resume_sites, _MOST_WAITING, RECOVER_TIMEOUT, MINUTE)

    def run(self) -> None:
        self._tick()
        self._minute()
        self._scheduler.run(START + self._scenario.minutes * MINUTE, lambda: False)

    def _tick(self) -> None:
        self._scheduler.at(self._scheduler.now() + _TICK, self._tick)
        requests = [self._request(site) for site in self._owed for _ in range(self._due(site))]
        for start in range(0, len(requests), _PORTION):
            portion = requests[start : start + _PORTION]
            self._scheduler.start("intake", INTAKE_TIMEOUT, partial(self._accept.submit, portion))

    def _due(self, site: str) -> int:
        self._owed[site] += self._scenario.rates[site] * _TICK / 1_000
        whole = int(self._owed[site])
        self._owed[site] -= whole
        return whole

    def _request(self, site: str) -> OccurrenceReport:
        return a_report(f"visit {next(self._numbers)}", None, site=site)

    def _minute(self) -> None:
        self._scheduler.at(self._scheduler.now() + MINUTE, self._minute)
        self._scheduler.start("recover", RECOVER_TIMEOUT, self._recover.run)

    def _side_by_side(self, do: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
        remaining, busy = list(enumerate(items))[::-1], set(range(min(len(items), MOST_AT_ONCE)))
        results: dict[int, Result] = {}

        def work(thread: int) -> None:
            while remaining:
                place, item = remaining.pop()
                results[place] = do(item)
            busy.discard(thread)

        for thread in sorted(busy):
            self._scheduler.start("thread", DELIVER_TIMEOUT, partial(work, thread))
        while busy:
            self._scheduler.pause(_LOOK)
        return [results[place] for place in range(len(items))]
