"""What we report to Wix, and what Wix's answers mean."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class EventReport(NamedTuple):
    """One event to report. `payload` is JSON text, as intake accepted it."""

    event_id: str
    idempotency_key: str
    payload: str


class ResultKind(StrEnum):
    """What an answer of Wix means.

    Three kinds concern the site and none of its events. `FORBIDDEN`: Wix refuses all calls for it. `RATE_LIMITED`: Wix
    asks us to wait. `THROTTLED_LOCALLY`: no permit is left now, and we made no call.
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
"""The reason of a cancel's result if Wix does not know the event: it is done, but worth a warning."""

NEVER_HELD: Final = "refused by Wix, which never acknowledged it"
"""The reason of a cancel's result if Wix refuses to cancel an event that it never acknowledged: it counts as done."""

TIMED_OUT: Final = "wix timeout"
"""The reason of a result if Wix did not answer in time. The next call may wait as long."""

FORBIDDEN_WITHOUT_CODE: Final = "forbidden without a code"
"""The reason of a 403 that says no more than that. Wix answers so for want of a permission, and in short bursts."""

CREDENTIALS_REFUSED: Final = "app credentials refused"
"""The reason of a result if Wix refuses the app's own id or secret. This concerns all sites, not one."""

SECRET_UNUSABLE: Final = "app secret unusable"  # noqa: S105 - a reason, no secret
"""The beginning of a reason if we have no usable secret for a call to Wix. The secret's fault follows after ": "."""


class ItemResult(NamedTuple):
    """The result of one item of a call to Wix.

    `UNKNOWN` is a failure whose code is not documented. Delivery retries it a few times, then takes it for a refusal.
    `SKIPPED` means that nothing was sent, as when no time was left. `retry_after` is in seconds: as long as Wix asks
    us to wait, or until the site may be called.
    """

    kind: ResultKind
    reason: str
    wix_request_id: str | None = None
    activation_ids: tuple[str, ...] = ()
    retry_after: float | None = None


class JobResults(NamedTuple):
    """The results of a job: one for each of its cancels, in order, and one for its report, or None without any."""

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
    """Return the most severe result, which decides for all. Raise `ValueError` if there is none."""
    return max(results, key=lambda result: _SEVERITY[result.kind])


class SignedWebhook(NamedTuple):
    """A webhook that Wix has signed: its event with the inner texts parsed, and when Wix signed it, in milliseconds."""

    event: Mapping[str, Any]
    signed_at: int
