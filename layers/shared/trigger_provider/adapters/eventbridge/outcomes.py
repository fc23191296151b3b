"""Publishes outcomes on an EventBridge bus of the user's choice. `schemas/outcome.schema.json` describes them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from trigger_provider.adapters.aws.batching import batches
from trigger_provider.adapters.aws.retry import BACK_OFF, BackOff, translate
from trigger_provider.domain.aws_limits import EVENTBRIDGE_ENTRIES
from trigger_provider.domain.catalogue.reserved_names import OUTCOME_DETAIL_TYPE, OWN_SOURCE
from trigger_provider.domain.payload.json_pointer import public_reason
from trigger_provider.domain.payload.rfc3339 import format_seconds
from trigger_provider.errors import OutcomesUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_events.client import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef as EntryTypeDef

    from trigger_provider.domain.delivery.messages import OutcomeEvent


class EventBridgeOutcomes:
    """Keeps the port `Outcomes`. The source is our own, and our own rule never matches it."""

    def __init__(self, client: EventBridgeClient, bus_name: str, back_off: BackOff = BACK_OFF) -> None:
        self._client = client
        self._bus_name = bus_name
        self._back_off = back_off

    def publish(self, outcomes: Sequence[OutcomeEvent]) -> None:
        """Publish all outcomes, or raise `OutcomesUnavailable`. In that case some may have been published."""
        remaining = [self._entry(outcome) for outcome in outcomes]
        for _ in self._back_off.tries():
            with translate("PutEvents", OutcomesUnavailable):
                remaining = [
                    entry for batch in batches(remaining, EVENTBRIDGE_ENTRIES) for entry in self._not_taken(batch)
                ]
            if not remaining:
                return
        raise OutcomesUnavailable(f"PutEvents: {len(remaining)} entries put off")

    def _not_taken(self, entries: list[EntryTypeDef]) -> list[EntryTypeDef]:
        answer = self._client.put_events(Entries=entries)
        return [entry for entry, result in zip(entries, answer["Entries"], strict=True) if "ErrorCode" in result]

    def _entry(self, outcome: OutcomeEvent) -> EntryTypeDef:
        return {
            "EventBusName": self._bus_name,
            "Source": OWN_SOURCE,
            "DetailType": OUTCOME_DETAIL_TYPE,
            "Detail": json.dumps(_detail(outcome), separators=(",", ":")),
        }


def _detail(outcome: OutcomeEvent) -> dict[str, Any]:
    detail = {
        "eventId": outcome.event_id,
        "triggerKey": outcome.trigger,
        "instanceId": outcome.site,
        "outcome": outcome.state.value,
        "reason": public_reason(outcome.reason),
        "at": format_seconds(outcome.at / 1_000),
    }
    request_id = outcome.wix_request_id
    return detail if request_id is None else {**detail, "wixRequestId": request_id}
