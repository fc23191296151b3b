"""The page's server: started beside the two sides, on loopback alone, and stopped with them."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

from flask import Flask
from werkzeug.serving import BaseWSGIServer, make_server

from tests.sandbox.console.feed import Feed
from tests.sandbox.console.guard import guard
from tests.sandbox.console.ours import OurSide
from tests.sandbox.console.routes import Routes
from tests.sandbox.console.streams import Streams
from tests.sandbox.console.watchers import Watchers
from tests.sandbox.wix import WixSandbox
from tests.sandbox.wix.server import LOOPBACK, POLL_SECONDS
from tests.sandbox.wix.wire import RequestHandler


class Console:
    """A context manager around the server; `url` is what a browser is to open."""

    def __init__(self, wix: WixSandbox, ours: OurSide) -> None:
        self.feed = Feed()
        self._watchers = Watchers(self.feed, wix, ours)
        self._wix = wix
        self._streams = Streams(self.feed, self._watchers)
        self._routes = Routes(self.feed, self._streams, wix, ours)
        self._server: BaseWSGIServer | None = None

    def __enter__(self) -> Self:
        application = Flask(__name__, static_folder="page", static_url_path="/page")
        server = make_server(LOOPBACK, 0, application, threaded=True, request_handler=RequestHandler)
        application.json.sort_keys = False  # type: ignore[attr-defined] # a schema is read in its own order
        guard(application, server.server_port)
        application.register_blueprint(self._routes.blueprint())
        application.register_blueprint(self._wix.control_routes())
        self._server = server
        threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), name="console", daemon=True).start()
        self._watchers.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._watchers.stop()
        if self._server is not None:
            self._server.shutdown()
            self.cut()
            self._server.server_close()
            self._server = None

    def cut(self) -> None:
        """Cut all streams off, as a network might."""
        self._streams.end()

    @property
    def url(self) -> str:
        """The page's address; only while it runs."""
        if self._server is None:
            raise RuntimeError("the console is not running")
        return f"http://{LOOPBACK}:{self._server.server_port}/"
