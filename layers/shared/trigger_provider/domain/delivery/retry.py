"""What happens to a row when Wix did not do what we asked: it is retried, it waits, or it ends."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar

from trigger_provider.domain.delivery.policy import LAST_REPORT_AFTER
from trigger_provider.domain.delivery.results import ItemResult, ResultKind
from trigger_provider.domain.durations import SECOND
from trigger_provider.domain.ledger.rows import ON_THE_WAY, CancelledTwice, Row, ScheduledEntity, State
from trigger_provider.domain.ledger.transitions import AnyRow, transition

if TYPE_CHECKING:
    from trigger_provider.domain.delivery.policy import DeliveryPolicy

CANCEL_ONCE_MORE: Final = "to be cancelled once more, should a late report arrive"
"""The reason of a row whose cancels are done, but not conclusive."""

NEVER_CALLED: Final = "report: it waited for a call for so long that Wix may have forgotten its key"
"""The reason of a row that failed because its site had no call left for it, or delivery no time, for weeks."""

_NO_CALL: Final = frozenset({ResultKind.SKIPPED, ResultKind.THROTTLED_LOCALLY, ResultKind.RATE_LIMITED})

SomeRow_co = TypeVar("SomeRow_co", bound=Row, covariant=True)


class Settlement(NamedTuple, Generic[SomeRow_co]):
    """The row to save. `give_back` is after how many milliseconds its message must come back; None if it must not."""

    row: SomeRow_co
    give_back: int | None = None


class SettleContext(NamedTuple):
    """When a settlement is made, and by which policy.

    `now` is in milliseconds, `jitter` lies in [0, 1), and `receives` is how often the row's message was received.
    """

    now: int
    jitter: float
    policy: DeliveryPolicy
    receives: int = 1


class Operation(StrEnum):
    """The operation that went wrong. A report that Wix refuses is rejected. A cancel that Wix refuses has failed."""

    REPORT = "report"
    CANCEL = "cancel"


def retry_or_give_up(row: AnyRow, answer: ItemResult, what: Operation, moment: SettleContext) -> Settlement[AnyRow]:
    """Settle a row on a result that isn't `DONE`.

    A message comes back a few times at most. Then the row waits in the ledger, so that no message goes to a dead-letter
    queue because Wix was busy. A row that another worker has parked meanwhile stays parked.
    """
    reason = f"{what}: {answer.reason}"
    if row.parked_at is not None:
        return Settlement(row)
    if (settlement := _settle_without_attempt(row, answer, what, reason, moment)) is not None:
        return settlement
    if (end := _end(row, answer, what, moment)) is not None:
        rest = {"next_attempt_at": rests_until(row)} if what is Operation.REPORT else _nothing_more(row)
        return Settlement(_annotate(row, end, reason, answer, moment, **rest))
    return _try_again(row, answer, reason, moment)


def _settle_without_attempt(
    row: AnyRow, answer: ItemResult, what: Operation, reason: str, moment: SettleContext
) -> Settlement[AnyRow] | None:
    """Settle a row for which no call was made, or that waits with its site. Return None after a failed attempt."""
    if answer.kind in _NO_CALL and what is Operation.REPORT and _is_too_late_to_report(row, moment):
        return Settlement(_annotate(row, State.FAILED, NEVER_CALLED, answer, moment, next_attempt_at=rests_until(row)))
    match answer.kind:
        case ResultKind.SKIPPED:
            return _not_tried(row, reason, moment)
        case ResultKind.FORBIDDEN:
            return Settlement(_park(row, reason, answer, moment))
        case ResultKind.THROTTLED_LOCALLY | ResultKind.RATE_LIMITED:
            return Settlement(_waits_for_site(row, reason, answer, moment))
    return None


def transition_at(row: AnyRow, state: State, reason: str, moment: SettleContext, **changes: Any) -> AnyRow:  # noqa: ANN401 - as in `transition`
    """Return the row in its new state, by the time and the policy of `moment`."""
    return transition(row, state, reason, moment.now, retention=moment.policy.retention, **changes)


def rests_until(row: Row) -> int | None:
    """Return when a row that waits for nothing else is due for its second cancel, in milliseconds; None if it isn't."""
    if isinstance(row, ScheduledEntity) and row.oldest_open_generation < row.generation:
        return row.second_cancel_at
    return None


def _not_tried(row: AnyRow, reason: str, moment: SettleContext) -> Settlement[AnyRow]:
    if moment.receives < moment.policy.last_receive:
        return Settlement(row, give_back=SECOND)
    next_attempt_at = moment.now + moment.policy.first_wait
    return Settlement(transition_at(row, _waiting_state(row), reason, moment, next_attempt_at=next_attempt_at))


def _park(row: AnyRow, reason: str, answer: ItemResult, moment: SettleContext) -> AnyRow:
    """Park a row with its site. Its place in the site's queue is its `accepted_at`. A row at an end keeps its state."""
    state = State.PARKED if row.state in ON_THE_WAY else row.state
    parked = {"parked_at": moment.now, "next_attempt_at": row.accepted_at, "wix_request_id": answer.wix_request_id}
    return transition_at(row, state, reason, moment, **parked)


def _waits_for_site(row: AnyRow, reason: str, answer: ItemResult, moment: SettleContext) -> AnyRow:
    """Let a row wait for its site. This is no attempt, so no count of attempts changes."""
    next_attempt_at = moment.now + max(SECOND, int((answer.retry_after or 0) * SECOND))
    return transition_at(
        row, _waiting_state(row), reason, moment, next_attempt_at=next_attempt_at, wix_request_id=answer.wix_request_id
    )


def is_refused_for_good(row: Row, answer: ItemResult, what: Operation, policy: DeliveryPolicy) -> bool:
    """Return whether Wix refuses, or has so often answered with the same undocumented code that it counts as that."""
    is_unsure = answer.kind is ResultKind.UNKNOWN
    has_no_try_left = is_unsure and _count_same_failures(row, f"{what}: {answer.reason}") >= policy.unsure_tries
    return answer.kind is ResultKind.REFUSED or has_no_try_left


def _end(row: Row, answer: ItemResult, what: Operation, moment: SettleContext) -> State | None:
    if is_refused_for_good(row, answer, what, moment.policy):
        return State.REJECTED if what is Operation.REPORT else State.FAILED
    since = max(_first_attempt_at(row, moment), row.resumed_at or 0)
    if what is Operation.CANCEL:
        since = max(since, _second_cancel_at(row))
    elif _is_too_late_to_report(row, moment):
        return State.FAILED
    return State.FAILED if moment.now - since >= moment.policy.give_up_after else None


def _is_too_late_to_report(row: Row, moment: SettleContext) -> bool:
    """Return whether Wix may soon forget the row's idempotency key. A report after that could be a second event."""
    return moment.now >= row.accepted_at + LAST_REPORT_AFTER


def _first_attempt_at(row: Row, moment: SettleContext) -> int:
    """Return when the row was first tried. It may have waited for its message for days before: that is no attempt."""
    return row.first_attempt_at if row.attempts and row.first_attempt_at is not None else moment.now


def _count_same_failures(row: Row, reason: str) -> int:
    """Count the consecutive attempts that failed with this reason, including the present one."""
    return row.same_failure_count + 1 if row.reason == reason else 1


def _try_again(row: AnyRow, answer: ItemResult, reason: str, moment: SettleContext) -> Settlement[AnyRow]:
    policy, attempts = moment.policy, row.attempts + 1
    asked = int((answer.retry_after or 0) * SECOND)
    is_quick = attempts <= policy.quick_retries and asked <= policy.quick_wait
    if is_quick and moment.receives < policy.last_receive:
        give_back = max(asked, policy.quick_delay(attempts, moment.jitter))
        return Settlement(_annotate(row, row.state, reason, answer, moment), give_back)
    wait = policy.wait(attempts, moment.jitter)
    if (second_cancel := _second_cancel_at(row)) > moment.now:
        wait = min(wait, second_cancel - moment.now)
    next_attempt_at = moment.now + max(asked, wait)
    return Settlement(_annotate(row, _waiting_state(row), reason, answer, moment, next_attempt_at=next_attempt_at))


def _second_cancel_at(row: Row) -> int:
    return (row.second_cancel_at or 0) if isinstance(row, CancelledTwice) else 0


def _nothing_more(row: Row) -> dict[str, Any]:
    return {"next_attempt_at": None, **({"second_cancel_at": None} if isinstance(row, CancelledTwice) else {})}


def _waiting_state(row: Row) -> State:
    return State.RETRYING if row.state in ON_THE_WAY else row.state


def _annotate(
    row: AnyRow,
    state: State,
    reason: str,
    answer: ItemResult,
    moment: SettleContext,
    **changes: Any,  # noqa: ANN401 - the fields of the row
) -> AnyRow:
    noted = {
        "attempts": row.attempts + 1,
        "first_attempt_at": _first_attempt_at(row, moment),
        "same_failure_count": _count_same_failures(row, reason),
        "wix_request_id": answer.wix_request_id,
        **changes,
    }
    return transition_at(row, state, reason, moment, **noted)
