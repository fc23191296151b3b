"""What a worker does with its plan, in the order of the use cases: cancel, report, close, settle.

A step that no other process can see is one with the step before: to plan and to send, to get an answer and to go on.
After a save that failed, the use case loads the row and settles again until a save succeeds. In the model this is one
step: it settles the row as it is when the save succeeds.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.proof.model.cached_decisions import cancel_ids, ended, job_of, moment, planned, report_of, settled
from tests.proof.model.cases import Case, Fault
from tests.proof.model.intake_steps import Step, saved
from tests.proof.model.kept import NOTHING, Kept, keep
from tests.proof.model.processes import Phase, Worker
from tests.proof.model.rules import Rules
from tests.proof.model.wix import applied, flown
from tests.proof.model.world import Call, World
from trigger_provider.domain.delivery.jobs import find_ended_occurrences, is_to_report
from trigger_provider.domain.delivery.results import ResultKind

_DONE, _RETRY, _REFUSED, _NOT_TRIED, _PARKED = map(
    keep, (ResultKind.DONE, ResultKind.RETRY, ResultKind.REFUSED, ResultKind.SKIPPED, ResultKind.FORBIDDEN)
)


def goes_on_to_plan(rules: Rules, case: Case, world: World, worker: Worker) -> World:
    plan = planned(rules, worker.job.loaded, worker.beside)
    if plan.value is None:
        return world
    worker = worker._replace(job=worker.job._replace(plan=plan), beside=NOTHING)
    job, _ = job_of(worker.job)
    if job.cancel_ids:
        return with_worker(world, worker._replace(phase=Phase.CANCEL))
    return _reports(rules, case, world, worker)


def calls(rules: Rules, case: Case, world: World, worker: Worker, name: str) -> Iterator[Step]:
    call = _call(rules, worker)
    name += " cancels" if worker.phase is Phase.CANCEL else " reports"
    yield f"{name}: applied and answered", _answered(rules, case, applied(world, call), worker, _DONE), False
    if case.late:
        late = flown(world, call, worker.age, is_sure=True)
        yield f"{name}: answered, and applied later", _answered(rules, case, late, worker, _DONE), False
    if Fault.TIMEOUT in case.kinds:
        orphaned = flown(world, call, worker.age, is_sure=False)
        yield f"{name}: time-out", _answered(rules, case, orphaned, worker, _RETRY), True
    if Fault.REFUSAL in case.kinds and worker.phase is Phase.CANCEL:
        after, answers = _refused_cancels(rules, world, worker)
        yield f"{name}: refused", _cancelled(rules, case, after, worker, answers), True
    elif Fault.REFUSAL in case.kinds:
        yield f"{name}: refused", _answered(rules, case, _refused(rules, world, worker), worker, _REFUSED), True
    if Fault.NOT_TRIED in case.kinds:
        yield f"{name}: no time left to", _answered(rules, case, world, worker, _NOT_TRIED), True
    if Fault.PARKED in case.kinds:
        yield f"{name}: the site is suspended", _answered(rules, case, world, worker, _PARKED), True


def closes(rules: Rules, case: Case, world: World, worker: Worker) -> World:
    """Save the first of the occurrences to end, as it is now."""
    (at, kind), *others = worker.closing
    after = ended(rules, case, world.rows[at], kind)
    if after != world.rows[at]:
        world = saved(case, world, at, after)
    if others or rules.closes_first:
        phase = Phase.CLOSE if others else Phase.SETTLE
        return with_worker(world, worker._replace(phase=phase, closing=tuple(others)))
    return world


def settles(rules: Rules, case: Case, world: World, worker: Worker, name: str) -> Step:
    """Save the row as it is now, changed by the answers. If they do not change the loaded row, save nothing."""
    first = settled(rules, case, worker.job, worker.job.loaded)
    stands = first is not None and (not first.is_changed or not rules.saves_on_condition)
    settlement = first if stands else settled(rules, case, worker.job, world.rows[worker.at])
    if settlement is None:
        return f"{name} finds that its row has moved on", world, False
    if settlement.is_changed:
        world = saved(case, world, worker.at, settlement.row)
    if worker.job.report == _DONE:
        world = world._replace(published=tuple(sorted({*world.published, report_of(rules, worker.job.loaded)})))
    if settlement.comes_back:
        world = world.with_message(worker.at, 1, early=False)
    if worker.closing:
        world = with_worker(world, worker._replace(phase=Phase.CLOSE))
    return f"{name} settles: {settlement.row.value.state}", world, False


def dies(rules: Rules, world: World, worker: Worker) -> World:
    if worker.phase in (Phase.CANCEL, Phase.REPORT):
        world = flown(world, _call(rules, worker), worker.age, is_sure=False)
    return world.with_message(worker.at, 1, early=False)


def _reports(rules: Rules, case: Case, world: World, worker: Worker) -> World:
    """Go on after the cancels are answered."""
    job, results = job_of(worker.job)
    if is_to_report(job, results.cancels):
        return with_worker(world, worker._replace(phase=Phase.REPORT))
    return _ends(rules, case, world, worker)


def _ends(rules: Rules, case: Case, world: World, worker: Worker) -> World:
    """Go on after the last answer."""
    job, results = job_of(worker.job)
    occurrences = find_ended_occurrences(job, results, moment(case).policy)
    closing = tuple((case.keys.index(row.key), result.kind) for row, result in occurrences)
    phase = Phase.CLOSE if closing and rules.closes_first else Phase.SETTLE
    return with_worker(world, worker._replace(phase=phase, closing=closing))


def _call(rules: Rules, worker: Worker) -> Call:
    return cancel_ids(rules, worker.job) if worker.phase is Phase.CANCEL else report_of(rules, worker.job.loaded)


def _answered(rules: Rules, case: Case, world: World, worker: Worker, verdict: Kept[ResultKind]) -> World:
    if worker.phase is Phase.CANCEL:
        return _cancelled(rules, case, world, worker, (verdict.value,) * len(cancel_ids(rules, worker.job).value))
    worker = worker._replace(job=worker.job._replace(report=verdict))
    return _ends(rules, case, world, worker)


def _cancelled(rules: Rules, case: Case, world: World, worker: Worker, answers: tuple[ResultKind, ...]) -> World:
    return _reports(rules, case, world, worker._replace(job=worker.job._replace(cancels=keep(answers))))


def _refused_cancels(rules: Rules, world: World, worker: Worker) -> tuple[World, tuple[ResultKind, ...]]:
    """Let Wix refuse to cancel what it acknowledged, or does not hold. It cancels what it took without an answer."""
    ids = cancel_ids(rules, worker.job).value
    acknowledged = {report.value.event_id for report in world.published}
    unanswered = tuple(
        event.report.value.event_id
        for event in world.events
        if event.is_live and event.report.value.event_id in ids and event.report.value.event_id not in acknowledged
    )
    answers = tuple(ResultKind.DONE if event in unanswered else ResultKind.REFUSED for event in ids)
    return applied(world, keep(unanswered)), answers


def _refused(rules: Rules, world: World, worker: Worker) -> World:
    return world._replace(refused=tuple(sorted({*world.refused, report_of(rules, worker.job.loaded)})))


def with_worker(world: World, worker: Worker) -> World:
    return world._replace(workers=tuple(sorted((*world.workers, worker))))
