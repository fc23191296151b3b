"""The sandbox's own routes, under `/_sandbox`: what a site's owner does in Wix's dashboard, and what nobody can there.

No path of Wix's begins like that. Bodies are JSON, sent as `application/json`, which no foreign web page can do.
A refusal names each place and rule: `{"errors": [{"pointer": "/actions/0/url", "rule": "loopback"}]}`.
All routes are listed in `docs/sandbox.md`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from flask import Blueprint, request
from werkzeug.exceptions import HTTPException

from tests.sandbox.wix.call_documents import call_document
from tests.sandbox.wix.control_requests import (
    Json,
    Refusal,
    member_asked,
    moment_asked_for,
    number_asked,
    refuse_foreign_names,
    refused,
)
from tests.sandbox.wix.engine.automation_parser import Unwritable, read_automation
from tests.sandbox.wix.engine.changes import Changes
from tests.sandbox.wix.engine.engine import Engine, TurnedBackError
from tests.sandbox.wix.engine.runner import Runner
from tests.sandbox.wix.engine.views import (
    activation_document,
    automation_document,
    change_document,
    moment_text,
    sent_document,
)
from tests.sandbox.wix.journal import Journal
from tests.sandbox.wix.state import WixState

PREFIX: Final = "/_sandbox"
OF_SITE: Final = "/sites/<site>"
LONGEST_WAIT_SECONDS: Final = 30.0
MOST_CHANGES: Final = 1_000
SWITCHED: Final = {"ACTIVE": True, "INACTIVE": False}

Answer = tuple[Json, int]


class Control:
    """The routes; each takes the sandbox's lock for as long as it looks or changes something, and no longer."""

    def __init__(
        self,
        state: WixState,
        runner: Runner,
        changes: Changes,
        journal: Journal,
        clock: Callable[[], float],
        lock: threading.RLock,
    ) -> None:
        self._state = state
        self._runner = runner
        self._changes = changes
        self._journal = journal
        self._clock = clock
        self._lock = lock

    def blueprint(self) -> Blueprint:
        """All routes, under their prefix."""
        routes = Blueprint("control", __name__, url_prefix=PREFIX)
        routes.register_error_handler(Refusal, lambda refusal: refused(refusal.status, refusal.broken))
        routes.register_error_handler(Unwritable, lambda unwritable: refused(400, unwritable.broken))
        routes.register_error_handler(HTTPException, lambda error: refused(error.code, [("", error.name)]))
        routes.before_request(refuse_foreign_names)
        routes.get("/apps")(self.apps)
        routes.get("/sites")(self.sites)
        routes.get("/calls")(self.calls)
        routes.get("/changes")(self.changes)
        routes.get(f"{OF_SITE}/automations")(self.automations)
        routes.post(f"{OF_SITE}/automations")(self.add_automation)
        routes.patch(f"{OF_SITE}/automations/<automation>")(self.switch_automation)
        routes.delete(f"{OF_SITE}/automations/<automation>")(self.delete_automation)
        routes.get(f"{OF_SITE}/activations")(self.activations)
        routes.get(f"{OF_SITE}/actions")(self.actions)
        routes.get(f"{OF_SITE}/clock")(self.show_clock)
        routes.post(f"{OF_SITE}/clock")(self.turn_clock)
        routes.post(f"{OF_SITE}/forgotten-contacts")(self.forget_contact)
        return routes

    def apps(self) -> Json:
        """The apps and their triggers' schemas."""
        with self._lock:
            apps = self._state.registry.apps.values()
            return {"apps": [{"appId": app.app_id, "triggers": dict(app.triggers)} for app in apps]}

    def sites(self) -> Json:
        """Every site, with its clock and who is installed there."""
        with self._lock:
            return {"sites": [self._site_document(engine) for engine in self._state.engines.values()]}

    def calls(self) -> Json:
        """The calls of Wix's own routes so far, from a number on: `?after=`."""
        after = number_asked("after", 0)
        calls = self._journal.calls(site=request.args.get("site"))
        return {"calls": [call_document(call) for call in calls if call.number >= after]}

    def changes(self) -> Json:
        """What happened after a number, at most 1,000 at once; with `wait`, after so many seconds or at the first."""
        after, site = int(number_asked("after", 0)), request.args.get("site")
        wait = min(number_asked("wait", 0), LONGEST_WAIT_SECONDS)
        self._changes.wait_until(lambda: self._changes.after(after, site), wait)
        newer = self._changes.after(after, site)[:MOST_CHANGES]
        return {"changes": [change_document(each) for each in newer], "next": newer[-1].number if newer else after}

    def automations(self, site: str) -> Json:
        """The automations of a site."""
        with self._lock:
            return {"automations": [automation_document(each) for each in self._engine(site).automations.values()]}

    def add_automation(self, site: str) -> Answer:
        """Write one for the site."""
        with self._lock:
            engine = self._engine(site)
            automation = read_automation(request.get_json(), self._state.registry.apps_on(site))
            return automation_document(engine.add(automation, engine.moment(self._clock()))), 201

    def switch_automation(self, site: str, automation: str) -> Json:
        """Make one active or inactive: `{"status": "INACTIVE"}`."""
        status = member_asked("status")
        if status not in SWITCHED:
            raise Refusal(400, ("/status", "enum"))
        with self._lock:
            engine = self._with_automation(site, automation)
            moment, switches = engine.moment(self._clock()), self._state.switches
            return automation_document(engine.switch(automation, moment, switches, active=SWITCHED[status]))

    def delete_automation(self, site: str, automation: str) -> Answer:
        """Remove one."""
        with self._lock:
            engine = self._with_automation(site, automation)
            engine.delete(automation, engine.moment(self._clock()))
            return {}, 200

    def activations(self, site: str) -> Json:
        """The activations of a site, in the order in which they began."""
        with self._lock:
            return {"activations": [activation_document(each) for each in self._engine(site).activations.all.values()]}

    def actions(self, site: str) -> Json:
        """What was sent, in order: emails, chat messages, notifications and webhook calls, with their content."""
        with self._lock:
            return {"actions": [sent_document(each) for each in self._engine(site).activations.sent]}

    def show_clock(self, site: str) -> Json:
        """What the site's clock shows, and when something is due."""
        with self._lock:
            return self._clock_document(self._engine(site))

    def turn_clock(self, site: str) -> Json:
        """Turn it by seconds, to a moment, or to the next action; all that comes due on the way is done then."""
        with self._lock:
            engine = self._engine(site)
            to = moment_asked_for(engine.moment(self._clock()), engine.activations.next_due())
        try:
            self._runner.turn(site, to)
        except TurnedBackError:
            raise Refusal(409, ("/to", "never-back")) from None
        return self.show_clock(site)

    def forget_contact(self, site: str) -> Json:
        """Somebody asks to be forgotten: `{"contactId": "…"}`."""
        contact_id = member_asked("contactId")
        with self._lock:
            engine = self._engine(site)
            engine.forget_contact(contact_id, self._state.registry.apps.values(), engine.moment(self._clock()))
            return {}

    def _engine(self, site: str) -> Engine:
        if site not in self._state.engines:
            raise Refusal(404, ("", "unknown-site"))
        return self._state.engines[site]

    def _with_automation(self, site: str, automation: str) -> Engine:
        engine = self._engine(site)
        if automation not in engine.automations:
            raise Refusal(404, ("", "unknown-automation"))
        return engine

    def _site_document(self, engine: Engine) -> Json:
        site = engine.site.instance_id
        apps = [app.app_id for app in self._state.registry.apps_on(site)]
        return {"site": site, "apps": apps, "clock": self._clock_document(engine)}

    def _clock_document(self, engine: Engine) -> Json:
        due = engine.activations.next_due()
        return {
            "now": moment_text(engine.moment(self._clock())),
            "aheadSeconds": engine.ahead,
            "nextDue": None if due is None else moment_text(due),
        }
