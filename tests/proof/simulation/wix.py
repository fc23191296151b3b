"""Wix: which events are live, which keys it has used, and everything that can happen to a call.

An effect that comes late comes within the time that one HTTP call may take. The settle delay relies on that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from greenlet import GreenletExit

from tests.proof.simulation.call_rules import CallRules
from tests.proof.simulation.fault_injection import Fault, FaultInjection, Place
from tests.proof.simulation.figures import LEAST_CALL, LONGEST_CALL
from tests.proof.simulation.journal import Journal
from tests.proof.simulation.requests import POISON
from tests.proof.simulation.scheduler import Scheduler
from tests.proof.simulation.wix_calls import (
    DONE,
    NOT_TRIED,
    TIMEOUT,
    UNAVAILABLE,
    UNSURE,
    Call,
    Item,
    all_done,
    answer_to,
)
from trigger_provider.domain.delivery.policy import IDEMPOTENCY_KEY_TTL
from trigger_provider.domain.delivery.results import EventReport, ItemResult, ResultKind

_LONGEST_BUSY: Final = 40
_SLOWER: Final = 8
_OF_AN_ENTITY: Final = 23
_MOST_RIDDLES: Final = 4  # one less than `DeliveryPolicy.unsure_tries`

EventAt = tuple[str, str, str]
"""An event's place: site, trigger and event id."""


class BreakingError(Exception):
    """Our client has broken on an answer."""


class SimulatedWix:
    """Keeps the port `AutomationsApi`.

    `effects` counts how often each event was taken in, in all the time, and `payloads` are those that each trigger's
    idempotency keys came with. For the `breaking` sites each call ends in an error that nothing foresees.
    The `dropped` events were live when their site removed the app.
    """

    def __init__(
        self, scheduler: Scheduler, fault_injection: FaultInjection, journal: Journal, call_rules: CallRules
    ) -> None:
        self.live: dict[EventAt, list[str]] = {}
        self.effects: Counter[EventAt] = Counter()
        self.payloads: dict[tuple[str, str], set[str]] = {}
        self.calls = 0
        self.flying = 0
        self.breaking: set[str] = set()
        self.dropped: set[EventAt] = set()
        self._used_until: dict[tuple[str, str], int] = {}
        self._riddles: Counter[str] = Counter()
        self._scheduler = scheduler
        self._fault_injection = fault_injection
        self._journal = journal
        self._call_rules = call_rules

    def report(self, site: str, trigger: str, reports: Sequence[EventReport], deadline: int) -> Sequence[ItemResult]:
        if any(POISON in report.payload for report in reports):
            self._journal.say(lambda: "dies of a poisonous payload")
            raise GreenletExit

        for report in reports:
            self.payloads.setdefault((trigger, report.idempotency_key), set()).add(report.payload)

        def effect(event_report: EventReport) -> None:
            if answer_to(event_report) is DONE:
                self._reported((site, trigger, event_report.event_id), event_report)

        return self._called(site, Call("report", reports, deadline, answer_to, effect, lambda report: report.event_id))

    def drop(self, site: str) -> None:
        """End all live events of a site."""
        for event in [event for event in self.live if event[0] == site]:
            del self.live[event]
            self.dropped.add(event)

    def cancel(self, site: str, trigger: str, event_ids: Sequence[str], deadline: int) -> Sequence[ItemResult]:
        def effect(text: str) -> None:
            self.live.pop((site, trigger, text), None)

        return self._called(site, Call("cancel", event_ids, deadline, lambda _: DONE, effect, lambda text: text))

    def _reported(self, event: EventAt, report: EventReport) -> None:
        # Wix scopes keys to app and trigger, not to the site, and a cancel does not free them.
        key, now = (event[1], report.idempotency_key), self._scheduler.now()
        if self._used_until.get(key, 0) <= now:
            self._used_until[key] = now + IDEMPOTENCY_KEY_TTL
            self.live.setdefault(event, []).append(report.payload)
            self.effects[event] += 1

    def _called(self, site: str, call: Call[Item]) -> list[ItemResult]:
        if self._scheduler.now() + LEAST_CALL > call.deadline:
            return [NOT_TRIED] * len(call.items)
        if (
            refusal := self._call_rules.refusal(site, {call.event_id(item)[:_OF_AN_ENTITY] for item in call.items})
        ) is not None:
            return [refusal] * len(call.items)
        if site in self.breaking:
            raise BreakingError
        self.calls += 1
        fault, began = self._fault_injection.strike(Place.WIX), self._scheduler.now()
        self._scheduler.pause(_SLOWER * self._fault_injection.latency())
        if fault is None:
            return all_done(call)
        self._journal.say(lambda: f"{call.name}: {fault}")
        self._die(fault, call, began)
        return self._answered(fault, call, began)

    def _die(self, fault: Fault, call: Call[Item], began: int) -> None:
        """Let the caller die, if that is the fault."""
        if fault is Fault.DIES_LATE:
            self._later(call, began)
        if fault is Fault.DIES_AFTER:
            all_done(call)
        if fault in (Fault.DIES_BEFORE, Fault.DIES_AFTER, Fault.DIES_LATE):
            raise GreenletExit

    def _answered(self, fault: Fault, call: Call[Item], began: int) -> list[ItemResult]:
        match fault:
            case Fault.FAILS:
                return [UNAVAILABLE] * len(call.items)
            case Fault.BUSY:
                wait = self._fault_injection.below(_LONGEST_BUSY)
                return [ItemResult(ResultKind.RATE_LIMITED, "wix 429", "wix request", retry_after=wait)] * len(
                    call.items
                )
            case Fault.PART:
                half = len(call.items) // 2
                return [*all_done(call)[:half], *[UNAVAILABLE] * (len(call.items) - half)]
            case Fault.RIDDLE | Fault.RIDDLE_AFTER:
                return self._riddled(call, has_effect=fault is Fault.RIDDLE_AFTER)
            case Fault.ASYNC:
                self._later(call, began)
                return [call.answer(item) for item in call.items]
            case Fault.LATE:
                self._later(call, began)
            case Fault.LOST:
                all_done(call)
        self._scheduler.pause(min(self._fault_injection.slowness(), max(0, call.deadline - self._scheduler.now())))
        return all_done(call) if fault is Fault.SLOW else [TIMEOUT] * len(call.items)

    def _riddled(self, call: Call[Item], *, has_effect: bool) -> list[ItemResult]:
        """Answer with an undocumented code, a few times at most for each entity: one more may count as a refusal."""
        entities = [call.event_id(item)[:_OF_AN_ENTITY] for item in call.items]
        self._riddles.update(entities)
        answers = [UNSURE if self._riddles[entity] <= _MOST_RIDDLES else UNAVAILABLE for entity in entities]
        if has_effect:
            all_done(call)
        return answers

    def _later(self, call: Call[Item], began: int) -> None:
        self.flying += 1

        def land() -> None:
            self.flying -= 1
            self._journal.say(lambda: f"a late {call.name} is done")
            all_done(call)

        self._scheduler.at(max(self._scheduler.now(), began + self._fault_injection.below(LONGEST_CALL)), land)
