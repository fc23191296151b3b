"""Whether a dead letter may go through the inbox again."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from trigger_provider.domain.delivery.policy import IDEMPOTENCY_KEY_TTL
from trigger_provider.domain.intake.message_body import EVEN_IF_TOO_OLD, FittedMessage, fit
from trigger_provider.domain.operations.dead_letter import FIRST_SENT
from trigger_provider.domain.operations.values import InboxMessage

if TYPE_CHECKING:
    from trigger_provider.domain.operations.dead_letter import ParsedDeadLetter
    from trigger_provider.domain.operations.request_targets import RequestTarget


class Eligibility(StrEnum):
    """What a redrive does with a message. All but the first stay on their queue."""

    REPLAY = "to replay"
    OTHER = "not asked for"
    TOO_OLD = "too old"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too large"


class Choice(NamedTuple):
    """Which messages of a queue to redrive. `reason` is a part of the reason, in upper or lower case.

    `since` (included) and `until` (excluded) bound the message's earliest known time, in milliseconds.
    """

    trigger: str | None = None
    site: str | None = None
    reason: str = ""
    since: int | None = None
    until: int | None = None
    even_if_too_old: bool = False


def eligibility(parsed_dead_letter: ParsedDeadLetter, choice: Choice, now: int) -> Eligibility:
    """Return whether to redrive a message, or why not.

    Wix remembers an idempotency key for a limited time. After that, Wix would take the report of an older message as a
    new event. The ledger's row would prevent it, but may be deleted by then. So such a message is left out.
    """
    if not _is_chosen(parsed_dead_letter, choice):
        return Eligibility.OTHER
    if parsed_dead_letter.body is None:
        return Eligibility.UNREADABLE
    if now - parsed_dead_letter.at >= IDEMPOTENCY_KEY_TTL and not choice.even_if_too_old:
        return Eligibility.TOO_OLD
    replay = replay_of(parsed_dead_letter, is_forced=choice.even_if_too_old)
    return Eligibility.REPLAY if replay and fit_replay(replay) else Eligibility.TOO_LARGE


def replay_of(parsed_dead_letter: ParsedDeadLetter, *, is_forced: bool = False) -> InboxMessage | None:
    """Return the message that brings a dead letter to the inbox again, or None if intake can never accept it."""
    letter = parsed_dead_letter
    return None if letter.body is None else InboxMessage(letter.body, letter.at, letter.group, is_forced=is_forced)


def fit_replay(letter: InboxMessage) -> FittedMessage | None:
    """Return a message for the inbox as SQS holds it, compressed if necessary; None if it does not fit even so."""
    attributes = {FIRST_SENT: str(letter.first_sent)}
    return fit(letter.body, attributes | ({EVEN_IF_TOO_OLD: "true"} if letter.is_forced else {}))


def _is_chosen(parsed_dead_letter: ParsedDeadLetter, choice: Choice) -> bool:
    return (
        choice.reason.lower() in parsed_dead_letter.reason.lower()
        and (choice.since is None or choice.since <= parsed_dead_letter.at)
        and (choice.until is None or parsed_dead_letter.at < choice.until)
        and _asks_for(parsed_dead_letter.asks, choice)
    )


def _asks_for(asks: tuple[RequestTarget, ...], choice: Choice) -> bool:
    if choice.trigger is None and choice.site is None:
        return True
    wanted = (choice.trigger, choice.site)
    return any(all(w in (None, is_) for w, is_ in zip(wanted, (ask.trigger, ask.site), strict=True)) for ask in asks)
