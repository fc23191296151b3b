"""The handler of Wix's service plugin over a ledger in memory, and the events in which Wix's questions come."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field

from tests.support.function_url import Json, a_call
from tests.support.handlers import CATALOGUE
from tests.support.memory_event_finder import MemoryEvents
from tests.support.memory_ledger import MemoryLedger
from tests.support.rows import APP, SITE, TRIGGER
from tests.support.signatures import SIGNATURES, WIX
from trigger_provider.domain.ledger.rows import Row
from trigger_provider.entrypoints.refresh_payload import ServicePluginHandler
from trigger_provider.use_cases.gate import RefreshPayload

REFRESH, VALIDATE, SCHEMA = "/refresh-payload", "/validate-configuration", "/dynamic-schema"


@dataclass
class GateHandler:
    """The handler as Lambda would call it."""

    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    passes_unknown: bool = False

    def __post_init__(self) -> None:
        self.handle = ServicePluginHandler(
            SIGNATURES, RefreshPayload(MemoryEvents(self.ledger)), lambda: CATALOGUE, self.passes_unknown
        )

    def put(self, *rows: Row) -> None:
        self.ledger.rows |= {row.key: row for row in rows}

    def answer(self, event: Json) -> tuple[int, Json]:
        """Return status and body of the answer."""
        answer = self.handle.handle(event)
        assert set(answer) == {"statusCode", "headers", "body"}
        assert answer["headers"] == {"content-type": "application/json"}
        return answer["statusCode"], json.loads(answer["body"])


def a_question(body: str | None, path: str = REFRESH, *, method: str = "POST", encoded: bool = False) -> Json:
    """Return the event of a call: Wix's question before an action, unless another path is named."""
    return a_call(body, path, method=method, encoded=encoded)


def a_refresh(event: str | None, **changes: object) -> Json:
    """Return Wix's question before an action. `changes` are fields of the request."""
    return {"triggerKey": TRIGGER, "externalEntityId": event, "payload": {"amount": 0}, **changes}


def metadata(**changes: object) -> Json:
    """Return what Wix says beside every question; `changes` are of it."""
    extension = {"appExtensionType": "AUTOMATIONS_TRIGGER_PROVIDER"}
    return {"requestId": "request 1", "instanceId": SITE, "languages": ["en"], **extension, **changes}


def signed(request: object, **changes: object) -> str:
    """Return the token of a question; `changes` are of its metadata."""
    return WIX.service_plugin({"request": request, "metadata": metadata(**changes)}, APP, time.time())
