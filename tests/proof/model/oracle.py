"""The property: when nothing more will happen, Wix holds what the last request asked for, and the ledger says so.

This module states it in its own terms, not in those of the decisions that it judges.
"""

from __future__ import annotations

from tests.proof.model.cached_decisions import report_of
from tests.proof.model.cases import Case
from tests.proof.model.clock import PAST
from tests.proof.model.gate import passes
from tests.proof.model.rules import Rules
from tests.proof.model.world import Input, World
from trigger_provider.domain.delivery.results import EventReport
from trigger_provider.domain.intake.commands import OccurrenceReport, OccurrencesCancel, ScheduledChange, TriggerRequest
from trigger_provider.domain.ledger.rows import Intent, RealtimeEvent, ScheduledEntity, State, Tombstone

_UNSETTLED = frozenset({State.PENDING, State.RETRYING, State.PARKED})
_STOPPED = frozenset({State.CANCELLED, State.SUPERSEDED})


def find_contradiction(rules: Rules, case: Case, world: World) -> str | None:
    """Return what is wrong with a world at rest, if anything is."""
    if any(row.value is not None and row.value.state in _UNSETTLED for row in world.rows):
        return "a row is not settled"
    entity = world.rows[0].value
    if len(world.rows) > 1:
        return _realtime(rules, case, world, entity if isinstance(entity, Tombstone) else None)
    return _scheduled(rules, case, world, entity if isinstance(entity, ScheduledEntity) else None)


def _scheduled(rules: Rules, case: Case, world: World, row: ScheduledEntity | None) -> str | None:
    live = _live(world)
    if row is None:
        return "an event is live that the ledger doesn't know" if live or Input.TAKEN in world.inputs else None
    return _asked(case, world, row, live) or _entity(rules, case, world, row) or _known(rules, world, row)


def _asked(case: Case, world: World, row: ScheduledEntity, live: list[EventReport]) -> str | None:
    if row.version < _newest(case, world, ScheduledChange) or not _is_asked_for(case, row):
        return "the ledger doesn't hold the newest version"
    if row.intent is Intent.REPORT and _is_cancelled_too(case, world, row):
        return "a cancel of this version does not stand"
    if live and any(request.due_at == PAST for request in _asked_at(case, row)):
        return "its date had passed when it was asked for, but it is live"
    return None


def _known(rules: Rules, world: World, row: ScheduledEntity) -> str | None:
    """Return what the ledger says of the payload that it holds."""
    own = report_of(rules, world.rows[0])
    if row.state is State.REJECTED and own not in world.refused:
        return "rejected, but Wix has never refused this payload"
    if row.state is State.REJECTED and any(report != own.value for report in _live(world)):
        return "rejected, but an older payload is live"
    if row.state is State.REPORTED and not passes(rules, world.rows, own.value.event_id):
        return "reported, but it does not pass the gate"
    return None


def _entity(rules: Rules, case: Case, world: World, row: ScheduledEntity) -> str | None:
    live, published = _shown(case, _live(world)), _shown(case, [kept.value for kept in world.published])
    (own,) = _shown(case, [report_of(rules, world.rows[0]).value])
    if own in published and row.acked_generation != row.generation:
        return f"acknowledged, but {row.state}, and that is not written down"
    if row.state is State.REPORTED:
        return None if live == [own] else f"reported, but live is {_ids(live)}"
    if row.state is State.CANCELLED:
        return f"cancelled, but live is {_ids(live)}" if live or row.intent is not Intent.CANCEL else None
    if row.state is State.FAILED and row.oldest_open_generation < row.generation:
        return None  # a cancel has failed: whatever is live is for a person to look at
    if own in published:
        return f"acknowledged, but {row.state}"
    return None if live in ([], [own]) else f"{row.state}, but live is {_ids(live)}"


def _realtime(rules: Rules, case: Case, world: World, tombstone: Tombstone | None) -> str | None:
    newest = _newest(case, world, OccurrencesCancel)
    if newest and (tombstone is None or tombstone.version < newest):
        return "the ledger doesn't hold the newest cancel"
    is_swept = tombstone is None or tombstone.swept_version == tombstone.version
    if tombstone is not None and tombstone.state is not (State.CANCELLED if is_swept else State.FAILED):
        return f"{'swept' if is_swept else 'not swept'}, but {tombstone.state}"
    for at, request in enumerate(case.requests):
        if isinstance(request, OccurrenceReport) and world.inputs[at] not in (Input.LOST, Input.FORGOTTEN):
            is_stopped = tombstone is not None and (request.version or 0) <= tombstone.version
            text = _occurrence(rules, world, case.targets[at], is_stopped=is_stopped)
            if text and (is_swept or not is_stopped):
                return f"{case.words.split()[at]}: {text}"
    return None


def _occurrence(rules: Rules, world: World, at: int, *, is_stopped: bool) -> str | None:
    row = world.rows[at].value
    if row is None:
        return None if is_stopped else "it has no row"
    own = report_of(rules, world.rows[at])
    is_live, is_published = own.value in _live(world), own in world.published
    if is_stopped and isinstance(row, RealtimeEvent) and row.cancel_refused_at is not None:
        return None if row.state is State.FAILED else f"its cancel is refused, but {row.state}"
    if is_stopped:
        return _stopped(row.state, is_live=is_live, is_published=is_published)
    if row.state is State.REPORTED:
        if is_live and not passes(rules, world.rows, own.value.event_id):
            return "reported, but it does not pass the gate"
        return None if is_live else "reported, but not live"
    return f"not cancelled, but {row.state}" if row.state in _STOPPED or is_published else None


def _stopped(state: State, *, is_live: bool, is_published: bool) -> str | None:
    if is_live:
        return f"cancelled, but live, and {state}"
    if state not in _STOPPED:
        return f"cancelled, but {state}"
    return "superseded, but it was acknowledged" if is_published and state is State.SUPERSEDED else None


def _is_asked_for(case: Case, row: ScheduledEntity) -> bool:
    return any((request.intent, request.payload) == (row.intent, row.payload) for request in _asked_at(case, row))


def _is_cancelled_too(case: Case, world: World, row: ScheduledEntity) -> bool:
    taken = _taken(case, world)
    return any(request in taken and request.intent is Intent.CANCEL for request in _asked_at(case, row))


def _asked_at(case: Case, row: ScheduledEntity) -> list[ScheduledChange]:
    return [
        request for request in case.requests if isinstance(request, ScheduledChange) and request.version == row.version
    ]


def _newest(case: Case, world: World, kind: type[ScheduledChange | OccurrencesCancel]) -> int:
    return max((request.version for request in _taken(case, world) if isinstance(request, kind)), default=0)


def _taken(case: Case, world: World) -> list[TriggerRequest]:
    """Return the requests that the ledger must know: those that intake finished, and did not lose since."""
    gone = (Input.LOST, Input.FORGOTTEN)
    return [request for request, state in zip(case.requests, world.inputs, strict=True) if state not in gone]


def _shown(case: Case, reports: list[EventReport]) -> list[EventReport]:
    """Return reports as they are. Under a gate return their dates: Wix may hold an older payload of the same date."""
    if not case.is_gated:
        return reports
    dates = {request.payload: str(request.due_at) for request in case.requests if isinstance(request, ScheduledChange)}
    return [report._replace(payload=dates.get(report.payload, "")) for report in reports]


def _live(world: World) -> list[EventReport]:
    return [event.report.value for event in world.events if event.is_live]


def _ids(live: list[EventReport]) -> str:
    return ", ".join(f"…{report.event_id[-4:]}" for report in live) or "nothing"
