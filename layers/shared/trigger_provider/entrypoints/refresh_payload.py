"""The three questions of Wix's service plugin. Each is a POST whose whole body is a JWT.

Wix does not show our errors to site owners, and very likely acts as if it had not asked. So a question gets an answer
whenever possible. A 400, 401 or 404 means that it is no question of Wix for us. A 503 means that the ledger did not
answer.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from trigger_provider.domain.gate import GateAnswer, Reason, RefreshQuery
from trigger_provider.domain.payload.formats import is_uuid
from trigger_provider.entrypoints.function_url import answer, member, site_in, status_for, token_of
from trigger_provider.errors import LedgerUnavailable, MalformedToken, RefusedToken
from trigger_provider.observability.log_events import LogEvent
from trigger_provider.observability.telemetry import increment, log

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trigger_provider.domain.catalogue.trigger import Catalogue, Trigger
    from trigger_provider.use_cases.gate import RefreshPayload
    from trigger_provider.use_cases.ports.wix import WixSignatures

_MOST_CHARACTERS: Final = 1024 * 1024
"""Enough for the longest token that is accepted, in base64."""

_CODES: Final = {400: "INVALID_REQUEST", 401: "UNAUTHENTICATED", 404: "NOT_FOUND", 503: "UNAVAILABLE"}
_NOT_OURS: Final = {
    "title": "Trigger not found",
    "message": "The app does not report this trigger any more, so the automation would never run.",
}

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ServicePluginHandler:
    """Answers Wix. `catalogue` is loaded at its first use, because questions before an action don't need it.

    `passes_unknown` says whether Wix goes on with an event that the ledger does not know.
    """

    signatures: WixSignatures
    refresh: RefreshPayload
    catalogue: Callable[[], Catalogue]
    passes_unknown: bool

    def handle(self, event: Mapping[str, Any]) -> Document:
        """Answer a call of the function URL."""
        try:
            return self._answer(event)
        except RefusedToken as refused:
            return _error(status_for(refused, LogEvent.PLUGIN_CALL_REFUSED, "RefreshPayload"))
        except LedgerUnavailable:
            log(LogEvent.PLUGIN_CALL_UNANSWERED)
            increment("RefreshPayloadUnanswered")
            return _error(503)

    def _answer(self, event: Mapping[str, Any]) -> Document:
        data = self.signatures.service_plugin(token_of(event, _MOST_CHARACTERS))
        request: Document = member(data, "request", dict)
        match str(event["rawPath"]).rstrip("/").rpartition("/")[2]:
            case "refresh-payload":
                return answer(200, self._refresh(request, member(data, "metadata", dict)))
            case "validate-configuration":
                return answer(200, _verdict(self._trigger(request)))
            case "dynamic-schema":
                return _schema(self._trigger(request))
        return _error(404)

    def _refresh(self, request: Mapping[str, Any], metadata: Mapping[str, Any]) -> Document:
        payload = request.get("payload")
        if not isinstance(payload, dict | None):
            raise MalformedToken("payload")
        asked = _read_query(request, metadata)
        known = self.refresh.answer(asked)
        passes = known.payload is not None or (known.because is Reason.UNKNOWN and self.passes_unknown)
        _record(asked, known, passes=passes)
        if not passes:
            return {"cancelActivation": True}
        newest = (payload or {}) if known.payload is None else json.loads(known.payload)
        return {"payload": newest, "cancelActivation": False}

    def _trigger(self, request: Mapping[str, Any]) -> Trigger | None:
        return self.catalogue().get(member(request, "triggerKey", str))


def _read_query(request: Mapping[str, Any], metadata: Mapping[str, Any]) -> RefreshQuery:
    """Read the question. An event that was reported without an id is not ours, because all of ours have one."""
    event = "" if request.get("externalEntityId") is None else member(request, "externalEntityId", str)
    site = site_in(metadata)
    return RefreshQuery(event.lower(), member(request, "triggerKey", str), site)


def _record(asked: RefreshQuery, known: GateAnswer, *, passes: bool) -> None:
    """Count and log the answer. An event id that is no GUID could be any text, and is not logged."""
    event = LogEvent.ACTIVATION_REFRESHED if passes else LogEvent.ACTIVATION_CANCELLED
    name = "ActivationRefreshed" if passes else "ActivationCancelled"
    if known.because in (Reason.UNKNOWN, Reason.AMBIGUOUS):
        event, name = LogEvent.ACTIVATION_UNKNOWN, "ActivationUnknown"
    event_id = {"event_id": asked.event} if is_uuid(asked.event) else {}
    log(event, instance_id=asked.site, reason=known.because.value, passes=passes, **event_id)
    increment(name)


def _verdict(trigger: Trigger | None) -> Document:
    """Return whether an automation with the trigger can run. The filters of owners do not matter for it."""
    if trigger is None:
        return {"valid": False, "configurationErrors": [_NOT_OURS]}
    return {"valid": True, "configurationErrors": []}


def _schema(trigger: Trigger | None) -> Document:
    """Return the whole schema. It is right whether Wix adds it to its own schema or replaces its own by it."""
    return _error(404) if trigger is None else answer(200, {"dynamicSchema": trigger.schema})


def _error(status: int) -> Document:
    return answer(status, {"applicationError": {"code": _CODES[status], "data": {}}})
