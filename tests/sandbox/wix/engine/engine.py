"""Everything of one site that happens after a report: what its owner set up, and what came of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from tests.sandbox.wix.engine.activation_states import Activation, Cause
from tests.sandbox.wix.engine.activation_store import Event
from tests.sandbox.wix.engine.activations import Activations
from tests.sandbox.wix.engine.automations import Automation, Origin, plain
from tests.sandbox.wix.engine.changes import Tell, What
from tests.sandbox.wix.engine.contacts import contact_id_of
from tests.sandbox.wix.engine.ids import made_id
from tests.sandbox.wix.engine.views import automation_document, event_document
from tests.sandbox.wix.registry import App, Site
from tests.sandbox.wix.switches import Switches


class TurnedBackError(ValueError):
    """A clock is never turned back."""


class Engine:
    """A site by its own clock, which is `ahead` of the sandbox's by so many seconds; moments here are by that clock.

    Not thread-safe: its caller holds a lock.
    """

    def __init__(self, site: Site, tell: Tell) -> None:
        self.site = site
        self.ahead = 0.0
        self.automations: dict[str, Automation] = {}
        self.activations = Activations(site, tell)
        self._tell = tell
        self._named = 0

    def moment(self, now: float) -> float:
        """What the site's clock shows when the sandbox's shows `now`."""
        return now + self.ahead

    def turn(self, to: float, now: float) -> None:
        """Turn the site's clock; it never goes back."""
        if to < self.moment(now):
            raise TurnedBackError
        self.ahead = to - now
        self._tell(self.site.instance_id, What.CLOCK, to, {"ahead": self.ahead})

    def add(self, automation: Automation, moment: float) -> Automation:
        """Keep a new automation, under an id of its own."""
        self._named += 1
        named = replace(automation, automation_id=made_id("automation", self.site.instance_id, self._named))
        self._keep(named, moment)
        return named

    def switch(self, automation_id: str, moment: float, switches: Switches, *, active: bool) -> Automation:
        """Make an automation active or not; what is pending of one switched off may be cancelled."""
        automation = replace(self.automations[automation_id], active=active)
        self._keep(automation, moment)
        if not active and switches.deactivation_cancels_activations:
            self._end(automation, Cause.AUTOMATION_DEACTIVATED, moment)
        return automation

    def delete(self, automation_id: str, moment: float) -> None:
        """Remove an automation, and cancel what is pending of it."""
        automation = self.automations.pop(automation_id)
        self._tell(
            self.site.instance_id, What.AUTOMATION, moment, {**automation_document(automation), "status": "DELETED"}
        )
        self._end(automation, Cause.AUTOMATION_DELETED, moment)

    def install(self, app: App, moment: float) -> None:
        """The app's own automations come with it."""
        if not self._preinstalled(app.app_id):
            for each in app.own_automations:
                self.add(replace(each, origin=Origin.PREINSTALLED), moment)

    def remove(self, app_id: str, moment: float) -> None:
        """The app's own automations go with it."""
        for each in self._preinstalled(app_id):
            self.delete(each.automation_id, moment)

    def set_plain(self, app_id: str, trigger_key: str, count: int, moment: float) -> None:
        """So many plain automations listen to a trigger, instead of all that did."""
        for each in self._of(app_id, trigger_key):
            self.delete(each.automation_id, moment)
        for _ in range(count):
            self.add(plain(app_id, trigger_key), moment)

    def report(self, event: Event, moment: float, switches: Switches) -> list[Activation]:
        """Begin an activation for each automation that listens now; one switched on later never hears of it."""
        effect = "ignored duplicate" if event.duplicate else "reported"
        self._tell(self.site.instance_id, What.EVENT, moment, event_document(event, effect))
        listening = [each for each in self._of(event.app_id, event.trigger_key) if each.active]
        return [self.activations.begin(each, place, event, moment, switches) for place, each in enumerate(listening)]

    def cancel(self, event: Event, activation_ids: Iterable[str], moment: float) -> None:
        """The app cancels an event: what is still to come of it is stopped."""
        self._tell(self.site.instance_id, What.EVENT, moment, event_document(event, "cancelled"))
        self.activations.cancel(activation_ids, Cause.EVENT_CANCELLED, moment)

    def forget_contact(self, contact_id: str, apps: Collection[App], moment: float) -> None:
        """Somebody asks to be forgotten: what is pending for them is cancelled."""
        schemas = {(app.app_id, key): schema for app in apps for key, schema in app.triggers.items()}
        theirs = [
            each.activation_id
            for each in self.activations.pending()
            if contact_id_of(schemas[each.app_id, each.trigger_key], each.payload) == contact_id
        ]
        self.activations.cancel(theirs, Cause.CANCELLED_BY_GDPR_REQUEST, moment)

    def _keep(self, automation: Automation, moment: float) -> None:
        self.automations[automation.automation_id] = automation
        self._tell(self.site.instance_id, What.AUTOMATION, moment, automation_document(automation))

    def _end(self, automation: Automation, cause: Cause, moment: float) -> None:
        of_it = [each for each in self.activations.pending() if each.automation_id == automation.automation_id]
        self.activations.cancel([each.activation_id for each in of_it], cause, moment)

    def _of(self, app_id: str, trigger_key: str) -> Sequence[Automation]:
        return [each for each in self.automations.values() if (each.app_id, each.trigger_key) == (app_id, trigger_key)]

    def _preinstalled(self, app_id: str) -> Sequence[Automation]:
        own = Origin.PREINSTALLED
        return [each for each in self.automations.values() if (each.app_id, each.origin) == (app_id, own)]
