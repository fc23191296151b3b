"""What is said to Wix, and what its answers mean to us."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class EventReport(NamedTuple):
    """One event to report: `payload` is JSON text, as it was accepted."""

    event_id: str
    idempotency_key: str
    payload: str


class ResultKind(StrEnum):
    """What an answer of Wix means to us.

    Three kinds concern the site and none of its events: Wix refuses all calls for it (`FORBIDDEN`), Wix asks us to wait
    (`RATE_LIMITED`), or no permit is left just now, and we made no call (`THROTTLED_LOCALLY`).
    """

    DONE = "done"
    REFUSED = "refused"
    RETRY = "retry"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
    FORBIDDEN = "forbidden"
    RATE_LIMITED = "rate_limited"
    THROTTLED_LOCALLY = "throttled_locally"


UNKNOWN_TO_WIX: Final = "not known to Wix"
"""The reason of an answer to a cancel whose event Wix does not know: done, but worth a warning."""

TIMED_OUT: Final = "wix timeout"
"""The reason of a result if Wix did not answer in time. The next call may wait as long."""

FORBIDDEN_WITHOUT_CODE: Final = "forbidden without a code"
"""The reason of a 403 that says no more than that. Wix answers so for want of a permission, and in short bursts."""

CREDENTIALS_REFUSED: Final = "app credentials refused"
"""The reason of an answer when the app's own id or secret is refused: no site's trouble, but everybody's."""

SECRET_UNUSABLE: Final = "app secret unusable"  # noqa: S105 - a reason, no secret
"""What a reason begins with when we have no secret to ask Wix with; what is wrong with it follows after ": "."""


class ItemResult(NamedTuple):
    """What became of one item of a call to Wix.

    `UNKNOWN` is a failure whose code is not documented: it is tried again, and taken for a refusal once it has come a
    few times in succession. `SKIPPED` means that no time was left: nothing was sent. `retry_after` is in seconds, as
    Wix asked for.
    """

    kind: ResultKind
    reason: str
    wix_request_id: str | None = None
    activation_ids: tuple[str, ...] = ()
    retry_after: float | None = None


class JobResults(NamedTuple):
    """What became of a job: a result for each of its cancels, in order, and one for its report, if it was sent."""

    cancels: tuple[ItemResult, ...] = ()
    report: ItemResult | None = None

    def every_item(self) -> tuple[ItemResult, ...]:
        """Return the results of all items."""
        return self.cancels if self.report is None else (*self.cancels, self.report)


_SEVERITY: Final = {
    kind: severity
    for severity, kind in enumerate(
        (
            ResultKind.DONE,
            ResultKind.SKIPPED,
            ResultKind.THROTTLED_LOCALLY,
            ResultKind.RATE_LIMITED,
            ResultKind.RETRY,
            ResultKind.UNKNOWN,
            ResultKind.FORBIDDEN,
            ResultKind.REFUSED,
        )
    )
}


def most_severe(results: Iterable[ItemResult]) -> ItemResult:
    """Return the result that decides for all: what went wrong most. There must be at least one."""
    return max(results, key=lambda result: _SEVERITY[result.kind])


class SignedWebhook(NamedTuple):
    """What Wix has signed: a webhook's event with its inner texts opened, and when Wix signed it, in milliseconds."""

    event: Mapping[str, Any]
    signed_at: int
