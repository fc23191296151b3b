"""What a request does to the ledger: from the row, the request and the time follows a decision.

`stored` is the row as it was loaded. `draft` is the row after the earlier requests of the same batch; for the first
request both are the same. All requests that are folded into one save begin only one generation: what was never saved
can't have been sent.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from trigger_provider.domain.delivery.policy import MOST_CHANGES_AT_ONE_VERSION
from trigger_provider.domain.intake.commands import OccurrenceReport, OccurrencesCancel, ScheduledChange, TriggerRequest
from trigger_provider.domain.ledger.generations import LAST_GENERATION, begin_generation, may_be_gone
from trigger_provider.domain.ledger.rows import (
    Intent,
    RealtimeEvent,
    RequestOutcome,
    Row,
    ScheduledEntity,
    State,
    Tombstone,
    Transition,
)
from trigger_provider.domain.ledger.tombstones import begin_sweep, covers, tombstone_beside
from trigger_provider.domain.ledger.transitions import annotate, expiry, first_expiry, transition
from trigger_provider.errors import Violation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trigger_provider.domain.ledger.rows import RowKey

_ACCEPTED = "accepted"
_ENDS_TO_LEAVE = frozenset({State.FAILED, State.REJECTED})


class Acceptance(NamedTuple):
    """What to answer, and the row to save, or None if nothing changes. A rejection names the rule.

    `is_to_deliver` says whether delivery then has something to do for the row; None if the request doesn't change that.
    `is_left_at_wix` says that a reported event stays as Wix holds it, so that it matters whether Wix has dropped it.
    """

    outcome: RequestOutcome
    reason: str
    row: Row | None = None
    violation: Violation | None = None
    is_to_deliver: bool | None = None
    is_left_at_wix: bool = False


def accept_request(
    request: TriggerRequest,
    stored: Row | None,
    draft: Row | None,
    rows: Mapping[RowKey, Row],
    now: int,
    retention: int,
    removed_at: int | None = None,
) -> Acceptance:
    """Decide on a request. `rows` holds the tombstone of an occurrence's entity, if there is one.

    `removed_at` is when the site last removed the app, in milliseconds: Wix may hold nothing from before.

    Reject the request if its trigger was of another kind when the row was made: then we can't know what Wix may hold.
    """
    match request, stored, draft:
        case ScheduledChange(), ScheduledEntity() | None, ScheduledEntity() | None:
            return accept_change(request, stored, draft, now=now, retention=retention, removed_at=removed_at)
        case OccurrencesCancel(), _, Tombstone() | None:
            return accept_cancel(request, draft, now=now, retention=retention)
        case OccurrenceReport(), _, RealtimeEvent() | None:
            tombstone = tombstone_beside(request.key, rows)
            return accept_occurrence(request, draft, tombstone, now=now, retention=retention)
    return _reject(Violation("/triggerKey", "kind", "the ledger knows this entity under another kind of this trigger"))


def accept_change(
    change: ScheduledChange, stored: ScheduledEntity | None, draft: ScheduledEntity | None, *, now: int, retention: int,
    removed_at: int | None = None,
) -> Acceptance:  # fmt: skip
    """Decide on a report or cancel under a scheduled trigger. The newest version wins."""
    if draft is None:
        return _accept(_next_generation(change, None, None, now, retention))
    if change.version < draft.version:
        return Acceptance(RequestOutcome.STALE, "a newer version is known")
    is_newer = change.version > draft.version
    is_gone = removed_at is not None and may_be_gone(draft, removed_at)
    answer = None
    if not is_newer:
        answer = _refusal_at_same_version(change, draft)
    elif not is_gone:
        answer = _find_unchanged(change, draft, now, retention)
    if answer is None and not is_gone and _is_left_to_the_gate(change, draft):
        answer = _replace_payload(change, draft, now, retention)
    if answer is None and stored is not None and stored.generation >= LAST_GENERATION:
        answer = _reject(Violation("/entityId", "generations", "no generation of this entity is left"))
    return answer or _accept(_next_generation(change, stored, draft, now, retention))


def accept_cancel(cancel: OccurrencesCancel, draft: Tombstone | None, *, now: int, retention: int) -> Acceptance:
    """Decide on a cancel under a real-time trigger. It leaves a tombstone, which stops all occurrences up to it."""
    if draft is not None and cancel.version < draft.version:
        return Acceptance(RequestOutcome.STALE, "a newer cancel is known")
    if draft is not None and cancel.version == draft.version:
        return Acceptance(RequestOutcome.DUPLICATE, "this cancel is known")
    before = draft or Tombstone(
        key=cancel.key, site=cancel.site, trigger=cancel.trigger, entity=cancel.entity, version=cancel.version,
        state=State.PENDING, reason="", accepted_at=now, expires_at=0,
    )  # fmt: skip
    return _accept(begin_sweep(before, _ACCEPTED, now, retention, version=cancel.version))


def accept_occurrence(
    report: OccurrenceReport,
    stored: RealtimeEvent | None,
    tombstone: Tombstone | None,
    *,
    now: int,
    retention: int,
) -> Acceptance:
    """Decide on a report under a real-time trigger. A known report is a duplicate, even if a cancel covers it."""
    if stored is not None:
        return Acceptance(RequestOutcome.DUPLICATE, "this event is known")
    if covers(tombstone, report.version):
        return Acceptance(RequestOutcome.STALE, "a cancel of this version or a newer one is known")
    row = RealtimeEvent(
        key=report.key, site=report.site, trigger=report.trigger, entity=report.entity, version=report.version,
        occurrence=report.occurrence, payload=report.payload, state=State.PENDING, reason=_ACCEPTED, accepted_at=now,
        expires_at=first_expiry(now, retention), timeline=(Transition(now, State.PENDING, _ACCEPTED),),
    )  # fmt: skip
    return _accept(row)


def _refusal_at_same_version(change: ScheduledChange, draft: ScheduledEntity) -> Acceptance | None:
    if change.fingerprint in draft.seen_requests:
        return Acceptance(RequestOutcome.DUPLICATE, "this request is known")
    if _says_the_same(change, draft):
        return Acceptance(RequestOutcome.DUPLICATE, "another request has said the same", _remembering(change, draft))
    if change.intent is Intent.CANCEL:
        return None
    if draft.intent is Intent.CANCEL:
        return Acceptance(RequestOutcome.STALE, "a cancel of this version is known")
    if len(draft.seen_requests) >= MOST_CHANGES_AT_ONE_VERSION:
        return _reject(Violation("/version", "changes-at-one-version", "send a newer version"))
    return None


def _remembering(change: ScheduledChange, draft: ScheduledEntity) -> ScheduledEntity | None:
    """Remember this request too. If it comes again after a third one, it must not undo the third."""
    if len(draft.seen_requests) >= MOST_CHANGES_AT_ONE_VERSION:
        return None
    return replace(draft, seen_requests=(*draft.seen_requests, change.fingerprint))


def _find_unchanged(change: ScheduledChange, draft: ScheduledEntity, now: int, retention: int) -> Acceptance | None:
    if draft.state in _ENDS_TO_LEAVE or not _says_the_same(change, draft):
        return None
    expires_at = expiry(draft, now, retention)
    raised = replace(draft, version=change.version, seen_requests=(change.fingerprint,), expires_at=expires_at)
    is_left_at_wix = draft.state is State.REPORTED
    return Acceptance(RequestOutcome.UNCHANGED, "only the version is newer", raised, is_left_at_wix=is_left_at_wix)


def _is_left_to_the_gate(change: ScheduledChange, draft: ScheduledEntity) -> bool:
    """Return whether Wix holds this very generation, and will ask the gate for its newest payload before it acts.

    Delivery may still send a generation that Wix has not acknowledged. Then one idempotency key would carry two
    payloads. A new date needs a new event, since Wix has planned the present one for the old date.
    """
    is_same_date = change.intent is draft.intent is Intent.REPORT and change.due_at == draft.due_at
    return change.is_gated and is_same_date and draft.state is State.REPORTED


def _replace_payload(change: ScheduledChange, draft: ScheduledEntity, now: int, retention: int) -> Acceptance:
    """Keep the generation, which Wix holds, and replace its payload. Nothing is to be delivered."""
    row = annotate(
        draft, "its payload was replaced", now, retention=retention,
        version=change.version, payload=change.payload, seen_requests=_remember_request(change, draft),
    )  # fmt: skip
    return Acceptance(RequestOutcome.ACCEPTED, "the gate will give this payload", row, is_left_at_wix=True)


def _says_the_same(change: ScheduledChange, draft: ScheduledEntity) -> bool:
    return (change.intent, change.payload) == (draft.intent, draft.payload)


def _next_generation(
    change: ScheduledChange, stored: ScheduledEntity | None, draft: ScheduledEntity | None, now: int, retention: int
) -> ScheduledEntity:
    before = draft or ScheduledEntity(
        key=change.key, site=change.site, trigger=change.trigger, entity=change.entity, version=change.version,
        intent=change.intent, generation=0, oldest_open_generation=0, state=State.PENDING, reason="", accepted_at=now,
        expires_at=0,
    )  # fmt: skip
    saved = (stored.generation, stored.oldest_open_generation) if stored else (0, 0)
    row = begin_generation(
        replace(before, generation=saved[0], oldest_open_generation=saved[1]), _ACCEPTED, now, retention,
        version=change.version, intent=change.intent, payload=change.payload, due_at=change.due_at,
        seen_requests=_remember_request(change, draft),
    )  # fmt: skip
    return _nothing_to_cancel(row, now, retention) or row


def _remember_request(change: ScheduledChange, draft: ScheduledEntity | None) -> tuple[str, ...]:
    before = draft.seen_requests if draft is not None and draft.version == change.version else ()
    return (*before, change.fingerprint)


def _nothing_to_cancel(row: ScheduledEntity, now: int, retention: int) -> ScheduledEntity | None:
    if row.intent is Intent.REPORT or row.oldest_open_generation < row.generation:
        return None
    return transition(
        row,
        State.CANCELLED,
        "nothing was reported",
        now,
        retention=retention,
        oldest_open_generation=row.generation + 1,
    )


def _accept(row: Row) -> Acceptance:
    return Acceptance(RequestOutcome.ACCEPTED, row.reason, row, is_to_deliver=row.state is State.PENDING)


def _reject(violation: Violation) -> Acceptance:
    return Acceptance(RequestOutcome.REJECTED, violation.rule, violation=violation)
