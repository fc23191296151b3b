"""Ports that do what the ones behind them do: a start for those that do one thing otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from trigger_provider.domain.delivery.messages import Message
from trigger_provider.domain.delivery.results import EventReport, ItemResult
from trigger_provider.domain.ledger.rows import OccurrencePage, RealtimeEvent, Row, RowKey, Waiting
from trigger_provider.domain.sites.site import SiteRow, TroubledSite
from trigger_provider.use_cases.ports.ledger import Ledger, Sites
from trigger_provider.use_cases.ports.wix import AutomationsApi


class OtherLedger:
    """Keeps the port `Ledger`."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def load_many(self, keys: Iterable[RowKey]) -> Mapping[RowKey, Row]:
        return self.ledger.load_many(keys)

    def save_many(self, rows: Sequence[Row]) -> frozenset[RowKey]:
        return self.ledger.save_many(rows)

    def occurrences(self, entity: RowKey) -> Sequence[RealtimeEvent]:
        return self.ledger.occurrences(entity)

    def occurrence_page(self, entity: RowKey, position: str, limit: int) -> OccurrencePage:
        return self.ledger.occurrence_page(entity, position, limit)

    def waiting(self, shard: int, limit: int) -> Sequence[Waiting]:
        return self.ledger.waiting(shard, limit)

    def end_waits(self, waiting: Sequence[Waiting], token: str) -> frozenset[RowKey]:
        return self.ledger.end_waits(waiting, token)

    def parked(self, site: str, limit: int) -> Sequence[Waiting]:
        return self.ledger.parked(site, limit)


class OtherSites:
    """Keeps the port `Sites`."""

    def __init__(self, sites: Sites) -> None:
        self.sites = sites

    def load_many(self, sites: Iterable[str]) -> Mapping[str, SiteRow]:
        return self.sites.load_many(sites)

    def save_many(self, rows: Sequence[SiteRow]) -> frozenset[str]:
        return self.sites.save_many(rows)

    def troubled(self, limit: int) -> Sequence[TroubledSite]:
        return self.sites.troubled(limit)


class OtherAutomations:
    """Keeps the port `AutomationsApi`."""

    def __init__(self, api: AutomationsApi) -> None:
        self.api = api

    def report(self, site: str, trigger: str, reports: Sequence[EventReport], deadline: int) -> Sequence[ItemResult]:
        return self.api.report(site, trigger, reports, deadline)

    def cancel(self, site: str, trigger: str, event_ids: Sequence[str], deadline: int) -> Sequence[ItemResult]:
        return self.api.cancel(site, trigger, event_ids, deadline)


class SilentOutbox:
    """Keeps the port `Outbox`, and sends nothing."""

    def send(self, messages: Sequence[Message]) -> None:
        """Forget them."""
