"""Wix as pure rules: requests in, answers out, time as an argument; no HTTP, no clock, no threads."""

from __future__ import annotations

from collections.abc import Iterable

from tests.sandbox.wix.answers import Answer, Refused, oauth_refused, plain_body, refused, violated
from tests.sandbox.wix.budget import Budget
from tests.sandbox.wix.bulk_answers import bulk_answer, single_answer
from tests.sandbox.wix.calls import Request, Route
from tests.sandbox.wix.engine.changes import Tell
from tests.sandbox.wix.engine.engine import Engine
from tests.sandbox.wix.events import LiveEvent
from tests.sandbox.wix.faults import BadItem
from tests.sandbox.wix.field_rules import call_violations, check_types, item_violations
from tests.sandbox.wix.outcomes import Effect, Outcome, Result
from tests.sandbox.wix.registry import NEEDED_SCOPES, App, Registry, Schema, Site
from tests.sandbox.wix.switches import Switches
from tests.sandbox.wix.tokens import Caller, Tokens
from tests.sandbox.wix.triggered_events import TriggeredEvents, Work

TOKEN_FIELDS = ("grant_type", "client_id", "client_secret", "instance_id")


class WixState:
    """Everything Wix knows. Not thread-safe: its caller holds a lock."""

    def __init__(
        self,
        apps: Iterable[App],
        sites: Iterable[Site],
        switches: Switches,
        now: float = 0.0,
        tell: Tell = lambda *_: None,
    ) -> None:
        self.switches = switches
        self.registry = Registry(apps)
        self.tokens = Tokens()
        self._budget = Budget()
        self.engines: dict[str, Engine] = {}
        self._tell = tell
        self._triggered = TriggeredEvents(self.engines)
        for site in sites:
            self.add_site(site, now)

    def who(self, request: Request) -> tuple[str | None, str | None]:
        """App and site a call speaks for, whether or not it may; a wrong client id isn't repeated."""
        if request.route is Route.TOKEN:
            app_id = request.text("client_id")
            return (app_id if app_id in self.registry.apps else None), request.text("instance_id")
        token = self.tokens.find(request.authorization, bearer=self.switches.bearer_prefix_accepted)
        return (token.caller.app_id, token.caller.site) if token else (None, None)

    def handle(
        self, request: Request, now: float, *, takes_effect: bool = True, bad_items: tuple[BadItem, ...] = ()
    ) -> Outcome:
        """Serve one call. Without effect it still passes the gates: identity, scope and budget."""
        try:
            caller = self._client(request) if request.route is Route.TOKEN else self._admit(request, now)
            if not takes_effect:
                untouched = [Result(item, Effect.UNTOUCHED) for item in request.items]
                return Outcome(Answer(500, plain_body(500)), untouched)
            if request.route is Route.TOKEN:
                return Outcome(self._mint(caller, now))
            return self._perform(caller, request, now, bad_items)
        except Refused as refusal:
            results = [Result(item, Effect.REFUSED, refusal=refusal) for item in request.items]
            return Outcome(refusal.answer, results)

    def busiest_minute(self, site: str) -> int:
        """The most that any app's calls on a site have used up in any sixty seconds."""
        return max((most for caller, most in self._budget.busiest.items() if caller.site == site), default=0)

    def live_events(self, site: str, trigger_key: str | None, now: float) -> list[LiveEvent]:
        """Reported and not cancelled, oldest first."""
        return self._triggered.events.live(site, trigger_key, now)

    def add_site(self, site: Site, now: float = 0.0) -> None:
        """A new site with its apps, and what comes preinstalled with them."""
        self.registry.add_site(site)
        self.engines[site.instance_id] = Engine(site, self._tell)
        for app in self.registry.apps_on(site.instance_id):
            self.install_app(app.app_id, site.instance_id, now)
        for trigger_key, count in site.automations.items():
            self.set_automations(site.instance_id, trigger_key, count, now)

    def install_app(self, app_id: str, site: str, now: float = 0.0) -> None:
        """Install (again): good tokens work again, and the app's own automations come with it."""
        self.registry.set_installed(app_id, site, installed=True)
        self.engines[site].install(self.registry.apps[app_id], self.engines[site].moment(now))

    def remove_app(self, app_id: str, site: str, now: float = 0.0) -> None:
        """Uninstall: its tokens for the site are worth nothing any more, and its own automations go with it."""
        self.registry.set_installed(app_id, site, installed=False)
        self.engines[site].remove(app_id, self.engines[site].moment(now))
        if self.switches.removal_cancels_events:
            self._triggered.end(self._triggered.events.forget(Caller(app_id, site)), now)

    def set_automations(self, site: str, trigger_key: str, count: int, now: float = 0.0) -> None:
        """So many plain automations of the site listen to a trigger from now on, instead of all that did."""
        engine = self.engines[site]
        for app in self.registry.apps_on(site):
            if trigger_key in app.triggers:
                engine.set_plain(app.app_id, trigger_key, count, engine.moment(now))

    def _client(self, request: Request) -> Caller:
        grant, client_id, secret, instance = (request.text(name) for name in TOKEN_FIELDS)
        if grant is None or client_id is None or secret is None or instance is None:
            raise oauth_refused(400, "invalid_request", f"Expected a JSON object with {', '.join(TOKEN_FIELDS)}")
        if grant != "client_credentials":
            raise oauth_refused(400, "unsupported_grant_type", "Only client_credentials is supported")
        app = self.registry.apps.get(client_id)
        if app is None or app.secret != secret:
            raise oauth_refused(self.switches.unknown_client_status, "invalid_client", "Unknown client or secret")
        if not self.registry.installed(client_id, instance):
            status, error = self.switches.unknown_instance_status, self.switches.unknown_instance_error
            raise oauth_refused(status, error, "The app is not installed on that instance")
        return Caller(client_id, instance)

    def _mint(self, caller: Caller, now: float) -> Answer:
        lifetime = self.switches.token_lifetime_seconds
        if self.switches.token_calls_count:
            self._budget.spend(caller, 1, now, self.switches)
        token = self.tokens.issue(caller, now + lifetime)
        return Answer(200, {"access_token": token, "token_type": "Bearer", "expires_in": lifetime})

    def _admit(self, request: Request, now: float) -> Caller:
        switches = self.switches
        caller = self.tokens.caller(request.authorization, now, bearer=switches.bearer_prefix_accepted)
        if not self.registry.installed(caller.app_id, caller.site):
            raise refused(403, "The app is not installed on the site")
        needed = NEEDED_SCOPES[switches.scope_list, request.route.reports]
        if needed.isdisjoint(self.registry.apps[caller.app_id].scopes):
            raise refused(403, "The app lacks a permission scope")
        cost = len(request.items) if switches.rate_counts_items else 1
        self._budget.spend(caller, cost, now, switches)
        return caller

    def _perform(self, caller: Caller, request: Request, now: float, bad_items: tuple[BadItem, ...]) -> Outcome:
        self._check(request)
        trigger_key = request.text("triggerKey") or ""
        work = Work(caller, request, trigger_key, self._schema(caller, trigger_key), self.switches, now)
        results = [self._triggered.perform(work, item, index, bad_items) for index, item in enumerate(request.items)]
        if request.route.bulk:
            return Outcome(bulk_answer(request, results, self.switches), results)
        return Outcome(single_answer(request, results[0], self.switches), results)

    def _check(self, request: Request) -> None:
        check_types(request, self.switches)
        violations = list(call_violations(request))
        if request.route.bulk and self.switches.bulk_violation_refuses_call:
            name = "eventsInfo" if request.route.reports else "externalEntityIds"
            for index, item in enumerate(request.items):
                violations += item_violations(item, request.route, self.switches, f"{name}[{index}].")
        if violations:
            raise violated(violations)

    def _schema(self, caller: Caller, trigger_key: str) -> Schema:
        schema = self.registry.apps[caller.app_id].triggers.get(trigger_key)
        if schema is None:
            foreign = self.registry.known_trigger(trigger_key)
            status = self.switches.foreign_trigger_status if foreign else self.switches.unknown_trigger_status
            raise refused(status, "No such trigger of this app")
        return schema
