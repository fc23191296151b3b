"""Processes messages whose senders wait for no answer. What intake refuses goes to a queue that the operator reads."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from trigger_provider.domain.delivery.messages import Refusal
from trigger_provider.domain.intake.refusals import TOO_OLD, fit_refusal, is_too_old
from trigger_provider.domain.ledger.rows import RequestOutcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trigger_provider.domain.intake.commands import TriggerRequest
    from trigger_provider.errors import Violation
    from trigger_provider.use_cases.intake.accept import Accept, Accepted
    from trigger_provider.use_cases.ports.messaging import Refusals


class Incoming(NamedTuple):
    """A message, whole, and what was read from it. One event may hold several requests, and violations beside them.

    A message without a request and without a violation concerns no trigger. `source_id` is AWS's id of the message.
    `happened_at` is when its event happened, in milliseconds, where that matters: the event may be older than the
    ledger's memory. An outcome is an event that we have published ourselves, and requests nothing.
    """

    body: str
    requests: tuple[TriggerRequest, ...] = ()
    violations: tuple[Violation, ...] = ()
    source_id: str = ""
    happened_at: int | None = None
    is_outcome: bool = False


class Taken(NamedTuple):
    """The result of a message: one answer for each request, and the violations for which it was refused.

    `is_kept` is false if the message was refused, but is too large for the queue of refused messages.
    """

    results: tuple[Accepted, ...]
    violations: tuple[Violation, ...]
    is_kept: bool = True

    @property
    def is_to_repeat(self) -> bool:
        """Return whether the source must send the message again."""
        return any(result.outcome is RequestOutcome.RETRY for result in self.results)

    @property
    def is_unmatched(self) -> bool:
        """Return whether the message concerned no trigger."""
        return not self.results and not self.violations


@dataclass(frozen=True, slots=True)
class Intake:
    """The use case."""

    accept: Accept
    refusals: Refusals

    def process(self, messages: Sequence[Incoming]) -> list[Taken]:
        """Accept what can be accepted, and send what is refused to its queue. Return the results in order.

        A message that must come again is not refused yet: otherwise each time would leave a copy on that queue. Raise
        `QueueUnavailable` or `LedgerUnavailable`.
        """
        now = self.accept.clock.now()
        messages = [_judge(message, now, self.accept.retention) for message in messages]
        results = iter(self.accept.submit([request for message in messages for request in message.requests]))
        taken = [_take(message, tuple(islice(results, len(message.requests)))) for message in messages]
        refused = [_refusal(*pair) for pair in zip(messages, taken, strict=True)]
        kept = [refusal is None or fit_refusal(refusal) is not None for refusal in refused]
        if putting := [refusal for refusal, fits in zip(refused, kept, strict=True) if refusal and fits]:
            self.refusals.put(putting)
        return [result._replace(is_kept=fits) for result, fits in zip(taken, kept, strict=True)]


def _judge(message: Incoming, now: int, retention: int) -> Incoming:
    """Refuse all requests of an event that happened before the ledger's memory begins."""
    if message.requests and is_too_old(message.happened_at, now, retention):
        return message._replace(requests=(), violations=(TOO_OLD, *message.violations))
    return message


def _take(message: Incoming, results: tuple[Accepted, ...]) -> Taken:
    rejections = tuple(result.violation for result in results if result.violation is not None)
    return Taken(results, message.violations + rejections)


def _refusal(message: Incoming, taken: Taken) -> Refusal | None:
    if not taken.violations or taken.is_to_repeat:
        return None
    outcome = RequestOutcome.INVALID if message.violations else RequestOutcome.REJECTED
    return Refusal(message.body, outcome, taken.violations[0].place, taken.violations[0].rule, message.source_id)
