"""Takes messages whose senders wait for no answer: what can't be taken goes to a queue for a person."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from trigger_provider.domain.delivery.messages import Refusal
from trigger_provider.domain.ledger.rows import RequestOutcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trigger_provider.domain.intake.commands import TriggerRequest
    from trigger_provider.errors import Violation
    from trigger_provider.use_cases.intake.accept import Accept, Accepted
    from trigger_provider.use_cases.ports.messaging import Refusals


class Incoming(NamedTuple):
    """A message, whole, and what was read from it: one event may ask for several things, and be wrong in others.

    Without a request and without a violation, no trigger is concerned. `source_id` is what AWS calls the message.
    """

    body: str
    requests: tuple[TriggerRequest, ...] = ()
    violations: tuple[Violation, ...] = ()
    source_id: str = ""


class Taken(NamedTuple):
    """What became of a message: one result per request, and the faults for which it was refused."""

    results: tuple[Accepted, ...]
    violations: tuple[Violation, ...]

    @property
    def is_to_repeat(self) -> bool:
        """Return whether the source must bring the message again."""
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
        """Take what can be taken, and put what is refused on its queue at once; results come in order.

        A message that is to come again is not refused yet: it would lie there once for each time.
        """
        results = iter(self.accept.submit([request for message in messages for request in message.requests]))
        taken = [_take(message, tuple(islice(results, len(message.requests)))) for message in messages]
        refused = [refusal for pair in zip(messages, taken, strict=True) for refusal in _refusal(*pair)]
        if refused:
            self.refusals.put(refused)
        return taken


def _take(message: Incoming, results: tuple[Accepted, ...]) -> Taken:
    rejections = tuple(result.violation for result in results if result.violation is not None)
    return Taken(results, message.violations + rejections)


def _refusal(message: Incoming, taken: Taken) -> list[Refusal]:
    if not taken.violations or taken.is_to_repeat:
        return []
    outcome = RequestOutcome.INVALID if message.violations else RequestOutcome.REJECTED
    return [Refusal(message.body, outcome, taken.violations[0].pointer, taken.violations[0].rule, message.source_id)]
