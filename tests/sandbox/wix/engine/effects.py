"""What the engine wants done in the world, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.sandbox.wix.engine.automations import Action, Kind
from tests.sandbox.wix.engine.paths import filled, filled_value
from tests.sandbox.wix.engine.refreshing import Refreshing


@dataclass(frozen=True, slots=True)
class Refresh:
    """Ask the trigger's app for the payload as it is now."""

    activation_id: str
    at: float
    app_id: str
    site: str
    trigger_key: str
    external_entity_id: str | None
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Send:
    """Carry out an action; its content has no placeholder any more."""

    activation_id: str
    at: float
    kind: Kind
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Done:
    """How an action went; `status` is the HTTP status a webhook was answered with, `error` why it failed."""

    error: str | None = None
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """An action that was carried out, or failed; `number` counts those of a site."""

    number: int
    at: float
    activation_id: str
    automation_id: str
    trigger_key: str
    kind: Kind
    content: Mapping[str, Any]
    done: Done


Effect = Refresh | Send
Result = Refreshing | Done


def content_of(action: Action, data: Mapping[str, Any], collaborators: tuple[str, ...]) -> Mapping[str, Any]:
    """What an action says, to whom."""
    texts: dict[str, Any] = {name: filled(template, data) for name, template in action.texts.items()}
    if action.kind is Kind.NOTIFICATION:
        return {"to": list(collaborators), **texts}
    if action.kind is Kind.WEBHOOK:
        chosen = {name: filled_value(each, data) for name, each in (action.body or {}).items()}
        return {**texts, "body": dict(data) if action.body is None else chosen}
    return texts
