"""The sandbox as one thing: a Wix on loopback that can be started, watched, and made to misbehave."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

from flask import Blueprint, Flask
from werkzeug.serving import BaseWSGIServer, make_server

from tests.sandbox.wix.control import Control
from tests.sandbox.wix.engine.changes import Changes
from tests.sandbox.wix.engine.engine import Engine
from tests.sandbox.wix.engine.refreshing import Refresher
from tests.sandbox.wix.engine.runner import Runner
from tests.sandbox.wix.events import LiveEvent
from tests.sandbox.wix.faults import Faults
from tests.sandbox.wix.handler import Handler
from tests.sandbox.wix.journal import Journal
from tests.sandbox.wix.postman import ANSWER_WITHIN_SECONDS, Postman
from tests.sandbox.wix.registry import App, Site
from tests.sandbox.wix.signer import Signer
from tests.sandbox.wix.state import WixState
from tests.sandbox.wix.switches import Switches
from tests.sandbox.wix.wire import RequestHandler

LOOPBACK = "127.0.0.1"
POLL_SECONDS = 0.02


class WixSandbox:
    """A context manager around a real HTTP server in a background thread; safe to use from any thread.

    `clock` gives the seconds that tokens, keys and limits are measured by; a test may hand in its own. An app has
    `answer_within` seconds to answer a webhook: Wix's own 1.25 if nothing else is said. A call takes effect
    `effect_within` seconds after it was read, or never: so a slow machine does nothing later than a test allows for.
    """

    def __init__(
        self,
        apps: Iterable[App],
        sites: Iterable[Site],
        switches: Switches | None = None,
        clock: Callable[[], float] = time.time,
        answer_within: float = ANSWER_WITHIN_SECONDS,
        effect_within: float | None = None,
    ) -> None:
        self._lock = threading.RLock()
        self._clock = clock
        self.changes = Changes(self._lock)
        self.state = WixState(apps, sites, switches or Switches(), clock(), self.changes.add)
        self.runner = Runner(self.state.engines, self.changes, clock, lambda: self.state.switches)
        self.journal = Journal(self._lock)
        self.faults = Faults(self._lock)
        self.signer = Signer()
        self.postman = Postman(
            self.signer,
            self.changes.changed,
            self._moment,
            lambda: self.state.switches,
            answer_within=answer_within,
        )
        self._handler = Handler(self.state, self.journal, self.faults, clock, self._lock, effect_within)
        self._control = Control(self.state, self.runner, self.changes, self.journal, clock, self._lock)
        self._server: BaseWSGIServer | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def application(self) -> Flask:
        """The WSGI application: Wix's routes, and the sandbox's own."""
        return self._handler.application(self._control.blueprint())

    def start(self, port: int = 0) -> None:
        """Listen on a port of loopback (a free one by default) until `stop`."""
        self._handler.closing.clear()
        application = self.application()
        self._server = make_server(LOOPBACK, port, application, threaded=True, request_handler=RequestHandler)
        threading.Thread(
            target=self._server.serve_forever, args=(POLL_SECONDS,), name="wix-sandbox", daemon=True
        ).start()
        self.runner.start()
        self.postman.start()

    def stop(self) -> None:
        """Stop listening; calls that are being held are let go. Journal and state stay readable."""
        self.runner.stop()
        self.postman.stop()
        self._handler.closing.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def let_go(self) -> None:
        """Let go of all calls that are being held, whatever time they have left."""
        self._handler.let_go()

    @property
    def url(self) -> str:
        """The base URL that stands for Wix's host; only while it runs."""
        if self._server is None:
            message = "the Wix sandbox is not running"
            raise RuntimeError(message)
        return f"http://{LOOPBACK}:{self._server.server_port}"

    def live_events(self, site: str, trigger_key: str | None = None) -> list[LiveEvent]:
        """What is live at Wix now on a site: reported and not cancelled, oldest first."""
        with self._lock:
            return self.state.live_events(site, trigger_key, self._clock())

    def busiest_minute(self, site: str) -> int:
        """The most calls of a site that Wix has let in within any sixty seconds, to the moment."""
        with self._lock:
            return self.state.busiest_minute(site)

    @property
    def switches(self) -> Switches:
        """How Wix reads its own contract; may be set to another reading at any time."""
        return self.state.switches

    @switches.setter
    def switches(self, switches: Switches) -> None:
        with self._lock:
            self.state.switches = switches

    def add_site(self, site: Site) -> None:
        """A site more, with its apps and what comes preinstalled with them."""
        with self._lock:
            self.state.add_site(site, self._clock())

    def set_automations(self, site: str, trigger_key: str, count: int) -> None:
        """From now on so many plain automations of the site listen to the trigger, instead of all that did."""
        with self._lock:
            self.state.set_automations(site, trigger_key, count, self._clock())

    def engine(self, site: str) -> Engine:
        """The automations of a site, their activations and actions, to look at."""
        return self.state.engines[site]

    def set_refresher(self, app_id: str, refresher: Refresher) -> None:
        """From now on Wix asks this plugin of the app for the payload before a delayed action runs."""
        with self._lock:
            self.runner.refreshers[app_id] = refresher

    def change_secret(self, app_id: str, secret: str) -> None:
        """The app's secret is rotated: from now on only the new one gets tokens, and old tokens stay good."""
        with self._lock:
            self.state.registry.set_secret(app_id, secret)

    def remove_app(self, app_id: str, site: str) -> None:
        """The owner uninstalls the app: its tokens for the site get a 403, no new ones are issued, and it is told."""
        with self._lock:
            self.state.remove_app(app_id, site, self._clock())
            self.postman.happened("AppRemoved", app_id, site)

    def install_app(self, app_id: str, site: str) -> None:
        """The owner installs the app (again), and it is told; the site keeps its id, and good tokens work again."""
        with self._lock:
            self.state.install_app(app_id, site, self._clock())
            self.postman.happened("AppInstalled", app_id, site)

    def control_routes(self) -> Blueprint:
        """The sandbox's own routes once more, for the console's server to carry beside its page."""
        return self._control.blueprint()

    def expire_tokens(self, site: str | None = None) -> None:
        """All tokens issued so far, or those of one site, are worth nothing from now on."""
        with self._lock:
            self.state.tokens.expire(self._clock(), site)

    def _moment(self, site: str) -> float:
        return self.state.engines[site].moment(self._clock())
