"""What lies on the queue of refused messages, and why an old message is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trigger_provider.domain.aws_limits import SQS_MESSAGE_BYTES
from trigger_provider.domain.intake.message_body import FittedMessage, fit, size_of
from trigger_provider.domain.payload.json_text import NOT_ALLOWED
from trigger_provider.errors import Violation

if TYPE_CHECKING:
    from trigger_provider.domain.delivery.messages import Refusal

TOO_OLD: Final = Violation(
    "/time", "too-old", "the event is older than the ledger's memory, which can't tell whether it was taken before"
)


def fit_refusal(refusal: Refusal) -> FittedMessage | None:
    """Return a refused message as its queue holds it, or nothing if no message of a queue can.

    SQS allows no empty attribute. Characters that it allows nowhere are replaced by U+FFFD. A body that fits only
    without its reason goes without: the log has the reason, and only the queue has the body.
    """
    reasons = {
        "outcome": refusal.outcome,
        "pointer": refusal.pointer,
        "rule": refusal.rule,
        "source_id": refusal.source_id,
    }
    body = _strip_not_allowed(refusal.body)
    bare = FittedMessage(body, {})
    return fit(body, {name: _strip_not_allowed(text) for name, text in reasons.items() if text}) or (
        bare if size_of(*bare) <= SQS_MESSAGE_BYTES else None
    )


def is_too_old(happened_at: int | None, now: int, retention: int) -> bool:
    """Return whether the row of an event that was taken when it happened may be gone by now. Times in milliseconds."""
    return happened_at is not None and happened_at < now - retention


def _strip_not_allowed(text: str) -> str:
    return NOT_ALLOWED.sub("\ufffd", text)
