"""An app's own back end, as far as Wix sees it: an address on loopback that hears webhooks."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class AppBackend:
    """An app's own server: answers by its script, and then 200. While `holds` is not set, it answers nothing."""

    statuses: list[int] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    types: list[str | None] = field(default_factory=list)
    holds: threading.Event | None = None

    def __post_init__(self) -> None:
        app = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                app.bodies.append(body.decode())
                app.types.append(self.headers["Content-Type"])
                if app.holds is not None:
                    app.holds.wait()
                self.send_response(app.statuses.pop(0) if app.statuses else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        if self.holds is not None:
            self.holds.set()
        self._server.shutdown()
        self._server.server_close()
