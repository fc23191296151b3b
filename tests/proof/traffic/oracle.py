"""What must have become of requests, from the requests alone: whatever was sent how often, in whatever order."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.proof.traffic.producers import INVOICE, Request
from trigger_provider.domain.ledger.ids import entity_key, occurrence_key
from trigger_provider.domain.ledger.rows import RowKey


@dataclass(frozen=True, slots=True)
class Expected:
    """What Wix must hold of one row of the ledger: an event with this payload, or nothing."""

    key: RowKey
    payload: Mapping[str, Any] | None

    @property
    def is_scheduled(self) -> bool:
        """Whether its event id tells a generation."""
        return self.key.row.startswith("entity#")


def expectations(app_id: str, requests: Iterable[Request]) -> list[Expected]:
    """Return the expected of every scheduled entity, and of every occurrence."""
    # A repetition says nothing new.
    once = {json.dumps(request, sort_keys=True): request for request in requests}.values()
    scheduled = [item for item in once if item["triggerKey"] == INVOICE]
    others = [item for item in once if item["triggerKey"] != INVOICE]
    return [*_of_entities(app_id, scheduled), *_of_occurrences(app_id, others)]


def _of_entities(app_id: str, requests: Iterable[Request]) -> list[Expected]:
    newest: dict[RowKey, Request] = {}
    for request in sorted(requests, key=lambda request: int(request["version"])):
        newest[_entity(app_id, request)] = request
    return [Expected(key, item.get("payload")) for key, item in newest.items()]


def _of_occurrences(app_id: str, requests: Iterable[Request]) -> list[Expected]:
    cancelled: dict[RowKey, str] = {}
    for request in requests:
        if request["action"] == "cancel":
            key = _entity(app_id, request)
            cancelled[key] = max(request["version"], cancelled.get(key, ""))
    reports = [request for request in requests if request["action"] == "report"]
    return [
        Expected(_occurrence(app_id, report), _payload_unless_cancelled(app_id, report, cancelled))
        for report in reports
    ]


def _payload_unless_cancelled(
    app_id: str, report: Request, cancelled: Mapping[RowKey, str]
) -> Mapping[str, Any] | None:
    payload: Mapping[str, Any] = report["payload"]
    if "entityId" not in report:
        return payload
    return None if report["version"] <= cancelled.get(_entity(app_id, report), "") else payload


def _entity(app_id: str, request: Request) -> RowKey:
    return entity_key(app_id, request["instanceId"], request["triggerKey"], request["entityId"])


def _occurrence(app_id: str, request: Request) -> RowKey:
    return occurrence_key(app_id, request["instanceId"], request["triggerKey"], request.get("entityId"), request["id"])
