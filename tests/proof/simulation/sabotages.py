"""The rules of the protocol, each broken once on purpose. If no seed fails then, no simulation guards the rule.

Each is a port that breaks the rule, between the use cases and the real fake, or a number that is too small.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from greenlet import getcurrent, greenlet

from tests.proof.simulation.delegating_ports import OtherAutomations, OtherLedger, OtherSites, SilentOutbox
from tests.proof.simulation.figures import POLICY
from tests.proof.simulation.parts import Parts, Queueing
from trigger_provider.domain.delivery.messages import Message
from trigger_provider.domain.delivery.results import EventReport, ItemResult, ResultKind
from trigger_provider.domain.ledger.ids import entity_of
from trigger_provider.domain.ledger.rows import Row, RowKey, ScheduledEntity, State, Tombstone
from trigger_provider.domain.sites.site import SiteRow, SiteState
from trigger_provider.use_cases.ports.ledger import Ledger
from trigger_provider.use_cases.ports.messaging import Outbox
from trigger_provider.use_cases.ports.wix import AutomationsApi


class _Overwriting(OtherLedger):
    def save_many(self, rows: Sequence[Row]) -> frozenset[RowKey]:
        newest = self.ledger.load_many(row.key for row in rows)
        return self.ledger.save_many([replace(row, revision=newest[row.key].revision + 1) for row in rows])


class _WithoutSecondCancel(OtherLedger):
    def save_many(self, rows: Sequence[Row]) -> frozenset[RowKey]:
        return self.ledger.save_many([_closed_at_once(row) for row in rows])


class _WithoutEntityRows(OtherLedger):
    def load_many(self, keys: Iterable[RowKey]) -> Mapping[RowKey, Row]:
        asked = list(keys)
        return {} if _are_tombstones(mapping := self.ledger.load_many(asked)) else mapping


class _Snapshots(OtherLedger):
    """Reads the entity rows beside occurrences before these, and shows them afterwards."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__(ledger)
        self._read: dict[frozenset[RowKey], Mapping[RowKey, Row]] = {}

    def load_many(self, keys: Iterable[RowKey]) -> Mapping[RowKey, Row]:
        asked = frozenset(keys)
        if asked in self._read:
            return self._read.pop(asked)
        beside = frozenset(entity for key in asked if (entity := entity_of(key)) is not None)
        if beside:
            self._read[beside] = self.ledger.load_many(beside)
        return self.ledger.load_many(asked)


class _SaveFirst(OtherLedger):
    """Keeps the port `Outbox` too: what is sent leaves only after the save."""

    def __init__(self, ledger: Ledger, outbox: Outbox) -> None:
        super().__init__(ledger)
        self._outbox = outbox
        self._unsent: dict[greenlet, Sequence[Message]] = {}

    def send(self, messages: Sequence[Message]) -> None:
        self._unsent[getcurrent()] = messages

    def save_many(self, rows: Sequence[Row]) -> frozenset[RowKey]:
        conflicts = self.ledger.save_many(rows)
        if messages := self._unsent.pop(getcurrent(), ()):
            self._outbox.send(messages)
        return conflicts


class _OpenToAll(OtherSites):
    """Shows every site as one that may be called."""

    def load_many(self, sites: Iterable[str]) -> Mapping[str, SiteRow]:
        mapping = self.sites.load_many(sites)
        return {site: replace(row, state=SiteState.ACTIVE) for site, row in mapping.items()}


class _Uncounted(OtherSites):
    def save_many(self, rows: Sequence[SiteRow]) -> frozenset[str]:
        return self.sites.save_many([replace(row, calls=()) for row in rows])


class _OneId(OtherAutomations):
    """As if all generations of an entity had one event id: to cancel one is to cancel all."""

    def __init__(self, api: AutomationsApi) -> None:
        super().__init__(api)
        self._reported: dict[str, dict[str, None]] = {}

    def report(self, site: str, trigger: str, reports: Sequence[EventReport], deadline: int) -> Sequence[ItemResult]:
        for report in reports:
            self._reported.setdefault(_entity(report.event_id), {})[report.event_id] = None
        return self.api.report(site, trigger, reports, deadline)

    def cancel(self, site: str, trigger: str, event_ids: Sequence[str], deadline: int) -> Sequence[ItemResult]:
        others = (other for text in event_ids for other in self._reported.get(_entity(text), ()))
        ids = list(dict.fromkeys([*event_ids, *others]))
        return self.api.cancel(site, trigger, ids, deadline)[: len(event_ids)]


class _KeyOfContent(OtherAutomations):
    def report(self, site: str, trigger: str, reports: Sequence[EventReport], deadline: int) -> Sequence[ItemResult]:
        keyed = [report._replace(idempotency_key=_entity(report.event_id) + report.payload) for report in reports]
        return self.api.report(site, trigger, keyed, deadline)


class _KeyOfEntity(OtherAutomations):
    def report(self, site: str, trigger: str, reports: Sequence[EventReport], deadline: int) -> Sequence[ItemResult]:
        keyed = [report._replace(idempotency_key=_entity(report.event_id)) for report in reports]
        return self.api.report(site, trigger, keyed, deadline)


class _Confident(OtherAutomations):
    """Treats each failure at Wix as done."""

    def report(self, site: str, trigger: str, reports: Sequence[EventReport], deadline: int) -> Sequence[ItemResult]:
        answers = self.api.report(site, trigger, reports, deadline)
        return [
            answer._replace(kind=ResultKind.DONE) if answer.kind is ResultKind.RETRY else answer for answer in answers
        ]


def _save_first(ledger: Ledger, outbox: Outbox) -> Queueing:
    late = _SaveFirst(ledger, outbox)
    return late, late


def _without_message(ledger: Ledger, _: Outbox) -> Queueing:
    return ledger, SilentOutbox()


def _closed_at_once(row: Row) -> Row:
    if isinstance(row, ScheduledEntity) and row.state is State.REPORTED and row.second_cancel_at is not None:
        return replace(row, oldest_open_generation=row.generation, second_cancel_at=None, next_attempt_at=None)
    return row


def _are_tombstones(rows: Mapping[RowKey, Row]) -> bool:
    return any(isinstance(row, Tombstone) for row in rows.values())


def _entity(event: str) -> str:
    return event.rpartition("-")[0]


RARE = "one batch of reads is taken for a snapshot"
"""Takes several hundred seeds to be found; the exhaustive search in `tests/proof/model` finds it at once."""

SABOTAGES = {
    "one event id for all generations": Parts(automations=_OneId),
    "one idempotency key for all generations": Parts(automations=_KeyOfEntity),
    "an idempotency key of the content": Parts(automations=_KeyOfContent),
    "trouble at Wix is taken for done": Parts(automations=_Confident),
    "a settle that overwrites": Parts(delivery=_Overwriting),
    "save before enqueue": Parts(intake=_save_first),
    "no second cancel": Parts(delivery=_WithoutSecondCancel),
    "the second cancel without the delay": Parts(policy=POLICY._replace(settle_delay=0)),
    "a message is dropped while its row may still be saved": Parts(intake_window=0),
    "delivery does not see the entity row": Parts(delivery=_WithoutEntityRows),
    RARE: Parts(delivery=_Snapshots),
    "a suspended site is called as ever": Parts(sites=_OpenToAll),
    "calls are not counted": Parts(sites=_Uncounted),
    "recovery sends no message": Parts(recovery=_without_message),
}

KNOWN_SEEDS: Mapping[str, int] = {rule: 0 for rule in SABOTAGES if rule != RARE} | {
    "a settle that overwrites": 3,
    "trouble at Wix is taken for done": 1,
    "save before enqueue": 3,
    "no second cancel": 2,
    "the second cancel without the delay": 159,
    "a message is dropped while its row may still be saved": 3,
    "delivery does not see the entity row": 3,
    "calls are not counted": 3,
}
"""A seed for each broken rule that has failed before: it is tried first, and what has changed since is searched for."""
