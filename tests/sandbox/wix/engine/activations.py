"""One site's activations: how they begin, wait, go on and end; pure, with time as an argument and effects handed out.

The caller takes the next effect, carries it out, and hands back the result. Due moments come in the
order of time, and at one moment in the order in which activations began.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from tests.sandbox.wix.engine.activation_states import Activation, Cause, Status, Target, WarningReason
from tests.sandbox.wix.engine.activation_store import ActivationStore, Event, Way
from tests.sandbox.wix.engine.admission import Admission, admit
from tests.sandbox.wix.engine.automations import Automation
from tests.sandbox.wix.engine.changes import Tell, What
from tests.sandbox.wix.engine.contacts import enriched
from tests.sandbox.wix.engine.effects import Done, Effect, Refresh, Result, Send, Sent, content_of
from tests.sandbox.wix.engine.ids import made_id
from tests.sandbox.wix.engine.limits import Limits
from tests.sandbox.wix.engine.refreshing import CalledOff, NotRefreshed, Refreshed, Refreshing
from tests.sandbox.wix.engine.views import sent_document
from tests.sandbox.wix.registry import Site
from tests.sandbox.wix.switches import Switches


class Activations:
    """All of a site, in the order in which they began."""

    def __init__(self, site: Site, tell: Tell) -> None:
        self.sent: list[Sent] = []
        self._site = site
        self._tell = tell
        self._store = ActivationStore(site, tell)
        self._limits = Limits()

    @property
    def all(self) -> Mapping[str, Activation]:
        """Each by its id."""
        return self._store.all

    def begin(self, automation: Automation, place: int, event: Event, now: float, switches: Switches) -> Activation:
        """Skip the automation with its reason, or start it, now or when its date has come."""
        admission = self._admission(automation, event, now, switches)
        activation = Activation(
            activation_id=made_id("activation", event.number, place),
            number=len(self.all),
            automation_id=automation.automation_id,
            app_id=event.app_id,
            trigger_key=event.trigger_key,
            external_entity_id=event.external_entity_id,
            payload=event.payload,
            target=admission.target,
            runs_at=admission.runs_at,
        )
        activation = self._store.move(activation, admission.cause, now)
        if not activation.open or admission.runs_at is None:
            return activation
        self._limits.count(automation, activation)
        self._store.open(activation, Way(automation, event.schema))
        if activation.target is Target.SCHEDULE:
            activation = self._store.move(replace(activation, stale=True), Cause.DATED, now)
        return self._store.wait(activation, admission.runs_at)

    def cancel(self, activation_ids: Iterable[str], cause: Cause, now: float) -> None:
        """Stop what is still to come of these; actions that were carried out stay so."""
        for each in activation_ids:
            if (activation := self.all[each]).open:
                self._store.move(activation, cause, now)

    def pending(self) -> list[Activation]:
        """Those that something is still to come of."""
        return self._store.pending()

    def next_due(self) -> float | None:
        """When something is to be done next, if nothing happens before."""
        return self._store.next_due()

    def take(self, now: float, asking: Collection[str], switches: Switches) -> Effect | None:
        """The next thing to do of what is due by now; `asking` are the apps that want to be asked for payloads."""
        while taken := self._store.take(now):
            due, activation = taken
            if activation.stale and activation.app_id in asking:
                return self._refresh(activation, due)
            if activation.status is not Status.STARTED:
                activation = self._start(activation, due)
            action = self._store.way(activation).automation.actions[activation.next_action]
            if action.delay is None or activation.waited:
                content = content_of(action, activation.data or {}, self._site.collaborators)
                return Send(activation.activation_id, due, action.kind, content)
            waiting = replace(activation, waited=True, stale=switches.refresh_after_delays)
            self._store.wait(waiting, action.delay.after(due))
        return None

    def settle(self, effect: Effect, result: Result, switches: Switches) -> None:
        """Go on from what came of an effect; what was cancelled meanwhile goes no further."""
        activation = self.all[effect.activation_id]
        if isinstance(effect, Send) and isinstance(result, Done):
            self._acted(activation, effect, result)
        elif activation.open and not isinstance(result, Done):
            self._refreshed(activation, result, effect.at, switches)

    def _admission(self, automation: Automation, event: Event, now: float, switches: Switches) -> Admission:
        if event.duplicate:
            return Admission(Cause.EVENT_ALREADY_PROCESSED, Target.IMMEDIATE)
        counts = switches.limit_counts_cancelled
        return admit(
            automation,
            event.schema,
            event.payload,
            now,
            lambda: self._limits.exceeded(automation, event.payload, now, self.all, cancelled_count=counts),
        )

    def _refresh(self, activation: Activation, due: float) -> Refresh:
        return Refresh(
            activation_id=activation.activation_id,
            at=due,
            app_id=activation.app_id,
            site=self._site.instance_id,
            trigger_key=activation.trigger_key,
            external_entity_id=activation.external_entity_id,
            payload=activation.payload,
        )

    def _refreshed(self, activation: Activation, answer: Refreshing, at: float, switches: Switches) -> None:
        match answer:
            case CalledOff():
                self._store.move(activation, Cause.CANCELLED_BY_REFRESH_PAYLOAD, at)
            case NotRefreshed() if not switches.refresh_fails_open:
                self._store.move(activation, Cause.UNEXPECTED_ERROR_REASON, at)
            case NotRefreshed():
                warnings = (*activation.warnings, WarningReason.REFRESH_PAYLOAD_FAILED)
                self._store.wait(replace(activation, stale=False, warnings=warnings), at)
            case Refreshed(payload):
                self._store.wait(self._with_data(replace(activation, stale=False, payload=payload)), at)

    def _start(self, activation: Activation, at: float) -> Activation:
        return self._store.move(self._with_data(activation), Cause.DUE, at)

    def _with_data(self, activation: Activation) -> Activation:
        schema = self._store.way(activation).schema
        data, warnings = enriched(self._site.contacts, schema, activation.payload)
        new = tuple(each for each in warnings if each not in activation.warnings)
        return replace(activation, data=data, warnings=(*activation.warnings, *new))

    def _acted(self, activation: Activation, send: Send, done: Done) -> None:
        sent = Sent(
            number=len(self.sent) + 1,
            at=send.at,
            activation_id=activation.activation_id,
            automation_id=activation.automation_id,
            trigger_key=activation.trigger_key,
            kind=send.kind,
            content=send.content,
            done=done,
        )
        self.sent.append(sent)
        self._tell(self._site.instance_id, What.ACTION, send.at, sent_document(sent))
        if not activation.open:
            return
        actions = self._store.way(activation).automation.actions
        failed = activation.failed_actions + (done.error is not None)
        further = replace(activation, next_action=activation.next_action + 1, waited=False, failed_actions=failed)
        if further.next_action < len(actions):
            self._store.wait(further, send.at)
        else:
            self._store.move(further, Cause.HANDLED, send.at)
