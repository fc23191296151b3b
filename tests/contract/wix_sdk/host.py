"""Wix's own host name on loopback: a proxy behind which www.wixapis.com is the sandbox, down to its certificate.

A client that knows only the proxy and the authority sees no difference, and needs no change.
"""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

import trustme

from tests.support.waiting import PATIENCE_SECONDS

NAME = "www.wixapis.com"
LOOPBACK = "127.0.0.1"
# These are between two neighbours on the way, and say nothing of the answer (RFC 9110, 7.6.1).
HOP_BY_HOP = {"connection", "keep-alive", "content-length", "transfer-encoding"}


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it came out of the tunnel; names of headers are in small letters."""

    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> object:
        """The body as Wix reads it: every number is a double."""
        return json.loads(self.body, parse_int=float)


class WixHost:
    """A context manager; inside it, `proxy` leads to Wix's host, and `sent` grows with every request."""

    def __init__(self, sandbox: str, folder: Path) -> None:
        authority = trustme.CA()
        self.authority = folder / "authority.pem"
        authority.cert_pem.write_to_path(str(self.authority))
        self.sent: list[Sent] = []
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert(NAME).configure_cert(tls)
        self._server = _Server(tls, sandbox.removeprefix("http://"), self.sent)
        self.proxy = f"http://{LOOPBACK}:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), name="wix-host").start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def last(self) -> Sent:
        """The newest request."""
        return self.sent[-1]


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing waits for the tunnels

    def __init__(self, tls: ssl.SSLContext, sandbox: str, sent: list[Sent]) -> None:
        super().__init__((LOOPBACK, 0), _Tunnel)
        self.tls, self.sandbox, self.sent = tls, sandbox, sent


class _Tunnel(BaseHTTPRequestHandler):
    """One connection: first the proxy's CONNECT in the clear, then requests to Wix inside TLS."""

    protocol_version = "HTTP/1.1"
    timeout = PATIENCE_SECONDS
    server: _Server

    def do_CONNECT(self) -> None:
        if self.path != f"{NAME}:443":
            self.send_error(403)
            return
        self.send_response_only(200)
        self.end_headers()
        self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb")
        self.close_connection = False  # whatever the CONNECT said of the connection to the proxy

    def do_POST(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers["content-length"]))
        self.server.sent.append(Sent(f"https://{headers['host']}{self.path}", headers, body))
        sandbox = HTTPConnection(self.server.sandbox, timeout=PATIENCE_SECONDS)
        sandbox.request("POST", self.path, body, headers)
        answer = sandbox.getresponse()
        content = answer.read()
        sandbox.close()
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def finish(self) -> None:
        super().finish()
        self.connection.close()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""
