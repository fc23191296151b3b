"""What a site owner sets up: one trigger, one or more actions, and when, for whom and how often they run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tests.sandbox.wix.engine.durations import Duration


class Kind(StrEnum):
    """The four kinds of action that Wix's own introduction to automations names."""

    EMAIL = "email"
    CHAT_MESSAGE = "chat-message"
    NOTIFICATION = "notification"
    WEBHOOK = "webhook"


class Origin(StrEnum):
    """Who made an automation: the owner, or the app, with which it comes and goes."""

    USER = "USER"
    PREINSTALLED = "PREINSTALLED"


# The texts each kind has, all of them templates; a webhook's body is one template for each of its members.
TEXTS: Mapping[Kind, tuple[str, ...]] = {
    Kind.EMAIL: ("to", "subject", "body"),
    Kind.CHAT_MESSAGE: ("to", "text"),
    Kind.NOTIFICATION: ("title", "text"),
    Kind.WEBHOOK: ("url",),
}


@dataclass(frozen=True, slots=True)
class Action:
    """One step. It waits for its delay after the step before; a webhook without a body sends the whole payload."""

    kind: Kind
    texts: Mapping[str, str]
    delay: Duration | None = None
    body: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """The payload's value at a path is one of these; `[0]` in a path stands for any item of a list."""

    field_key: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most so many activations within a duration, or ever, for each value at a path, or in all."""

    max_activations: int
    duration: Duration | None = None
    unique_identifier: str | None = None


@dataclass(frozen=True, slots=True)
class Automation:
    """`before` is how long before the payload's date it runs; to run after the date, its first action has a delay."""

    automation_id: str
    app_id: str
    trigger_key: str
    name: str
    actions: tuple[Action, ...]
    active: bool = True
    filters: tuple[Filter, ...] = ()
    before: Duration | None = None
    rate_limit: RateLimit | None = None
    origin: Origin = Origin.USER


def plain(app_id: str, trigger_key: str, name: str = "Tell the collaborators") -> Automation:
    """The least that an automation can be: it notifies the site's collaborators at once, or at the payload's date."""
    notification = Action(Kind.NOTIFICATION, {"title": trigger_key, "text": "It has happened."})
    return Automation("", app_id, trigger_key, f"{name}: {trigger_key}", (notification,))
