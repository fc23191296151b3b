"""One site of the local Wix without HTTP and without threads: a clock that a test turns, and effects done at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.sandbox.wix.engine.activation_states import Activation
from tests.sandbox.wix.engine.activation_store import Event
from tests.sandbox.wix.engine.automation_parser import read_automation
from tests.sandbox.wix.engine.automations import Automation
from tests.sandbox.wix.engine.changes import What
from tests.sandbox.wix.engine.effects import Done, Effect, Refresh, Result
from tests.sandbox.wix.engine.engine import Engine
from tests.sandbox.wix.engine.refreshing import Refreshed, Refreshing
from tests.sandbox.wix.registry import Site
from tests.sandbox.wix.samples import APP, PAYLOAD, SITE, guid
from tests.sandbox.wix.switches import Switches

ADA = guid("a contact")
CONTACTS = {ADA: {"email": "ada@example.com", "name": {"first": "Ada"}}}
AN_EMAIL = {"kind": "email", "to": '{{var("contact.email")}}', "subject": "Due", "body": 'By {{var("due_date")}}'}
A_CHAT = {"kind": "chat-message", "to": '{{var("contact.id")}}', "text": "Hello"}
A_NOTE = {"kind": "notification", "title": "News", "text": 'On {{var("page")}}'}


@dataclass
class WixSite:
    """A site where the sample app is installed, at a moment; nothing is preinstalled."""

    now: float
    switches: Switches = field(default_factory=Switches)
    answers: list[Refreshing] | None = None
    failing: frozenset[str] = frozenset()
    details: list[tuple[What, float, Mapping[str, Any]]] = field(default_factory=list)
    reports: int = 0

    def __post_init__(self) -> None:
        site = Site(SITE.instance_id, contacts=CONTACTS)
        self.engine = Engine(site, lambda _, what, at, document: self.details.append((what, at, document)))

    def add(self, trigger_key: str = "invoice_due", *actions: Mapping[str, Any], **more: object) -> Automation:
        """Write an automation for a trigger; without actions it sends an email."""
        written = {"name": "An automation", "triggerKey": trigger_key, "actions": list(actions) or [AN_EMAIL], **more}
        return self.engine.add(read_automation(written, [APP]), self.now)

    def report(
        self,
        trigger_key: str = "invoice_due",
        entity: str = "an invoice",
        *,
        duplicate: bool = False,
        **payload: object,
    ) -> list[Activation]:
        """Report an event, and do all that is due then."""
        self.reports += 1
        base = PAYLOAD if trigger_key == "invoice_due" else {}
        schema = APP.triggers[trigger_key]
        event = Event(self.reports, APP.app_id, trigger_key, guid(entity), {**base, **payload}, schema, duplicate)
        began = self.engine.report(event, self.now, self.switches)
        self.turn(self.now)
        return [self.engine.activations.all[each.activation_id] for each in began]

    def cancel(self, entity: str = "an invoice") -> None:
        """Cancel all events of an entity."""
        all_of_them = [each for each in self.activations if each.external_entity_id == guid(entity)]
        event = Event(0, APP.app_id, "invoice_due", guid(entity), {}, {})
        self.engine.cancel(event, [each.activation_id for each in all_of_them], self.now)

    def turn(self, to: float) -> None:
        """Do all that is due by then, in order, each at its moment."""
        while (due_at := self.engine.activations.next_due()) is not None and due_at <= to:
            self.now = max(self.now, due_at)
            asking = [APP.app_id] if self.answers is not None else []
            if effect := self.engine.activations.take(self.now, asking, self.switches):
                self.engine.activations.settle(effect, self._result(effect), self.switches)
        self.now = max(self.now, to)

    @property
    def activations(self) -> list[Activation]:
        """All of them, in the order in which they began."""
        return list(self.engine.activations.all.values())

    @property
    def only(self) -> Activation:
        """The one there is."""
        [only] = self.activations
        return only

    @property
    def contents(self) -> list[Mapping[str, Any]]:
        """What was sent, in order."""
        return [each.content for each in self.engine.activations.sent]

    @property
    def times(self) -> list[float]:
        """When it was sent."""
        return [each.at for each in self.engine.activations.sent]

    def _result(self, effect: Effect) -> Result:
        if isinstance(effect, Refresh):
            return self.answers.pop(0) if self.answers else Refreshed(effect.payload)
        return Done(error="planted" if effect.kind in self.failing else None)
