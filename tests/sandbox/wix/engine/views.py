"""Automations, activations and actions as JSON: as the control routes show them, in Wix's words where it has some."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.sandbox.wix.engine.activation_states import Activation
from tests.sandbox.wix.engine.automations import Action, Automation
from tests.sandbox.wix.engine.changes import Change
from tests.sandbox.wix.engine.durations import Duration
from tests.sandbox.wix.engine.effects import Sent

if TYPE_CHECKING:
    from tests.sandbox.wix.engine.activation_store import Event

Json = dict[str, Any]


def moment_text(moment: float) -> str:
    """A moment to the millisecond, in UTC."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def automation_document(automation: Automation) -> Json:
    """In the form in which one is written, with its id and origin."""
    document: Json = {
        "id": automation.automation_id,
        "name": automation.name,
        "origin": automation.origin,
        "status": "ACTIVE" if automation.active else "INACTIVE",
        "appId": automation.app_id,
        "triggerKey": automation.trigger_key,
        "filters": [{"fieldKey": each.field_key, "values": list(each.values)} for each in automation.filters],
        "actions": [_action_document(each) for each in automation.actions],
    }
    if automation.before is not None:
        document["scheduledEventOffset"] = _duration_document(automation.before)
    if automation.rate_limit is not None:
        limit = automation.rate_limit
        document["rateLimit"] = {
            "maxActivations": limit.max_activations,
            **({"duration": _duration_document(limit.duration)} if limit.duration else {}),
            **({"uniqueIdentifier": limit.unique_identifier} if limit.unique_identifier else {}),
        }
    return document


def event_document(event: Event, effect: str) -> Json:
    """What was done about an event of an app."""
    return {
        "effect": effect,
        "appId": event.app_id,
        "triggerKey": event.trigger_key,
        "externalEntityId": event.external_entity_id,
        "payload": event.payload,
    }


def activation_document(activation: Activation) -> Json:
    """With every step of its life; `data` is what its actions see, null before it starts."""
    return {
        "id": activation.activation_id,
        "automationId": activation.automation_id,
        "appId": activation.app_id,
        "triggerKey": activation.trigger_key,
        "externalEntityId": activation.external_entity_id,
        "status": activation.status,
        "reason": activation.reason,
        "target": activation.target,
        "runsAt": None if activation.runs_at is None else moment_text(activation.runs_at),
        "history": [
            {"at": moment_text(each.at), "status": each.status, "reason": each.reason} for each in activation.steps
        ],
        "warnings": list(activation.warnings),
        "actionsDone": activation.next_action,
        "withFailedActions": activation.failed_actions > 0,
        "payload": activation.payload,
        "data": activation.data,
    }


def sent_document(sent: Sent) -> Json:
    """An action with its whole content, and how it went."""
    return {
        "number": sent.number,
        "at": moment_text(sent.at),
        "activationId": sent.activation_id,
        "automationId": sent.automation_id,
        "triggerKey": sent.trigger_key,
        "kind": sent.kind,
        "content": sent.content,
        "error": sent.done.error,
        "answered": sent.done.status,
    }


def change_document(change: Change) -> Json:
    """A change, with the thing itself under the name of what it is about."""
    return {
        "number": change.number,
        "at": moment_text(change.at),
        "site": change.site,
        "what": change.what,
        change.what.value: change.details,
    }


def _action_document(action: Action) -> Json:
    delay = {"delay": _duration_document(action.delay)} if action.delay else {}
    body: Mapping[str, Any] = {} if action.body is None else {"body": dict(action.body)}
    return {"kind": action.kind, **delay, **action.texts, **body}


def _duration_document(duration: Duration) -> Json:
    return {"amount": duration.amount, "unit": duration.unit}
