"""Where a site's activations are kept: how each stands, which are open, and when something is due next."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.sandbox.wix.engine.activation_states import Activation, Cause, moved
from tests.sandbox.wix.engine.automations import Automation
from tests.sandbox.wix.engine.changes import Tell, What
from tests.sandbox.wix.engine.views import activation_document
from tests.sandbox.wix.registry import Schema, Site


@dataclass(frozen=True, slots=True)
class Event:
    """A reported event; `duplicate` says that its idempotency key was used before."""

    number: int
    app_id: str
    trigger_key: str
    external_entity_id: str | None
    payload: Mapping[str, Any]
    schema: Schema
    duplicate: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """What an open activation goes by, whatever becomes of the automation meanwhile."""

    automation: Automation
    schema: Schema


class ActivationStore:
    """Each activation as it stands, in the order in which they began; every move is told."""

    def __init__(self, site: Site, tell: Tell) -> None:
        self.all: dict[str, Activation] = {}
        self._site = site
        self._tell = tell
        self._ways: dict[str, Way] = {}
        self._due: list[tuple[float, int, str]] = []

    def open(self, activation: Activation, way: Way) -> None:
        """From now on something is to come of it."""
        self._ways[activation.activation_id] = way

    def way(self, activation: Activation) -> Way:
        """What an open activation goes by."""
        return self._ways[activation.activation_id]

    def pending(self) -> list[Activation]:
        """Those that something is still to come of."""
        return [self.all[each] for each in self._ways]

    def move(self, activation: Activation, cause: Cause, at: float) -> Activation:
        """Move it by the table, and keep it so."""
        activation = moved(activation, cause, at)
        self.all[activation.activation_id] = activation
        if not activation.open:
            self._ways.pop(activation.activation_id, None)
        self._tell(self._site.instance_id, What.ACTIVATION, at, activation_document(activation))
        return activation

    def wait(self, activation: Activation, moment: float) -> Activation:
        """Keep it so, and let it be due at a moment; it is never due twice at a time."""
        self.all[activation.activation_id] = activation
        heapq.heappush(self._due, (moment, activation.number, activation.activation_id))
        return activation

    def next_due(self) -> float | None:
        """When something is to be done next, if nothing happens before."""
        while self._due and not self.all[self._due[0][2]].open:
            heapq.heappop(self._due)
        return self._due[0][0] if self._due else None

    def take(self, now: float) -> tuple[float, Activation] | None:
        """The first of what is due by now, and since when: by time, and then in the order in which they began."""
        due = self.next_due()
        return None if due is None or due > now else (due, self.all[heapq.heappop(self._due)[2]])
