"""Wix as far as the contenders use it: tokens, and events that are taken once for each idempotency key."""

from __future__ import annotations

import json
from typing import Any


class Wix:
    """What was reported and cancelled: `events` by site, trigger and event id."""

    def __init__(self) -> None:
        self.events: dict[tuple[str, str, str], Any] = {}
        self.reports = 0
        self._keys: set[tuple[str, str]] = set()

    def call(self, path: str, token: str, request: dict[str, Any]) -> dict[str, Any]:
        """Answer a call; a token is the site's name, so that a call tells whose it is."""
        if path == "/oauth2/token":
            return {"access_token": request["instance_id"], "token_type": "Bearer", "expires_in": 14_400}
        trigger = request["triggerKey"]
        match path.rsplit("/", 1)[1]:
            case "report":
                self._report(token, trigger, request)
                return {"activationIds": []}
            case "bulk-report":
                return _bulk(trigger, [self._report(token, trigger, event) for event in request["eventsInfo"]])
            case "bulk-cancel":
                return _bulk(trigger, [self._cancel(token, trigger, item) for item in request["externalEntityIds"]])
        self._cancel(token, trigger, request["externalEntityId"])
        return {}

    def forget(self) -> None:
        """Forget all events, so that a long run does not fill the memory."""
        self.events.clear()
        self._keys.clear()

    def _report(self, site: str, trigger: str, event: dict[str, Any]) -> dict[str, Any]:
        self.reports += 1
        key = (trigger, event.get("idempotency", {}).get("key") or json.dumps(event))
        if key not in self._keys:
            self._keys.add(key)
            self.events[site, trigger, event["externalEntityId"]] = event["payload"]
        return {"eventInfo": event}

    def _cancel(self, site: str, trigger: str, event_id: str) -> dict[str, Any]:
        self.events.pop((site, trigger, event_id), None)
        return {"externalEntityId": event_id}


def _bulk(trigger: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    results = [{"itemMetadata": {"originalIndex": at, "success": True}, **item} for at, item in enumerate(items)]
    counts = {"totalSuccesses": len(items), "totalFailures": 0, "undetailedFailures": 0}
    return {"triggerKey": trigger, "results": results, "bulkActionMetadata": counts}
