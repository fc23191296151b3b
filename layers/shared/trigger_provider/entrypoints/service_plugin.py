"""What Wix asks a trigger provider: its service plugin's three questions, each a POST whose whole body is a JWT.

Wix hides from site owners what goes wrong here, and very likely acts as if it had not asked. So a question is answered
whenever it can be: 400, 401 and 404 are for what is no question of Wix to us, and 503 is for a ledger that does not
answer. None says why: whoever forges tokens learns nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from trigger_provider.decisions.gating import Asked, Because, GateAnswer
from trigger_provider.entrypoints.function_urls import text_of
from trigger_provider.errors import LedgerUnavailable, MalformedToken, RefusedToken, UntrustedToken
from trigger_provider.formats import is_uuid
from trigger_provider.log_events import LogEvent
from trigger_provider.observability import count, note
from trigger_provider.ports import WixSignatures
from trigger_provider.use_cases.refresh import Refresh

if TYPE_CHECKING:
    from trigger_provider.triggers import Catalogue, Trigger

_MOST_CHARACTERS: Final = 1024 * 1024
"""Room for the longest token that is taken, in base64."""

_NOT_OURS: Final = {
    "title": "Trigger not found",
    "message": "The app does not report this trigger any more, so the automation would never run.",
}

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ServicePlugin:
    """Answers Wix. `catalogue` is loaded when it is needed, which it is not before an action.

    `passes_unknown` tells what becomes of an event that the ledger does not know: whether Wix goes on with it.
    """

    signatures: WixSignatures
    refresh: Refresh
    catalogue: Callable[[], Catalogue]
    passes_unknown: bool

    def __call__(self, event: Mapping[str, Any]) -> Document:
        """Answer a call of the function URL."""
        try:
            return self._answered(event)
        except RefusedToken as refused:
            return _refused(refused)
        except LedgerUnavailable:
            note(LogEvent.QUESTION_UNANSWERED)
            count("QuestionUnanswered")
            return _error(503, "UNAVAILABLE")

    def _answered(self, event: Mapping[str, Any]) -> Document:
        data = self.signatures.service_plugin(text_of(event, _MOST_CHARACTERS))
        request = _member(data, "request", dict)
        match str(event["rawPath"]).rstrip("/").rpartition("/")[2]:
            case "refresh-payload":
                return _response(200, self._refreshed(request, _member(data, "metadata", dict)))
            case "validate-configuration":
                return _response(200, _verdict(self._trigger(request)))
            case "dynamic-schema":
                return _schema(self._trigger(request))
        return _error(404, "NOT_FOUND")

    def _refreshed(self, request: Mapping[str, Any], metadata: Mapping[str, Any]) -> Document:
        payload = request.get("payload")
        if not isinstance(payload, dict | None):
            raise MalformedToken("payload")
        asked = _asked(request, metadata)
        answer = self.refresh(asked)
        passes = answer.payload is not None or (answer.because is Because.UNKNOWN and self.passes_unknown)
        _account_for(asked, answer, passes=passes)
        if not passes:
            return {"cancelActivation": True}
        newest = (payload or {}) if answer.payload is None else json.loads(answer.payload)
        return {"payload": newest, "cancelActivation": False}

    def _trigger(self, request: Mapping[str, Any]) -> Trigger | None:
        return self.catalogue().get(_member(request, "triggerKey", str))


def _asked(request: Mapping[str, Any], metadata: Mapping[str, Any]) -> Asked:
    """Read the question; an event that was reported without an id has none, and so is none of ours."""
    event = "" if request.get("externalEntityId") is None else _member(request, "externalEntityId", str)
    site = _member(metadata, "instanceId", str)
    if not is_uuid(site):
        raise MalformedToken("instanceId")
    return Asked(event.lower(), _member(request, "triggerKey", str), site.lower())


def _account_for(asked: Asked, answer: GateAnswer, *, passes: bool) -> None:
    """Count and log the answer; an id that can't be one of ours might be anything, and is not logged."""
    event = LogEvent.ACTIVATION_REFRESHED if passes else LogEvent.ACTIVATION_CALLED_OFF
    name = "ActivationRefreshed" if passes else "ActivationCalledOff"
    if answer.because in (Because.UNKNOWN, Because.AMBIGUOUS):
        event, name = LogEvent.ACTIVATION_UNKNOWN, "ActivationUnknown"
    event_id = {"event_id": asked.event} if is_uuid(asked.event) else {}
    note(event, instance_id=asked.site, reason=answer.because.value, passes=passes, **event_id)
    count(name)


def _verdict(trigger: Trigger | None) -> Document:
    """Tell whether an automation with the trigger can run: what owners filter by is between them and Wix."""
    if trigger is None:
        return {"valid": False, "configurationErrors": [_NOT_OURS]}
    return {"valid": True, "configurationErrors": []}


def _schema(trigger: Trigger | None) -> Document:
    """Give the whole schema: it depends on no choice, and is right whether Wix adds it to its own or replaces it."""
    return _error(404, "NOT_FOUND") if trigger is None else _response(200, {"dynamicSchema": trigger.schema})


def _member(document: Mapping[str, Any], name: str, kind: type) -> Any:  # noqa: ANN401 - of that kind
    if isinstance(member := document.get(name), kind):
        return member
    raise MalformedToken(name)


def _refused(refused: RefusedToken) -> Document:
    note(LogEvent.QUESTION_REFUSED, rule=refused.rule)
    is_untrusted = isinstance(refused, UntrustedToken)
    count("QuestionUntrusted" if is_untrusted else "QuestionMalformed")
    return _error(401, "UNAUTHENTICATED") if is_untrusted else _error(400, "INVALID_REQUEST")


def _error(status: int, code: str) -> Document:
    return _response(status, {"applicationError": {"code": code, "data": {}}})


def _response(status: int, document: Mapping[str, Any]) -> Document:
    headers = {"content-type": "application/json"}
    return {"statusCode": status, "headers": headers, "body": json.dumps(document, separators=(",", ":"))}
