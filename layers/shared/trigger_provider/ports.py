"""The promises we need kept by the world outside. Each takes and gives lists: one event is a batch of one.

First those that the table keeps, then the queues and the bus, then Wix, and last the clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Protocol

from trigger_provider.events import Occurrence, Row, RowKey, State
from trigger_provider.sites import SiteRow

SHARDS: Final = 8
"""In how many parts the index of rows that wait is kept."""


class Ledger(Protocol):
    """The table of rows. It knows no rule but this: a row is saved over the revision before its own, or not.

    Every call raises `LedgerUnavailable` if the table does not answer for all that was asked.
    """

    def load_many(self, keys: Iterable[RowKey]) -> Mapping[RowKey, Row]:
        """Give the rows that exist, as of now (consistent reads); keys may repeat."""

    def save_many(self, rows: Sequence[Row]) -> frozenset[RowKey]:
        """Save each row on its own; give the keys of those that somebody else had changed meanwhile.

        The rows must have distinct keys, and what is fixed in a row must be as it was in the one before: site,
        trigger and entity, and of an occurrence its id, version and payload, too. A row of revision 1 is inserted,
        any other replaces revision - 1. A row that already bears our token and revision counts as saved: our first
        try had been applied and only its answer was lost.
        """

    def occurrences(self, entity: RowKey) -> Sequence[Occurrence]:
        """Give every occurrence of an entity, as of now (consistent reads)."""

    def waiting(self, shard: int, limit: int) -> Sequence[Waiting]:
        """Give rows that carry `again_at` and are not parked, the earliest first, of one of the index's `SHARDS`."""

    def parked(self, site: str, limit: int) -> Sequence[Waiting]:
        """Give rows that are parked with their site, those first that were accepted first."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row that waits, as the index shows it: perhaps a moment old."""

    key: RowKey
    again_at: int
    accepted_at: int


class EventFinder(Protocol):
    """The table of rows by what Wix knows of them: event ids."""

    def find(self, event: str) -> Sequence[Row]:
        """Give, as of now, the rows that an event id may name, and the tombstones beside them.

        These are the entity rows of its partition, and the occurrences of that very id. Raises `LedgerUnavailable`.
        """


class Sites(Protocol):
    """The rows of sites, in the same table and under the same rule. Every call raises `LedgerUnavailable`."""

    def load_many(self, sites: Iterable[str]) -> Mapping[str, SiteRow]:
        """Give the rows of the sites that have one, as of now (consistent reads); sites may repeat."""

    def save_many(self, rows: Sequence[SiteRow]) -> frozenset[str]:
        """Save each row on its own, as `Ledger.save_many` does; give the sites that somebody else had changed."""

    def troubled(self, limit: int) -> Sequence[TroubledSite]:
        """Give sites that carry `again_at`, since they are parked or waking, the earliest first."""


@dataclass(frozen=True, slots=True)
class TroubledSite:
    """A site that is parked or waking, as the index shows it: perhaps a moment old."""

    site: str
    again_at: int


@dataclass(frozen=True, slots=True)
class Message:
    """What the delivery queue carries: which row to look at, and which revision of it to expect.

    It is held back for `delay` seconds, at most 900.
    """

    key: RowKey
    revision: int
    site: str
    delay: int = 0


class Outbox(Protocol):
    """The delivery queue, from the sender's side."""

    def send(self, messages: Sequence[Message]) -> None:
        """Send all, or raise `QueueUnavailable`: nothing is saved whose message is not on its way."""


class ReceivedMessages(Protocol):
    """The delivery queue, from the receiver's side; a message is known by the receipt of its last receive."""

    def give_back(self, receipts: Sequence[tuple[str, int]]) -> None:
        """Let messages come back after so many seconds each, or raise `QueueUnavailable`."""

    def done(self, receipts: Sequence[str]) -> None:
        """Take messages off the queue now, not only when the function returns; or raise `QueueUnavailable`."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A message that was refused, whole, with the first rule that it broke; `source_id` is in the log line, too."""

    body: str
    outcome: str
    pointer: str
    rule: str
    source_id: str = ""


class Refusals(Protocol):
    """The queue where refused messages lie for a person to read."""

    def put(self, refusals: Sequence[Refusal]) -> None:
        """Put all, or raise `QueueUnavailable`."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """How an event has ended: ids and the reason, never the payload. `at` is in milliseconds."""

    event_id: str
    trigger: str
    site: str
    state: State
    reason: str
    at: int
    wix_request_id: str | None = None


class Outcomes(Protocol):
    """Where the ends of events are made known."""

    def publish(self, announcements: Sequence[Announcement]) -> None:
        """Publish all, or raise `OutcomesUnavailable`; the same end may be published more than once."""


class NoOutcomes:
    """Keeps `Outcomes` where nobody listens."""

    def publish(self, announcements: Sequence[Announcement]) -> None:
        """Tell nobody."""


class Verdict(StrEnum):
    """What an answer of Wix means to us.

    The site is the trouble, and no event of it, if Wix does not let us in (`PARKED`), wants us to wait (`LIMITED`), or
    if we did not ask at all since it has no call left just now (`WAITS`).
    """

    DONE = "done"
    REFUSED = "refused"
    RETRY = "retry"
    UNSURE = "unsure"
    NOT_TRIED = "not_tried"
    PARKED = "parked"
    LIMITED = "limited"
    WAITS = "waits"


UNKNOWN_TO_WIX: Final = "not known to Wix"
"""The reason of an answer to a cancel whose event Wix does not know: done, but worth a warning."""

TIMED_OUT: Final = "wix timeout"
"""The reason of an answer that did not come in time: whoever asks again may wait as long."""

CREDENTIALS_REFUSED: Final = "app credentials refused"
"""The reason of an answer when the app's own id or secret is refused: no site's trouble, but everybody's."""

SECRET_UNUSABLE: Final = "app secret unusable"  # noqa: S105 - a reason, no secret
"""What a reason begins with when we have no secret to ask Wix with; what is wrong with it follows after ": "."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one item of a call to Wix.

    `UNSURE` is a failure whose code nobody documents: it is tried again, and taken for a refusal once it has come a
    few times in succession. `NOT_TRIED` means that no time was left: nothing was sent. `retry_after` is in seconds, as
    Wix asked for.
    """

    verdict: Verdict
    reason: str
    wix_request_id: str | None = None
    activation_ids: tuple[str, ...] = ()
    retry_after: float | None = None


class Permits(Protocol):
    """Leave to call Wix, which each call needs for itself, the second try after a 401 included."""

    def take(self, site: str) -> Answer | None:
        """Take leave for one call that begins now; where there is none, give the answer that its items get instead."""


class Uncounted:
    """Keeps `Permits` for calls that Wix does not count."""

    def take(self, _site: str) -> Answer | None:
        """Let it call."""
        return None


UNCOUNTED: Final = Uncounted()


@dataclass(frozen=True, slots=True)
class EventReport:
    """One event to report: `payload` is JSON text, as it was accepted."""

    event_id: str
    idempotency_key: str
    payload: str


class AutomationsApi(Protocol):
    """Wix's Triggered Events API, for one trigger of one site at a time and at most 100 items a call.

    `deadline` is absolute, on the clock's scale: no call starts that could not end before it.
    """

    def report(self, site: str, trigger: str, reports: Sequence[EventReport], deadline: int) -> Sequence[Answer]:
        """Report events; answers come in the order of the reports. Never raises for what Wix does."""

    def cancel(self, site: str, trigger: str, event_ids: Sequence[str], deadline: int) -> Sequence[Answer]:
        """Cancel events by id; answers come in the order of the ids. Never raises for what Wix does."""


@dataclass(frozen=True, slots=True)
class SignedWebhook:
    """What Wix has signed: a webhook's event with its inner texts opened, and when Wix signed it, in milliseconds."""

    event: Mapping[str, Any]
    signed_at: int


class WixSignatures(Protocol):
    """Shows that a token comes from Wix, for this app, and not too long ago.

    Both raise `MalformedToken` or `UntrustedToken`, before which nothing of a token is to be believed.
    """

    def webhook(self, token: str) -> SignedWebhook:
        """Give what a webhook says; that it is about our app is still to be checked: its token names none."""

    def service_plugin(self, token: str) -> Mapping[str, Any]:
        """Give the `data` of a service plugin's call: `request` and `metadata`, as Wix documents them."""


class Clock(Protocol):
    """The time. `now` is integer milliseconds since the epoch."""

    def now(self) -> int:
        """Give the time."""
