"""One row that a batch of messages asks to look at: what is planned for it, and what Wix answered.

Each kind of work tells which event ids to cancel, whether to report once those cancels are answered, and what
the answers make of the row as it is by then: nothing, if it has moved on from the plan.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from trigger_provider.domain.delivery.outcomes import outcome_of, outcomes_of_generations
from trigger_provider.domain.delivery.planning import Plan, Step, SweepPlan, read_cancelled_ids
from trigger_provider.domain.delivery.results import ItemResult, ResultKind
from trigger_provider.domain.delivery.settlement import (
    closed_state,
    settle_occurrence,
    settle_scheduled,
    settle_sweep,
)
from trigger_provider.domain.ledger.ids import event_id
from trigger_provider.domain.ledger.rows import RealtimeEvent, Row, ScheduledEntity, Tombstone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trigger_provider.domain.delivery.messages import OutcomeEvent
    from trigger_provider.domain.delivery.retry import SettleContext, Settlement


@dataclass(slots=True)
class ScheduledJob:
    """An entity of a scheduled trigger."""

    row: ScheduledEntity
    plan: Plan
    cancels: Sequence[ItemResult] = ()
    report: ItemResult | None = None

    def cancel_ids(self) -> list[str]:
        """Return the event ids to cancel; their answers go to `cancels`, in order."""
        return read_cancelled_ids(self.row, self.plan)

    def may_report(self) -> bool:
        """Return whether the row's event is to be reported, if its cancels are done."""
        return self.plan.step is Step.SEND

    def is_to_report(self) -> bool:
        """Return whether to report the row's event, now that the cancels are answered."""
        return self.may_report() and all(cancel.kind is ResultKind.DONE for cancel in self.cancels)

    def proven_ends(self) -> list[OutcomeEvent]:
        """Return the ends that the answers prove, whatever becomes of the row."""
        answered = zip(self.plan.cancels if self.plan.conclusive else (), self.cancels, strict=False)
        return outcomes_of_generations(
            self.row, [number for number, answer in answered if answer.kind is ResultKind.DONE]
        )

    def settled(self, current: Row, moment: SettleContext) -> Settlement[ScheduledEntity] | None:
        """Return the row as the answers leave it; nothing if it has moved on from the plan."""
        if not isinstance(current, ScheduledEntity) or current.generation != self.row.generation:
            return None
        return settle_scheduled(current, self.plan, self.cancels, self.report, moment)


@dataclass(slots=True)
class RealtimeJob:
    """One real-time event."""

    row: RealtimeEvent
    plan: Plan
    cancels: Sequence[ItemResult] = ()
    report: ItemResult | None = None

    def cancel_ids(self) -> list[str]:
        """Return the event ids to cancel; their answers go to `cancels`, in order."""
        return []

    def may_report(self) -> bool:
        """Return whether the row's event is to be reported, if its cancels are done."""
        return self.plan.step is Step.SEND

    def is_to_report(self) -> bool:
        """Return whether to report the row's event, now that the cancels are answered."""
        return self.may_report()

    def proven_ends(self) -> list[OutcomeEvent]:
        """Return the ends that the answers prove: its own end is published with its row."""
        return []

    def settled(self, current: Row, moment: SettleContext) -> Settlement[RealtimeEvent] | None:
        """Return the row as the answers leave it; nothing if it has moved on from the plan."""
        if not isinstance(current, RealtimeEvent):
            return None
        return settle_occurrence(current, self.report, moment)


@dataclass(slots=True)
class SweepJob:
    """A cancelled entity of a real-time trigger."""

    row: Tombstone
    plan: SweepPlan
    cancels: Sequence[ItemResult] = ()
    report: ItemResult | None = field(default=None, init=False)

    def cancel_ids(self) -> list[str]:
        """Return the event ids to cancel; their answers go to `cancels`, in order."""
        return [event_id(target) for target in self.plan.targets]

    def may_report(self) -> bool:
        """Return whether the row's event is to be reported, if its cancels are done: it has none."""
        return False

    def is_to_report(self) -> bool:
        """Return whether to report the row's event, now that the cancels are answered."""
        return False

    def closed(self) -> list[RealtimeEvent]:
        """Return the occurrences that these cancels have closed for good."""
        answered = zip(self.plan.targets, self.cancels, strict=True)
        return [row for row, answer in answered if answer.kind is ResultKind.DONE and row.key in self.plan.conclusive]

    def proven_ends(self) -> list[OutcomeEvent]:
        """Return the ends that the answers prove: of all that is closed for good."""
        return [end for row in self.closed() for end in outcome_of(replace(row, state=closed_state(row)))]

    def settled(self, current: Row, moment: SettleContext) -> Settlement[Tombstone] | None:
        """Return the row as the answers leave it; nothing if it has moved on from the plan."""
        if not isinstance(current, Tombstone) or current.version != self.row.version:
            return None
        return settle_sweep(current, self.plan, self.cancels, moment)


Job = ScheduledJob | RealtimeJob | SweepJob
