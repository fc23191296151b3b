"""Replays rows for the operator: first shows what it would do, then does it for the rows that have not changed since.

As in `accept`, the message is sent before the row is saved. An occurrence is marked before it is accepted again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from trigger_provider.domain.delivery.messages import Message
from trigger_provider.domain.delivery.policy import MOST_ROUNDS
from trigger_provider.domain.ledger.ids import entity_of, event_id
from trigger_provider.domain.ledger.replay_mark import name_of_replay
from trigger_provider.domain.ledger.rows import RealtimeEvent, RequestOutcome, Row, RowKey, ScheduledEntity, Tombstone
from trigger_provider.domain.ledger.tombstones import tombstone_beside
from trigger_provider.domain.ledger.transitions import next_accepted_revision, next_revision
from trigger_provider.domain.operations.replay import (
    Proposal,
    Way,
    derive_request,
    has_moved_on,
    mark,
    next_generation,
    propose,
    sweep_again,
)
from trigger_provider.use_cases.saving import send_then_save

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trigger_provider.use_cases.intake.accept import Accept, Accepted


class Candidate(NamedTuple):
    """A row as the operator sees it before the replay, and the proposal for it."""

    row: Row
    proposal: Proposal

    @property
    def is_possible(self) -> bool:
        """Return whether a replay would do anything."""
        return self.proposal.way is not Way.NONE


class Replayed(NamedTuple):
    """The result for a candidate. `event` is the event id that now stands for it, if it was replayed."""

    candidate: Candidate
    reason: str
    event: str | None = None


@dataclass(frozen=True, slots=True)
class Replay:
    """The use case. `name` tells this replay from others, and is part of the ids of the occurrences that it derives."""

    accept: Accept
    app_id: str
    name: str

    def look(self, keys: Sequence[RowKey]) -> list[Candidate]:
        """Return the rows that exist, with the proposal for each. Nothing is changed. Raise `LedgerUnavailable`."""
        rows = self.accept.ledger.load_many(keys) if keys else {}
        beside = self._beside(rows.values())
        now = self.accept.clock.now()
        return [
            Candidate(rows[key], self._propose(rows[key], beside, now)) for key in dict.fromkeys(keys) if key in rows
        ]

    def run(self, candidates: Sequence[Candidate]) -> list[Replayed]:
        """Replay what is possible. Return the results in order. A second call with the same candidates repeats nothing.

        Raise `QueueUnavailable` or `LedgerUnavailable`.
        """
        remaining = {candidate.row.key: candidate for candidate in candidates if candidate.is_possible}
        results = {
            candidate.row.key: Replayed(candidate, candidate.proposal.note)
            for candidate in candidates
            if not candidate.is_possible
        }
        for _ in range(MOST_ROUNDS):
            if not remaining:
                break
            results |= self._round(remaining)
            remaining = {key: candidate for key, candidate in remaining.items() if key not in results}
        busy = {
            key: Replayed(candidate, "other programs keep changing this row") for key, candidate in remaining.items()
        }
        return [(results | busy)[candidate.row.key] for candidate in candidates]

    def _round(self, remaining: Mapping[RowKey, Candidate]) -> dict[RowKey, Replayed]:
        rows = self.accept.ledger.load_many(remaining)
        gone = {key: candidate for key, candidate in remaining.items() if has_moved_on(rows.get(key), candidate.row)}
        stays = {key: candidate for key, candidate in remaining.items() if key not in gone}
        after = {key: self._after(rows[key], candidate.proposal.way) for key, candidate in stays.items()}
        unsaved = self._enqueue_and_save(rows, after, stays)
        done = {key: candidate for key, candidate in stays.items() if key not in unsaved}
        results = {
            key: Replayed(candidate, candidate.proposal.way, event_id(after[key])) for key, candidate in done.items()
        }
        moved_on = {key: Replayed(candidate, "it has changed meanwhile") for key, candidate in gone.items()}
        return results | moved_on | self._accept_anew(done, after)

    def _after(self, row: Row, way: Way) -> Row:
        now, retention = self.accept.clock.now(), self.accept.retention
        if isinstance(row, ScheduledEntity) and way is Way.GENERATION:
            return next_generation(row, now, retention)
        if isinstance(row, Tombstone) and way is Way.SWEEP:
            return sweep_again(row, now, retention)
        if isinstance(row, RealtimeEvent) and way is Way.OCCURRENCE and name_of_replay(row) is None:
            return mark(row, self.app_id, self.name, now, retention)
        return row

    def _enqueue_and_save(
        self, before: Mapping[RowKey, Row], after: Mapping[RowKey, Row], candidates: Mapping[RowKey, Candidate]
    ) -> frozenset[RowKey]:
        token = self.accept.new_token()
        rows = {key: _to_save(row, token) if row != before[key] else row for key, row in after.items()}
        to_deliver = [row for key, row in rows.items() if candidates[key].proposal.way is not Way.OCCURRENCE]
        messages = [Message(row.key, row.revision, row.site) for row in to_deliver]
        changed = [row for key, row in rows.items() if row != before[key]]
        return send_then_save(self.accept.outbox, self.accept.ledger, messages, changed)

    def _accept_anew(
        self, candidates: Mapping[RowKey, Candidate], rows: Mapping[RowKey, Row]
    ) -> dict[RowKey, Replayed]:
        requests = {
            key: derive_request(row, self.app_id, name_of_replay(row) or self.name)
            for key, row in rows.items()
            if key in candidates and candidates[key].proposal.way is Way.OCCURRENCE and isinstance(row, RealtimeEvent)
        }
        accepted = zip(requests, self.accept.submit(list(requests.values())), strict=True)
        return {key: Replayed(candidates[key], result.reason, _event_of(result)) for key, result in accepted}

    def _beside(self, rows: Iterable[Row]) -> Mapping[RowKey, Row]:
        """Load the rows that proposals for occurrences depend on: tombstones, and occurrences derived before."""
        occurrences = [row for row in rows if isinstance(row, RealtimeEvent)]
        keys = [key for row in occurrences for key in (entity_of(row.key), self._successor(row)) if key is not None]
        return self.accept.ledger.load_many(keys) if keys else {}

    def _successor(self, row: RealtimeEvent) -> RowKey | None:
        name = name_of_replay(row)
        return None if name is None else derive_request(row, self.app_id, name).key

    def _propose(self, row: Row, beside: Mapping[RowKey, Row], now: int) -> Proposal:
        if not isinstance(row, RealtimeEvent):
            return propose(row, None, None, now)
        successor = self._successor(row)
        followed = None if successor is None else beside.get(successor)
        return propose(
            row, tombstone_beside(row.key, beside), followed if isinstance(followed, RealtimeEvent) else None, now
        )


def _event_of(accepted: Accepted) -> str | None:
    is_there = accepted.outcome in (RequestOutcome.ACCEPTED, RequestOutcome.DUPLICATE)
    return accepted.event_id if is_there else None


def _to_save(row: Row, token: str) -> Row:
    """Return the row as this replay saves it. Delivery has nothing to do for a mark on an occurrence."""
    return next_revision(row, token) if isinstance(row, RealtimeEvent) else next_accepted_revision(row, token)
