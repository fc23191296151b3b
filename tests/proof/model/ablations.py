"""The rules of the protocol, each left out once. If the search finds nothing wrong then, it does not guard the rule.

Each replaces one decision, or the order of two steps, and says in which case that is found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tests.proof.model.cases import Case, Fault
from tests.proof.model.clock import NOW, SETTLE_DELAY
from tests.proof.model.rules import Rules
from tests.proof.model.search import Found, search
from trigger_provider.domain.delivery.jobs import Job, settle_job
from trigger_provider.domain.delivery.planning import Plan, plan_occurrence, plan_scheduled
from trigger_provider.domain.delivery.results import JobResults, ResultKind
from trigger_provider.domain.delivery.retry import SettleContext, Settlement
from trigger_provider.domain.delivery.sweeps import SweepPlan, plan_sweep
from trigger_provider.domain.gate import GateAnswer, Reason, RefreshQuery, answer
from trigger_provider.domain.intake.acceptance import Acceptance, accept_change
from trigger_provider.domain.intake.commands import ScheduledChange
from trigger_provider.domain.ledger.rows import (
    ON_THE_WAY,
    EventRow,
    OccurrencePage,
    RealtimeEvent,
    Row,
    ScheduledEntity,
    State,
    Tombstone,
)
from trigger_provider.domain.operations.restoration import restore_row

_LONG_AGO = NOW - SETTLE_DELAY


@dataclass(frozen=True)
class Ablation:
    """Rules without one of them, a case that shows why it is needed, and what goes wrong there."""

    rules: Rules
    case: Case
    wrong: str


def search_without(name: str) -> Found:
    """Search for what goes wrong in an ablation, by its name."""
    ablation = ABLATIONS[name]
    return search(ablation.case, ablation.rules)


def _one_id(event_id: str) -> str:
    return f"{event_id[:-4]}0001"


def _one_key(app_id: str, row: Row) -> str:
    return f"{app_id} {row.key}"


def _at_once(*_: int) -> int | None:
    return None


def _conclusive(row: ScheduledEntity, now: int, settle_delay: int) -> Plan | None:
    plan = plan_scheduled(row, now, settle_delay)
    return None if plan is None else plan._replace(conclusive=True)


def _certain(row: ScheduledEntity, now: int, settle_delay: int) -> Plan | None:
    return plan_scheduled(replace(row, acked_at=row.acked_at and _LONG_AGO), now, settle_delay)


def _all_conclusive(tombstone: Tombstone, page: OccurrencePage, now: int, settle_delay: int) -> SweepPlan | None:
    plan = plan_sweep(tombstone, page, now, settle_delay)
    return None if plan is None else plan._replace(conclusive=frozenset(target.key for target in plan.targets))


def _all_certain(tombstone: Tombstone, page: OccurrencePage, now: int, settle_delay: int) -> SweepPlan | None:
    aged = tuple(replace(row, acked_at=row.acked_at and _LONG_AGO) for row in page.rows)
    return plan_sweep(tombstone, page._replace(rows=aged), now, settle_delay)


def _without_superseded(tombstone: Tombstone, page: OccurrencePage, now: int, settle_delay: int) -> SweepPlan | None:
    others = tuple(row for row in page.rows if row.state is not State.SUPERSEDED)
    return plan_sweep(tombstone, page._replace(rows=others), now, settle_delay)


def _blind(row: RealtimeEvent, _: Tombstone | None, now: int) -> Plan | None:
    return plan_occurrence(row, None, now)


def _settled_at_once(job: Job, results: JobResults, current: Row, moment: SettleContext) -> Settlement[Row] | None:
    at_once = moment._replace(policy=moment.policy._replace(settle_delay=0))
    return settle_job(job, results, current, at_once)


def _trouble_stays(job: Job, results: JobResults, current: Row, moment: SettleContext) -> Settlement[Row] | None:
    is_done = results.report is not None and results.report.kind is ResultKind.DONE
    if is_done and current.state in (State.FAILED, State.RETRYING):
        return Settlement(current)
    return settle_job(job, results, current, moment)


def _left_to_the_gate(
    change: ScheduledChange, stored: ScheduledEntity | None, draft: ScheduledEntity | None, **kw: int
) -> Acceptance:
    """Treat a changed date as a change of the payload alone."""
    before = draft and replace(draft, due_at=change.due_at)
    return accept_change(change, stored, before, **kw)


def _replaced_on_its_way(
    change: ScheduledChange, stored: ScheduledEntity | None, draft: ScheduledEntity | None, **kw: int
) -> Acceptance:
    """Replace the payload of a generation that Wix has not acknowledged."""
    before = draft and replace(draft, state=State.REPORTED)
    acceptance = accept_change(change, stored, before, **kw)
    if draft is None or not isinstance(acceptance.row, ScheduledEntity) or acceptance.row.generation > draft.generation:
        return acceptance
    return acceptance._replace(row=replace(acceptance.row, state=draft.state), is_to_deliver=draft.state in ON_THE_WAY)


def _any_generation(asked: RefreshQuery, rows: Sequence[Row]) -> GateAnswer:
    payload = next(
        (row.payload for row in rows if isinstance(row, EventRow) and row.key.partition == asked.event[:-13]), None
    )
    return GateAnswer(Reason.NEWEST, payload)


def _blind_gate(asked: RefreshQuery, rows: Sequence[Row]) -> GateAnswer:
    return answer(asked, [row for row in rows if isinstance(row, RealtimeEvent)])


def _born_with_1(
    change: ScheduledChange, stored: ScheduledEntity | None, draft: ScheduledEntity | None, **kw: int
) -> Acceptance:
    acceptance = accept_change(change, stored, draft, **kw)
    row = acceptance.row
    if stored is not None or not isinstance(row, ScheduledEntity):
        return acceptance
    oldest = 1 + row.oldest_open_generation - row.generation
    return acceptance._replace(row=replace(row, generation=1, oldest_open_generation=oldest))


def _restored_as_it_was(row: Row, *_: int) -> Row:
    return row


def _restored_one_ahead(row: Row, now: int, retention: int) -> Row:
    after = restore_row(row, now, retention)
    if isinstance(row, ScheduledEntity) and isinstance(after, ScheduledEntity):
        return replace(after, generation=row.generation + 1)
    return after


_UPDATE = Case(words="S1 S2", faults=1)
_CANCEL = Case(words="R1 X2", faults=1)
_DEATH = Case(words="S1", faults=1, kinds=frozenset({Fault.CRASH}))
_ANSWERS = Case(words="S1", faults=2, kinds=frozenset({Fault.COPY, Fault.TIMEOUT}), gives_up=True)

_ERASED = Case(words="S1 X2 S3", faults=1, kinds=frozenset({Fault.FORGOTTEN}))
_MESSAGE_LOST = Case(words="S1", faults=1, kinds=frozenset({Fault.MESSAGE_LOST}), walks=True)
_LOST = Case(words="S1 S2", faults=1, kinds=frozenset({Fault.RESTORED}))

_BOTH_LIVE = "reported, but live is …0001, …0002"
_NONE_LIVE = "reported, but live is nothing"
_UNSETTLED = "a row is not settled"
_STILL_LIVE = "R1: cancelled, but live, and {}"

_SCHEDULED = {
    "one event id for all generations": Ablation(Rules(id_at_wix=_one_id), _UPDATE, _NONE_LIVE),
    "one idempotency key for all generations": Ablation(
        Rules(idempotency_key=_one_key), _UPDATE, "the key of …0002 carries two payloads"
    ),
    "no second cancel": Ablation(Rules(plan_scheduled=_conclusive), _UPDATE, _BOTH_LIVE),
    "the second cancel without the delay": Ablation(Rules(settle_job=_settled_at_once), _UPDATE, _BOTH_LIVE),
    "certain without age": Ablation(Rules(plan_scheduled=_certain), replace(_UPDATE, late=True), _BOTH_LIVE),
    "save before enqueue": Ablation(Rules(enqueues_first=False), replace(_DEATH, retries=False), _UNSETTLED),
    "save before enqueue, though the source retries": Ablation(Rules(enqueues_first=False), _DEATH, _UNSETTLED),
    "a message is dropped while its row may still be saved": Ablation(
        Rules(wait_for_save=_at_once), replace(_DEATH, faults=0), _UNSETTLED
    ),
    "no slow walk where messages are lost": Ablation(Rules(find_overlooked=lambda *_: None), _MESSAGE_LOST, _UNSETTLED),
    "a gate that lets older generations pass": Ablation(
        Rules(gate=_any_generation), _UPDATE, "…0001 passes the gate with payload 1"
    ),
    "a payload that is replaced before Wix has acknowledged it": Ablation(
        Rules(accept_change=_replaced_on_its_way),
        Case(words="G1 G2", faults=1),
        "the key of …0001 carries two payloads",
    ),
    "a date that moves is left to the gate": Ablation(
        Rules(accept_change=_left_to_the_gate), Case(words="G1 M2", faults=0), "reported, but live is …0001"
    ),
    "a settle that overwrites": Ablation(
        Rules(saves_on_condition=False), _UPDATE, "the ledger doesn't hold the newest version"
    ),
    "a row is born with generation 1": Ablation(
        Rules(accept_change=_born_with_1), _ERASED, "the key of …0001 carries two payloads"
    ),
    "a row is restored as it was": Ablation(
        Rules(restore_row=_restored_as_it_was), _LOST, "reported, but live is …0002"
    ),
    "a row is restored one generation ahead": Ablation(
        Rules(restore_row=_restored_one_ahead), _LOST, "the key of …0002 carries two payloads"
    ),
    "an acknowledgement that does not beat what failed": Ablation(
        Rules(settle_job=_trouble_stays), _ANSWERS, "acknowledged, but failed, and that is not written down"
    ),
}

_REALTIME = {
    "no second cancel": Ablation(Rules(plan_sweep=_all_conclusive), _CANCEL, _STILL_LIVE.format("cancelled")),
    "the second cancel without the delay": Ablation(
        Rules(settle_job=_settled_at_once), _CANCEL, _STILL_LIVE.format("cancelled")
    ),
    "certain without age": Ablation(
        Rules(plan_sweep=_all_certain), replace(_CANCEL, late=True), _STILL_LIVE.format("cancelled")
    ),
    "delivery does not read the entity row": Ablation(
        Rules(plan_occurrence=_blind), _CANCEL, _STILL_LIVE.format("reported")
    ),
    "one batch of reads is taken for a snapshot": Ablation(
        Rules(reads_entity_last=False), _CANCEL, _STILL_LIVE.format("reported")
    ),
    "the query before the tombstone is written": Ablation(
        Rules(queries_last=False), _CANCEL, _STILL_LIVE.format("reported")
    ),
    "a gate that does not ask the tombstone": Ablation(
        Rules(gate=_blind_gate), _CANCEL, "…6f62 passes the gate with R1"
    ),
    "a sweep that skips what is superseded": Ablation(
        Rules(plan_sweep=_without_superseded), replace(_CANCEL, faults=2), _STILL_LIVE.format("superseded")
    ),
    "the entity row settled before its occurrences": Ablation(
        Rules(closes_first=False), _CANCEL, "R1: cancelled, but reported"
    ),
}

ABLATIONS = _SCHEDULED | {f"real-time: {name}": ablation for name, ablation in _REALTIME.items()}
