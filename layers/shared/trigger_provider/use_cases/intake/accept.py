"""Saves requests in the ledger, and sends a message to the delivery queue for each change.

Each round loads the rows, decides, sends the messages, and then saves. The messages go first: so each saved change has
a message that was sent before. A crash in between leaves a message that finds nothing to do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from trigger_provider.domain.delivery.messages import Message
from trigger_provider.domain.delivery.policy import MOST_ROUNDS
from trigger_provider.domain.intake.acceptance import Acceptance, accept_request
from trigger_provider.domain.intake.commands import OccurrencesCancel, ScheduledChange, TriggerRequest
from trigger_provider.domain.intake.versions import is_far_behind
from trigger_provider.domain.ledger.ids import entity_of, event_id
from trigger_provider.domain.ledger.rows import Intent, RequestOutcome, Row, RowKey
from trigger_provider.domain.ledger.transitions import next_accepted_revision, next_revision
from trigger_provider.use_cases.loading import load_available
from trigger_provider.use_cases.saving import send_then_save

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from trigger_provider.errors import Violation
    from trigger_provider.use_cases.ports.clock import Clock
    from trigger_provider.use_cases.ports.ledger import Ledger, Sites
    from trigger_provider.use_cases.ports.messaging import Outbox


_NOTHING_KNOWN: Final = "nothing is known of this entity"


class Accepted(NamedTuple):
    """Intake's answer to one request. Without a row, the ledger knows nothing of the event.

    `is_of_unknown` says that a cancel came for an entity of which the ledger knows nothing. `is_far_behind` says that
    a request is stale by so much that its version and the stored one are hardly counted in the same way.
    """

    outcome: RequestOutcome
    reason: str
    row: Row | None = None
    violation: Violation | None = None
    trigger: str | None = None
    is_of_unknown: bool = False
    is_far_behind: bool = False

    @property
    def event_id(self) -> str | None:
        """The event id that the row stands for now."""
        return None if self.row is None else event_id(self.row)


@dataclass(frozen=True, slots=True)
class Accept:
    """The use case. `new_token` returns a text that no other attempt has. `retention` is in milliseconds.

    `sites` says when a site removed the app. Without it no site counts as having removed it.
    """

    ledger: Ledger
    outbox: Outbox
    clock: Clock
    new_token: Callable[[], str]
    retention: int
    sites: Sites | None = None

    def submit(self, requests: Sequence[TriggerRequest]) -> list[Accepted]:
        """Accept the requests, and return the results in their order. It is safe to call again with the same requests.

        Cancels of occurrences go first, so that the reports beside them are judged by a saved tombstone. Raise
        `QueueUnavailable` or `LedgerUnavailable`.
        """
        cancels = {index: request for index, request in enumerate(requests) if isinstance(request, OccurrencesCancel)}
        others = {index: request for index, request in enumerate(requests) if index not in cancels}
        results = self._take(cancels) | self._take(others)
        return [results[index] for index in range(len(requests))]

    def _take(self, requests: Mapping[int, TriggerRequest]) -> dict[int, Accepted]:
        results: dict[int, Accepted] = {}
        remaining = dict(requests)
        for _ in range(MOST_ROUNDS):
            if not remaining:
                return results
            folds = self._fold(remaining)
            conflicts = self._enqueue_and_save(folds)
            for fold in folds:
                results.update(fold.results)
            remaining = {index: request for index, request in remaining.items() if request.key in conflicts}
        busy = Accepted(RequestOutcome.RETRY, "others keep changing this row")
        return results | dict.fromkeys(remaining, busy)

    def _fold(self, requests: Mapping[int, TriggerRequest]) -> list[_Fold]:
        """Decide on all requests. Only if a reported event is left as it is, see whether its site removed the app."""
        rows = self.ledger.load_many(_keys(requests.values()))
        folds = self._decide(requests, rows, {})
        kept = {fold.stored.site for fold in folds if fold.is_left_at_wix and fold.stored is not None}
        removed_at = self._find_removals(kept)
        return self._decide(requests, rows, removed_at) if removed_at else folds

    def _decide(
        self, requests: Mapping[int, TriggerRequest], rows: Mapping[RowKey, Row], removed_at: Mapping[str, int]
    ) -> list[_Fold]:
        folds: dict[RowKey, _Fold] = {}
        for index, request in requests.items():
            stored = rows.get(request.key)
            fold = folds.setdefault(request.key, _Fold(request.key, stored, stored))
            acceptance = accept_request(
                request, stored, fold.draft, rows, self.clock.now(), self.retention, removed_at.get(request.site)
            )
            fold.add(index, acceptance, _notice(request, acceptance, fold.draft or rows.get(_beside(request))))
        return list(folds.values())

    def _find_removals(self, sites: Collection[str]) -> dict[str, int]:
        """Return when those of the sites removed the app that ever did."""
        if not sites or self.sites is None:
            return {}
        rows, _ = load_available(self.sites.load_many, sites)
        return {site: row.removed_at for site, row in rows.items() if row.removed_at is not None}

    def _enqueue_and_save(self, folds: Sequence[_Fold]) -> frozenset[RowKey]:
        token = self.new_token()
        changed = [(fold, row) for fold in folds if (row := fold.to_save(token)) is not None]
        messages = [Message(row.key, row.revision, row.site) for fold, row in changed if fold.is_to_deliver]
        return send_then_save(self.outbox, self.ledger, messages, [row for _, row in changed])


@dataclass(slots=True)
class _Fold:
    """The requests for one row in one batch, and the row that results from all of them."""

    key: RowKey
    stored: Row | None
    draft: Row | None
    is_to_deliver: bool = False
    is_left_at_wix: bool = False
    results: dict[int, Accepted] = field(default_factory=dict)

    def add(self, index: int, acceptance: Acceptance, notice: Accepted) -> None:
        """Fold a request in; `notice` is its answer, but for the row."""
        self.is_left_at_wix |= acceptance.is_left_at_wix
        if acceptance.row is not None:
            self.draft = acceptance.row
        if acceptance.is_to_deliver is not None:
            self.is_to_deliver = acceptance.is_to_deliver
        self.results[index] = notice._replace(row=self.draft)

    def to_save(self, token: str) -> Row | None:
        if self.draft is None or self.draft is self.stored:
            return None
        return next_accepted_revision(self.draft, token) if self.is_to_deliver else next_revision(self.draft, token)


def _notice(request: TriggerRequest, acceptance: Acceptance, known: Row | None) -> Accepted:
    """Return the answer to a request, as far as it is the same whatever else the batch asks for."""
    is_stale = acceptance.outcome is RequestOutcome.STALE
    is_of_unknown = known is None and isinstance(request, ScheduledChange) and request.intent is Intent.CANCEL
    return Accepted(
        acceptance.outcome,
        _NOTHING_KNOWN if is_of_unknown else acceptance.reason,
        violation=acceptance.violation,
        trigger=request.trigger,
        is_of_unknown=is_of_unknown,
        is_far_behind=is_stale and known is not None and is_far_behind(request.version, known.version),
    )


def _beside(request: TriggerRequest) -> RowKey:
    """Return the key of the tombstone that may stop an occurrence; its own of any other request."""
    return entity_of(request.key) or request.key


def _keys(requests: Iterable[TriggerRequest]) -> list[RowKey]:
    keys = []
    for request in requests:
        keys.append(request.key)
        if (beside := entity_of(request.key)) is not None:
            keys.append(beside)
    return keys
